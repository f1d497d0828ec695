"""The conditions of a Run. Succeeded is what `kubectl wait` waits for; others remember what was declared or ran out."""

from dataclasses import dataclass
from datetime import datetime

from headgate.api.common import Condition, ConditionStatus
from headgate.api.run import Phase, Run, RunStatus
from headgate.lifecycle import moments
from headgate.lifecycle.case import Intent
from headgate.lifecycle.status.story import Story

SUCCEEDED = "Succeeded"
PAUSED = "Paused"
TIMED_OUT = "DeadlineExceeded"

_FINAL = {
    Phase.SUCCEEDED: ConditionStatus.TRUE,
    Phase.FAILED: ConditionStatus.FALSE,
    Phase.CANCELLED: ConditionStatus.FALSE,
    Phase.TIMED_OUT: ConditionStatus.FALSE,
}


def has_condition(status: RunStatus, type_: str) -> bool:
    return any(one.type == type_ and one.status is ConditionStatus.TRUE for one in status.conditions)


def conditions_of(run: Run, old: RunStatus, story: Story, intent: Intent, now: datetime) -> tuple[Condition, ...]:
    writer = _Writer(old, now, run.metadata.generation)
    status = _FINAL.get(story.phase, ConditionStatus.UNKNOWN)
    found = [writer.write(SUCCEEDED, status, story.reason, story.message)]
    if intent is Intent.PAUSE:
        by = f" by {run.spec.declared_by}" if run.spec.declared_by else ""
        found.append(writer.write(PAUSED, ConditionStatus.TRUE, "Declared", f"declared{by}"))
    if intent is Intent.TIME_OUT:
        message = "the time that the Run may work is over"
        found.append(writer.write(TIMED_OUT, ConditionStatus.TRUE, "Timeout", message))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Writer:
    old: RunStatus
    now: datetime
    generation: int | None

    def write(self, type_: str, status: ConditionStatus, reason: str, message: str) -> Condition:
        before = next((one for one in self.old.conditions if one.type == type_), None)
        is_new = before is None or before.status is not status
        return Condition(
            type=type_,
            status=status,
            reason=reason,
            message=message,
            last_transition_time=moments.spell(self.now) if is_new or before is None else before.last_transition_time,
            observed_generation=self.generation,
        )
