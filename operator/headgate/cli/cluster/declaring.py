"""Changes what people declare of a Run: `spec.state` and `spec.attempt`. Who did it is stamped by admission."""

from typing import Any

from headgate.api.run import Phase, Run, State
from headgate.cli.cluster.session import Session, StoppedError
from headgate.cli.cluster.showing import EXIT_CODES
from headgate.kube.kinds import RUN


async def raise_attempt(session: Session, run: Run) -> int:
    """What failed runs again in this Run; gives the number of the attempt."""
    phase = run.status.phase if run.status else None
    if phase is Phase.SUCCEEDED:
        raise StoppedError(f"{run.metadata.name} succeeded: nothing failed that could run again")
    if phase not in EXIT_CODES:
        raise StoppedError(f"{run.metadata.name} has not ended ({phase or 'not started'}): wait, or stop it first")
    attempt = run.spec.attempt + 1
    await patch_spec(session, run, {"attempt": attempt, "state": str(State.RUNNING)})
    return attempt


async def patch_spec(session: Session, run: Run, change: dict[str, Any]) -> None:
    """Of the Run as it was read: if it changed meanwhile, that is a conflict, and is told."""
    patch = {"metadata": {"resourceVersion": run.metadata.resource_version}, "spec": change}
    await session.client.patch(RUN, run.metadata.name or "", session.namespace, patch)
