"""A Run that has ended: what is left of its legs goes, and in time the Run itself and older ones of its workflow."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from headgate.api.run import Phase, RunStatus
from headgate.lifecycle import moments
from headgate.lifecycle.actions import Action, Decision, DeleteLeg, DeleteRun, is_tracked
from headgate.lifecycle.children import is_part
from headgate.lifecycle.notices.due import is_settled
from headgate.lifecycle.observed import Observed, Sibling
from headgate_lang import durations

_LET_TELL = timedelta(minutes=1)


def after_end(observed: Observed, status: RunStatus, now: datetime) -> Decision:
    metadata = observed.run.metadata
    wakes: list[datetime] = []
    actions: list[Action] = []
    names = {leg.argo for leg in status.legs}
    for leg in observed.legs:
        if leg.run_uid == metadata.uid and leg.name in names and not leg.deleting:
            keeps = observed.settings.keep_legs if leg.has_ended else 0.0
            due = moments.shift(leg.ended_at or now, keeps)
            actions += [DeleteLeg(leg.name, leg.uid)] if due <= now else []
            wakes += [due] if due > now else []
    if is_part(observed.run):
        return Decision(tuple(actions), min(wakes, default=None))
    if not is_tracked(metadata.labels, metadata.annotations):
        over = _over_at(observed, status)
        if over is not None and over <= now and _is_being_told(observed):
            over = now + _LET_TELL  # what was decided is told first; the outbox gives up in its time
        if over is not None and over <= now:
            return Decision((*actions, DeleteRun(metadata.name or "", metadata.uid or "")))
        wakes += [over] if over is not None else []
    actions += _too_many(observed, status, now)
    return Decision(tuple(actions), min(wakes, default=None))


def _is_being_told(observed: Observed) -> bool:
    return not all(is_settled(one.status.notices) for one in observed.requests if one.status is not None)


def _over_at(observed: Observed, status: RunStatus) -> datetime | None:
    written = observed.run.spec.ttl
    seconds = durations.parse(written) if written else observed.settings.ttl
    ended_at = moments.parse(status.ended_at)
    return None if seconds is None or ended_at is None else moments.shift(ended_at, seconds)


def _too_many(observed: Observed, status: RunStatus, now: datetime) -> Iterator[DeleteRun]:
    """Of those that ended like this one, the oldest beyond the limit: this one too, in its place, so that two that are
    decided at one moment do not take each other away."""
    succeeded = status.phase is Phase.SUCCEEDED
    limit = observed.settings.keep_succeeded if succeeded else observed.settings.keep_failed
    if len(observed.siblings) < limit:
        return  # as is nearly always so: an operator that starts asks this of each Run that is kept
    others = [one for one in observed.siblings if one.ended_at is not None and _counts(one, succeeded=succeeded)]
    ended = [(one.ended_at or now, one.name, one.uid) for one in others]
    metadata = observed.run.metadata
    if not is_tracked(metadata.labels, metadata.annotations) and not _is_being_told(observed):
        ended.append((moments.parse(status.ended_at) or now, metadata.name or "", metadata.uid or ""))
    for _, name, uid in sorted(ended, reverse=True)[limit:]:
        yield DeleteRun(name, uid)


def _counts(sibling: Sibling, *, succeeded: bool) -> bool:
    return (sibling.phase == Phase.SUCCEEDED) == succeeded and not sibling.is_child and not sibling.is_tracked
