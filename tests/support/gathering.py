"""What a gatherer would read of a World about one Run."""

from typing import TYPE_CHECKING, Any

from headgate.api.approvalrequest import ApprovalRequest
from headgate.api.run import Run
from headgate.compiler.emit.identity import CLAIMS, LEG, RUN_UID
from headgate.kube.siblings import read_sibling
from headgate.lifecycle.observed import Kept, Observed, ObservedLeg, ObservedPod, OldRun, Sibling
from headgate.lifecycle.pinned import REVISION
from headgate.names import child_name
from support.legs import Leg

if TYPE_CHECKING:
    from support.world import World


def observe(world: "World", run: Run, *, fresh: bool) -> Observed:
    revision = run.status.revision if run.status and run.status.revision else run.metadata.labels.get(REVISION)
    owner = next((one.name for one in run.metadata.owner_references if one.kind == "Run"), None)
    uid = run.metadata.uid or ""
    return Observed(
        run=run,
        catalogue=world.catalogue,
        settings=world.settings,
        pinned=_revision(world, run.spec.workflow, revision),
        legs=tuple(_leg(leg) for leg in world.legs.values() if leg.run_uid == uid),
        kept=_kept(world, uid),
        requests=tuple(_requests(world, uid)),
        children=_children(world, uid),
        parent=Run.model_validate(world.runs[owner]) if owner in world.runs else None,
        siblings=tuple(_siblings(world, run)),
        old=_old(world, run),
        is_fresh=fresh,
        hears_since=world.hears_since,
        guard=world.guard,
    )


def _revision(world: "World", workflow: str, revision: str | None) -> Any:
    labels, content = world.revisions.get(child_name(workflow, revision or ""), ({}, None))
    return content if labels.get(REVISION) == revision else None


def _leg(leg: Leg) -> ObservedLeg:
    metadata = leg.manifest["metadata"]
    pods = {
        position: ObservedPod(
            pod.phase,
            pod.message,
            dict(pod.outputs),
            started_at=pod.started_at,
            ended_at=pod.ended_at,
            was_placed=pod.was_placed,
            due_at=pod.due_at,
            synced=pod.synced,
        )
        for position, pod in leg.pods.items()
    }
    return ObservedLeg(
        name=leg.name,
        uid=leg.uid,
        number=int(metadata["labels"][LEG]),
        run_uid=leg.run_uid,
        claims=metadata["annotations"][CLAIMS],
        phase=leg.phase,
        pods=pods,
        suspended=leg.suspended,
        shutdown=leg.shutdown,
        shut_down_at=leg.shut_down_at,
        resumed_at=leg.resumed_at,
        created_at=leg.created_at,
        started_at=leg.created_at,
        ended_at=leg.ended_at,
    )


def _kept(world: "World", uid: str) -> tuple[Kept, ...]:
    found = ((name, *one) for name, one in world.secrets.items() if one[0][RUN_UID] == uid)
    return tuple(Kept(name, int(labels[LEG]), dict(data)) for name, labels, data in found)


def _requests(world: "World", uid: str) -> list[ApprovalRequest]:
    owned = (one for one in world.requests.values() if one["metadata"]["ownerReferences"][0]["uid"] == uid)
    return [ApprovalRequest.model_validate(one) for one in owned]


def _children(world: "World", uid: str) -> tuple[Run, ...]:
    runs = world.runs.values()
    owned = (run for run in runs if any(o["uid"] == uid for o in run["metadata"].get("ownerReferences", ())))
    return tuple(Run.model_validate(run) for run in owned)


def _siblings(world: "World", run: Run) -> list[Sibling]:
    others = (one for one in world.runs.values() if one["spec"]["workflow"] == run.spec.workflow)
    return [read_sibling(one) for one in others if one["metadata"]["uid"] != run.metadata.uid]


def _old(world: "World", run: Run) -> OldRun | None:
    if run.spec.from_ is None or run.spec.from_.run not in world.runs:
        return None
    old = Run.model_validate(world.runs[run.spec.from_.run])
    uid = old.metadata.uid or ""
    pinned = _revision(world, old.spec.workflow, old.status.revision if old.status else None)
    return OldRun(old, pinned, _kept(world, uid), _children(world, uid))
