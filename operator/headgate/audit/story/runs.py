"""What a Run tells: who asked for it, what people declared, what it keeps to, how it ended. Asked by the recorder.

Of inputs and outputs only digests are told. Messages are left out: they can hold what a node has read.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from headgate.audit.entry import Action, Actor, Fact, Scalar
from headgate.lifecycle.children import FINAL

RUN = "Run"
HEADGATE = "headgate"
_CREATED = frozenset({"Running", "Succeeded", "Failed"})

Object = Mapping[str, Any]


def facts_of_run(run: Object) -> Iterator[Fact]:
    spec, status, metadata = run["spec"], run.get("status") or {}, run["metadata"]
    yield _created(run)
    generation = metadata.get("generation") or 1
    if generation > 1 and spec.get("declaredBy"):
        wanted: dict[str, Scalar] = {"attempt": spec.get("attempt", 1), "generation": generation}
        yield about_run(
            run,
            Action.RUN_DECLARED,
            f"declared/{generation}",
            who=spec["declaredBy"],
            outcome=spec.get("state", "Running"),
            detail=wanted,
        )
    attempt = status.get("attempt") or 1
    if status.get("revision"):
        yield about_run(
            run,
            Action.RUN_STARTED,
            f"started/{attempt}",
            at=status.get("startedAt", "") if attempt == 1 else "",
            detail={"revision": status["revision"], "attempt": attempt},
        )
    for leg in status.get("legs") or ():
        if leg["phase"] in _CREATED:
            yield leg_started(run, leg["number"], leg["argo"])
    if status.get("phase") in FINAL:
        yield _ended(run, status, attempt)


def _created(run: Object) -> Fact:
    spec, metadata = run["spec"], run["metadata"]
    detail: dict[str, Scalar] = {"workflow": spec.get("workflow", "")}
    detail |= {name: spec[name] for name in ("environment",) if name in spec}
    if spec.get("from"):
        detail["from"] = spec["from"].get("run", "")
        detail["restart"] = list(spec["from"].get("restart") or ())
        detail["skip"] = list(spec["from"].get("skip") or ())
    parent = next((one["name"] for one in metadata.get("ownerReferences") or () if one.get("kind") == RUN), None)
    if parent is not None:
        detail["parent"] = parent
    return about_run(
        run,
        Action.RUN_CREATED,
        "created",
        at=metadata.get("creationTimestamp", ""),
        who=spec.get("requester", ""),
        detail=detail,
        documents={"inputs": spec.get("inputs") or {}},
    )


def _ended(run: Object, status: Object, attempt: int) -> Fact:
    reason = next((one.get("reason", "") for one in status.get("conditions") or () if one["type"] == "Succeeded"), "")
    return about_run(
        run,
        Action.RUN_ENDED,
        f"ended/{attempt}",
        at=status.get("endedAt", ""),
        outcome=status["phase"],
        detail={"reason": reason, "attempt": attempt, "progress": status.get("progress", "")},
        documents={"outputs": status.get("outputs") or {}},
    )


def leg_started(run: Object, number: int, name: str, **detail: Scalar) -> Fact:
    return about_run(
        run, Action.LEG_STARTED, f"leg/{number}", outcome=str(number), detail={"argo": name, **detail}, by_headgate=True
    )


def run_deleted(run: Object, why: str = "") -> Fact:
    """`why`: Headgate itself did it."""
    detail: dict[str, Scalar] = {"why": why} if why else {}
    return about_run(run, Action.RUN_DELETED, "deleted", detail=detail, by_headgate=bool(why))


def about_run(run: Object, action: Action, key: str, *, who: str = "", by_headgate: bool = False, **more: Any) -> Fact:
    metadata = run["metadata"]
    is_ours = by_headgate or action in (Action.RUN_STARTED, Action.RUN_ENDED)
    return Fact(
        action,
        key,
        RUN,
        metadata["name"],
        metadata["uid"],
        metadata.get("namespace", ""),
        who=HEADGATE if is_ours else who,
        actor=Actor.HEADGATE if is_ours else Actor.USER if who else Actor.UNKNOWN,
        run=metadata["name"],
        **more,
    )
