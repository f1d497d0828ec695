"""A Run as others of its workflow see it. Read by the operator and by local Runs alike."""

from typing import Any

from headgate.api.run import State
from headgate.kube.kinds import RUN, Object
from headgate.kube.times import read_time
from headgate.lifecycle.actions import is_tracked
from headgate.lifecycle.again import asks_again
from headgate.lifecycle.observed import Sibling


def read_sibling(run: Object) -> Sibling:
    metadata: dict[str, Any] = run["metadata"]
    status: dict[str, Any] = run.get("status") or {}
    state: str = run["spec"].get("state", State.RUNNING)
    is_over = not asks_again(state, run["spec"].get("attempt"), status.get("attempt"))
    ended = status.get("endedAt") if is_over else None
    owners = metadata.get("ownerReferences") or ()
    return Sibling(
        name=metadata["name"],
        uid=metadata["uid"],
        created_at=read_time(metadata["creationTimestamp"]),
        phase=status.get("phase", ""),
        ended_at=read_time(ended) if ended else None,
        is_child=any(one.get("kind") == RUN.name and one.get("controller") for one in owners),
        may_start=state == State.RUNNING and not metadata.get("deletionTimestamp"),
        is_tracked=is_tracked(metadata.get("labels") or {}, metadata.get("annotations") or {}),
    )
