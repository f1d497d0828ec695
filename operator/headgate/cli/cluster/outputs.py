"""Finds what a node gave, wherever it is: in the Secrets that the operator made of the Run's legs, in what people
answered, in child Runs, or in the artifact store. `output` asks.
"""

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from headgate.api.approvalrequest import ApprovalRequest, Question
from headgate.api.run import NodePhase, NodeStatus, Run
from headgate.api.run import Phase as RunPhase
from headgate.cli.cluster.people import fetch_corrector
from headgate.cli.cluster.reading import as_thing
from headgate.cli.cluster.session import Session, StoppedError
from headgate.cli.cluster.store import Ways, fetch_document
from headgate.compiler.emit.identity import LEG, RUN_UID
from headgate.compiler.known import Instance
from headgate.kube.errors import ForbiddenError
from headgate.kube.kinds import APPROVAL_REQUEST, RUN, SECRET, Object
from headgate.lifecycle import entries
from headgate.lifecycle.approvals.asking import given_by
from headgate.lifecycle.approvals.voting import read_decided
from headgate.lifecycle.children import NODE, PARENT, name_under
from headgate.lifecycle.observed import ENTRIES
from headgate_lang import documents
from headgate_lang.report import MAX_FAILED_ITEMS, Entry, Phase
from headgate_lang.strict import MalformedError


@dataclass(frozen=True, slots=True)
class _Place:
    """A document, or where one lies in the store."""

    text: str | None = None
    store: str = ""
    lost: int | None = None
    """Or the bytes that it had, of which none are anywhere."""


@dataclass
class _Kept:
    """What the Secrets of a Run hold of one node. Later legs come over earlier ones."""

    whole: _Place | None = None
    items: dict[int, _Place] = field(default_factory=dict)
    failed: dict[int, Any] = field(default_factory=dict)


async def fetch_output(session: Session, run: Run, node: str, ways: Ways) -> Any:
    """Raises StoppedError where there is none, or it may not be read, saying why."""
    status = run.status.nodes[node] if run.status else None
    if status is None or status.phase is not NodePhase.SUCCEEDED:
        raise StoppedError(f"{node} gave nothing: it is {status.phase if status else 'not started'}")
    if status.request:
        return await _answer(session, status)
    if status.child:
        child = await session.client.get(RUN, status.child, session.namespace)
        return (child.get("status") or {}).get("outputs") or {}
    skip = run.spec.from_.skip.get(node) if run.spec.from_ else None
    if skip is not None and skip.output is not None and not status.since:
        return skip.output
    kept = _read(await _secrets(session, run), node, status)
    if kept.whole is not None:
        return await _value(session, kept.whole, ways)
    total = status.items.total if status.items else 0
    children = await _children(session, run, node, status, total) if status.items and not kept.items else {}
    if kept.items or kept.failed or children or (status.items is not None and total == 0):
        return await _together(session, kept, children, ways)
    raise StoppedError(
        f"what {node} gave is not kept yet: its part of the graph still runs; try again when it has ended"
    )


async def _secrets(session: Session, run: Run) -> list[Object]:
    try:
        return await session.client.list_all(SECRET, session.namespace, labels=f"{RUN_UID}={run.metadata.uid}")
    except ForbiddenError:
        raise StoppedError(
            "outputs of nodes lie in Secrets, which you may not read: ask for `list` and `get` on Secrets in namespace "
            f"{session.namespace}"
        ) from None


async def _together(session: Session, kept: _Kept, children: Mapping[int, Run], ways: Ways) -> dict[str, Any]:
    """What expressions read of a loop (LANGUAGE §3.5). Items that ran in one pod have their outputs in one document."""
    read: dict[_Place, Any] = {}
    outputs = dict[int, Any]()
    for index, place in kept.items.items():
        if place not in read:
            read[place] = await _value(session, place, ways)
        outputs[index] = read[place].get(str(index)) if isinstance(read[place], dict) else None
    failed = dict(kept.failed)
    for index, child in children.items():
        phase = child.status.phase if child.status else None
        if child.status is not None and phase is RunPhase.SUCCEEDED:
            outputs[index] = dict(child.status.outputs)
        elif child.status is not None:
            reason = next((one.reason for one in child.status.conditions if one.type == "Succeeded"), str(phase))
            message = f"{child.metadata.name}: {child.status.message or phase}"
            failed[index] = {"index": index, "error": {"reason": reason, "message": message, "attempts": 1}}
    return {
        "outputs": [outputs[index] for index in sorted(outputs)],
        "failed": [failed[index] for index in sorted(failed)[:MAX_FAILED_ITEMS]],
    }


async def _children(session: Session, run: Run, node: str, status: NodeStatus, total: int) -> Mapping[int, Run]:
    """The child Runs of a loop, by index."""
    labels = f"{PARENT}={run.metadata.name},{NODE}={node}"
    there = {
        one["metadata"]["name"]: one for one in await session.client.list_all(RUN, session.namespace, labels=labels)
    }
    names = {
        name_under(run.metadata.name or "", Instance(node, index), status.since or 0, is_ambiguous=is_ambiguous): index
        for index in range(total)
        for is_ambiguous in (False, True)
    }
    return {index: as_thing(Run, there[name]) for name, index in names.items() if name in there}


async def _value(session: Session, place: _Place, ways: Ways) -> Any:
    if place.text is not None:
        return documents.decode(place.text)
    if place.lost is not None:
        raise StoppedError(
            f"the output had {place.lost:,} bytes, too many to be kept, and was read only in the pod that made it: "
            "let a node there store it, or give a part of it"
        )
    text = await fetch_document(session, place.store, ways)
    try:
        return documents.decode(text.decode())
    except (UnicodeDecodeError, documents.DocumentError) as error:
        raise StoppedError(f"what the artifact store has under {place.store} is no document: {error}") from None


async def _answer(session: Session, status: NodeStatus) -> dict[str, Any]:
    """What people approved or answered, or gave in place of a node that had failed."""
    thing = await session.client.get(APPROVAL_REQUEST, status.request or "", session.namespace)
    request = as_thing(ApprovalRequest, thing)
    outcome = read_decided(request, await fetch_corrector(session, request))
    if outcome is None:
        raise StoppedError(f"{request.metadata.name} is not decided yet")
    if request.spec.type is Question.RECOVERY:
        return dict(outcome.values)
    return given_by(outcome, request.spec.type, request.spec.binding.form)


def _read(secrets: Iterable[Object], node: str, status: NodeStatus) -> _Kept:
    kept = _Kept()
    for secret in sorted(secrets, key=_leg_of):
        if _leg_of(secret) >= (status.since or 0):
            _take(secret, node, kept)
    return kept


def _leg_of(secret: Object) -> int:
    text = (secret["metadata"].get("labels") or {}).get(LEG, "")
    return int(text) if text.isdecimal() else 0


def _take(secret: Object, node: str, kept: _Kept) -> None:
    data: Mapping[str, str] = secret.get("data") or {}
    try:
        told = entries.decode(_text(data[ENTRIES])).told
    except (KeyError, MalformedError):
        return  # no Secret of the operator's
    for path, one in told.items():
        instance = Instance.parse(path)
        if instance.node != node or instance.prepare:
            continue
        if instance.index is None:
            if one.entry.phase is Phase.SUCCEEDED:
                kept.whole = _place(data, one)
        elif one.entry.phase is Phase.SUCCEEDED:
            kept.failed.pop(instance.index, None)
            kept.items[instance.index] = _place(data, one)
        elif one.entry.phase is Phase.FAILED:
            kept.failed[instance.index] = _failed(instance.index, one.entry)


def _failed(index: int, entry: Entry) -> dict[str, Any]:
    error = {"reason": entry.reason, "message": entry.message, "attempts": max(entry.attempts, 1)}
    return {"index": index, "item": entry.item, "error": error}


def _place(data: Mapping[str, str], one: entries.KeptEntry) -> _Place:
    if one.key is None or one.key not in data:
        return _Place(store=one.store or "", lost=None if one.entry.is_kept else one.entry.size or 0)
    return _Place(_text(data[one.key]))


def _text(encoded: str) -> str:
    return base64.b64decode(encoded).decode()
