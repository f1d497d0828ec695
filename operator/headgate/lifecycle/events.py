"""What people are told at the moments they care about: the difference of two statuses, as Events."""

from collections.abc import Iterator

from headgate.api.run import LegStatus, NodePhase, Phase, RunStatus
from headgate.lifecycle.actions import EventType, RecordEvent
from headgate.lifecycle.case import Case
from headgate.lifecycle.facts import Facts
from headgate.lifecycle.status.conditions import SUCCEEDED
from headgate.lifecycle.status.story import ARGO_SILENT
from headgate.lifecycle.tidy import line

_FINAL = frozenset({Phase.SUCCEEDED, Phase.FAILED, Phase.CANCELLED, Phase.TIMED_OUT})
MAX_MESSAGE = 900
"""An Event takes 1,024 bytes."""


def events_of(case: Case, facts: Facts, old: RunStatus, new: RunStatus) -> Iterator[RecordEvent]:
    if old.revision is None:
        by = f", requested by {case.spec.requester}" if case.spec.requester else ""
        yield _event("Started", f"Revision {new.revision}{by}")
    elif (old.attempt or 1) < (new.attempt or 1):
        by = f", declared by {case.spec.declared_by}" if case.spec.declared_by else ""
        yield _event("StartedAgain", f"Attempt {new.attempt}{by}")
    before = {leg.number: leg.phase for leg in old.legs}
    for leg in new.legs:
        if before.get(leg.number) is not leg.phase and leg.phase in (NodePhase.SUCCEEDED, NodePhase.FAILED):
            yield _leg(case, leg)
    for view in case.views:
        if view.is_foreign:
            told = f"{view.name} is there already and is not leg {view.number}: its work goes into another leg"
            yield _event("ForeignLeg", told, bad=True)
        if view.is_given_up:
            told = f"leg {view.number} is given up and deleted: Argo was to end it, and has not"
            yield _event("LegGivenUp", told, bad=True)
    if _reason(new) == ARGO_SILENT != _reason(old):
        yield _event(ARGO_SILENT, new.message or "", bad=True)
    yield from _asked(facts, old)
    if new.phase in _FINAL and old.phase is not new.phase:
        yield _event(str(new.phase), new.message or "", bad=new.phase is not Phase.SUCCEEDED)


def _reason(status: RunStatus) -> str | None:
    return next((one.reason for one in status.conditions if one.type == SUCCEEDED), None)


def _leg(case: Case, leg: LegStatus) -> RecordEvent:
    view = next((one for one in case.views if one.number == leg.number), None)
    told = view.told if view is not None else {}
    names = list(dict.fromkeys(instance.node for instance in told if not instance.prepare and instance.node[0] != "$"))
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    seconds = sum(one.entry.seconds or 0 for one in told.values())
    message = f"Leg {leg.number}: {', '.join(names[:5]) or 'nothing ran'}{more} ({round(seconds)}s)"
    bad = leg.phase is NodePhase.FAILED
    return _event("LegFailed" if bad else "LegSucceeded", message, bad=bad)


def _asked(facts: Facts, old: RunStatus) -> Iterator[RecordEvent]:
    """A gate, or a failure, that somebody or something is waited for from now on."""
    for name, waiting in (*facts.gates.items(), *facts.questions.items()):
        before = old.nodes.get(name)
        was_asked = before is not None and before.phase is NodePhase.WAITING and before.request == waiting.request
        if waiting.end is None and not was_asked:
            yield _event("Waiting", f"{name}: {waiting.asks or waiting.message}")


def _event(reason: str, message: str, *, bad: bool = False) -> RecordEvent:
    return RecordEvent(EventType.WARNING if bad else EventType.NORMAL, reason, line(message, MAX_MESSAGE))
