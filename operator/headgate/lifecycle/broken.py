"""A Run that ends, or waits, without a plan: refused, queued, or with what it stood on gone."""

from datetime import datetime, timedelta

from headgate.api.run import LegStatus, NodePhase, Phase, Run, RunStatus, State
from headgate.lifecycle import moments
from headgate.lifecycle.actions import (
    Action,
    Decision,
    DeclareChildState,
    DeleteLeg,
    EventType,
    RecordEvent,
    WriteStatus,
)
from headgate.lifecycle.approvals.cancelling import cancel
from headgate.lifecycle.approvals.finding import policy_of
from headgate.lifecycle.case import Intent
from headgate.lifecycle.children import has_ended
from headgate.lifecycle.legview import ENDED
from headgate.lifecycle.observed import Observed
from headgate.lifecycle.starting import Queued, Refused
from headgate.lifecycle.status import bounds
from headgate.lifecycle.status.conditions import conditions_of
from headgate.lifecycle.status.story import Story
from headgate.lifecycle.tidy import line, word

LOOK_AGAIN = timedelta(minutes=1)
"""At the queue: that another Run has ended is told by its own events, too."""
LOOK_AGAIN_SOON = timedelta(seconds=1)


def refuse(observed: Observed, why: Refused, now: datetime, *, cancelled: bool = False) -> Decision:
    phase = Phase.CANCELLED if cancelled else Phase.FAILED
    return _end(observed, Story(phase, word(why.reason, "InvalidRun"), line(why.message)), now)


def break_off(observed: Observed, reason: str, message: str, now: datetime) -> Decision:
    """Nobody knows any more what may run: nothing does, in no part of it either, and nobody is asked."""
    decision = _end(observed, Story(Phase.FAILED, reason, line(message)), now)
    uid = observed.run.metadata.uid or ""
    legs = [DeleteLeg(leg.name, leg.uid) for leg in observed.legs if leg.run_uid == uid and not leg.deleting]
    owned = [one for one in observed.requests if one.metadata.is_part_of(uid)]
    looked = ((one, policy_of(observed, one)) for one in owned)
    cancelled = [action for one, policy in looked if (action := cancel(one, line(message), now, policy)) is not None]
    parts = [_terminated(one) for one in observed.children if one.metadata.is_part_of(uid) and not has_ended(one)]
    return Decision((*cancelled, *parts, *decision.actions, *legs), decision.wake_at)


def _terminated(part: Run) -> DeclareChildState:
    metadata, acted = part.metadata, part.spec.acted_by
    version = metadata.resource_version or ""
    return DeclareChildState(metadata.name or "", metadata.uid or "", version, State.TERMINATED, acted)


def wait_in_queue(observed: Observed, why: Queued, now: datetime) -> Decision:
    story = Story(Phase.PENDING, "Queued", line(why.message))
    old = observed.run.status or RunStatus()
    status = RunStatus(
        phase=story.phase,
        message=story.message,
        conditions=conditions_of(observed.run, old, story, Intent.GO, now),
    )
    return Decision(
        _write(observed, status, urgent=False), wake_at=now + (LOOK_AGAIN_SOON if why.briefly else LOOK_AGAIN)
    )


def _end(observed: Observed, story: Story, now: datetime) -> Decision:
    old = observed.run.status or RunStatus()
    said = {
        "phase": story.phase,
        "message": story.message,
        "ended_at": moments.spell(now),
        "attempt": observed.run.spec.attempt,
        "legs": tuple(_ended(leg) for leg in old.legs),
        "conditions": conditions_of(observed.run, old, story, Intent.GO, now),
    }
    event = RecordEvent(EventType.WARNING, str(story.phase), line(f"{story.reason}: {story.message}", 900))
    return Decision((*_write(observed, bounds.bound(old.model_copy(update=said)), urgent=True), event), wake_at=now)


def _ended(leg: LegStatus) -> LegStatus:
    return leg if leg.phase in ENDED else leg.model_copy(update={"phase": NodePhase.FAILED, "claims": ()})


def _write(observed: Observed, status: RunStatus, *, urgent: bool) -> tuple[Action, ...]:
    if observed.run.status is not None and bounds.plain(observed.run.status) == bounds.plain(status):
        return ()
    return (WriteStatus(observed.run.metadata.resource_version or "", bounds.plain(status), urgent),)
