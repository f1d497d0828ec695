"""A Run as others of its workflow see it. Read by the operator and by local Runs alike."""

from typing import Any

from headgate.api.run import State
from headgate.kube.kinds import RUN, Object
from headgate.kube.times import read_time
from headgate.lifecycle.actions import is_tracked
from headgate.lifecycle.observed import Sibling


def read_sibling(run: Object) -> Sibling:
    metadata: dict[str, Any] = run["metadata"]
    status: dict[str, Any] = run.get("status") or {}
    ended = None if _asks_again(run["spec"], status) else status.get("endedAt")
    owners = metadata.get("ownerReferences") or ()
    return Sibling(
        name=metadata["name"],
        uid=metadata["uid"],
        created_at=read_time(metadata["creationTimestamp"]),
        phase=status.get("phase", ""),
        ended_at=read_time(ended) if ended else None,
        is_child=any(one.get("kind") == RUN.name and one.get("controller") for one in owners),
        may_start=run["spec"].get("state", State.RUNNING) == State.RUNNING and not metadata.get("deletionTimestamp"),
        is_tracked=is_tracked(metadata.get("labels") or {}, metadata.get("annotations") or {}),
    )


def _asks_again(spec: dict[str, Any], status: dict[str, Any]) -> bool:
    """It is about to run again: nothing of it has ended, whatever its status says still."""
    attempt: int = spec.get("attempt") or 1
    return attempt > (status.get("attempt") or 1) and spec.get("state", State.RUNNING) == State.RUNNING
