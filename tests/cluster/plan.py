"""Decides what to start, stop or wait for, given what was observed. Pure; `supervisor` observes and acts.

The same decision serves a first start, a repair after a kill, a change of configuration and a cluster that is fine.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from cluster.component import Component, Step
from cluster.errors import ComponentError

ATTEMPTS = 3


class Life(Enum):
    """What is known of a step."""

    ABSENT = "absent"  # no process, or a task not done
    WAITING = "waiting"  # a process that is not ready, or a task that is being done
    READY = "ready"


@dataclass(frozen=True)
class Observation:
    """A step as it was found."""

    life: Life
    started: float = 0.0
    """When its process was started, in seconds since the epoch."""
    current: bool = True
    """Whether the process runs with today's command and files."""
    reason: str = ""
    attempts: int = 0
    """How often this run of the command has started it."""
    waited: float = 0.0
    """Seconds since this run of the command first saw it alive and not ready."""


@dataclass(frozen=True)
class Plan:
    """What to do now. Nothing to do and nothing pending means that the cluster is ready."""

    stop: tuple[str, ...] = ()
    start: tuple[str, ...] = ()
    pending: tuple[str, ...] = ()

    @property
    def settled(self) -> bool:
        return not (self.stop or self.start or self.pending)


def decide(steps: Sequence[Step], seen: Mapping[str, Observation]) -> Plan:
    stop, start, pending = [], [], []
    needs = close_needs(steps)
    for step in steps:
        now = seen[step.name]
        if _must_stop(step, now, seen):
            stop.append(step.name)
        elif now.life is Life.WAITING:
            pending.append(step.name)
        elif now.life is Life.ABSENT:
            if all(seen[need].life is Life.READY and need not in stop for need in needs[step.name]):
                start.append(step.name)
            else:
                pending.append(step.name)
    return Plan(tuple(stop), tuple(start), tuple(pending))


def close_needs(steps: Sequence[Step]) -> dict[str, set[str]]:
    """What each step needs, and what that needs in turn: a task long done says nothing of what it was done with."""
    needs = {step.name: set(step.needs) for step in steps}
    while True:
        wider = {name: direct.union(*(needs[need] for need in direct)) for name, direct in needs.items()}
        if wider == needs:
            return needs
        needs = wider


def _must_stop(step: Step, now: Observation, seen: Mapping[str, Observation]) -> bool:
    """A process that is out of date, older than what it depends on, or not getting ready is started afresh."""
    if not isinstance(step, Component) or now.life is Life.ABSENT:
        return False
    if not now.current:
        return True
    if any(seen[other].life is not Life.ABSENT and seen[other].started > now.started for other in step.after):
        return True
    return now.life is Life.WAITING and now.waited > step.patience


def check_attempts(step: Step, now: Observation, said: str) -> None:
    """A step that was started three times in one run and still is not there will not come by itself."""
    if now.attempts < ATTEMPTS:
        return
    raise ComponentError(
        f"{step.name} did not become ready in {now.attempts} attempts ({now.reason or 'it ended'}): "
        f"read its log with `make cluster-logs C={step.name}`, mend the cause and run `make cluster` again.{said}"
    )


def order_steps(steps: Sequence[Step]) -> list[Step]:
    """Needs before what needs them, otherwise as listed; a need that nobody provides is a mistake of ours."""
    names = {step.name for step in steps}
    ordered: list[Step] = []
    placed: set[str] = set()
    left = list(steps)
    while left:
        free = [step for step in left if set(step.needs) & names <= placed]
        unknown = {need for step in left for need in step.needs} - names
        if not free or unknown:
            raise ComponentError(f"The components' needs cannot be met: {sorted(unknown) or [s.name for s in left]}.")
        ordered += free
        placed |= {step.name for step in free}
        left = [step for step in left if step.name not in placed]
    return ordered
