"""Which moments of a question have come, and for whom: each becomes a line of the request's status, once.

Asked with every look at a request, and written with what was decided in the same breath: so nothing that was decided
goes untold, whenever the operator dies. What comes too late to be of use (a reminder before the next one, a question
that is closed already) is not told at all.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime

from headgate.api.approvalpolicy import ApprovalPolicySpec, Moment, Notification
from headgate.api.approvalrequest import MAX_NOTICES, ApprovalRequest, Notice, NoticePhase
from headgate.lifecycle import moments
from headgate_lang import durations

_MOMENTS = {str(one): one for one in Moment}


def due_notices(
    request: ApprovalRequest, policy: ApprovalPolicySpec | None, now: datetime, *, is_open: bool
) -> dict[str, Notice]:
    """All lines of a request, those included that came now. `policy`: as it is now; None: nobody is told any more."""
    notices = dict(request.status.notices) if request.status else {}
    if policy is None or not policy.notify:
        return notices
    for moment, name, at in _come(request, policy, now, is_open=is_open):
        for target in policy.notify:
            key = key_of(name, target)
            if wants(target, moment) and key not in notices and len(notices) < MAX_NOTICES:
                notices[key] = Notice(phase=NoticePhase.PENDING, moment_at=moments.spell(at))
    return notices


def next_moment(request: ApprovalRequest, policy: ApprovalPolicySpec | None, now: datetime) -> datetime | None:
    """When an open question has something more to tell."""
    if policy is None or not policy.notify:
        return None
    later = [at for _, at in _reminders(request, policy) if at > now]
    return min(later, default=None)


def wants(target: Notification, moment: Moment) -> bool:
    return not target.moments or moment in target.moments


def key_of(name: str, target: Notification) -> str:
    """`asked.team-chat`, `reminded-4h.team-chat`."""
    return f"{name}.{target.name}"


def moment_of(key: str) -> Moment:
    """The moment of a line; of one that nobody knows, as if it had been decided: that says most."""
    word = key.partition(".")[0].partition("-")[0].capitalize()
    return _MOMENTS.get(word, Moment.DECIDED)


def target_of(key: str) -> str:
    return key.partition(".")[2]


def _come(
    request: ApprovalRequest, policy: ApprovalPolicySpec, now: datetime, *, is_open: bool
) -> Iterator[tuple[Moment, str, datetime]]:
    if not is_open:
        yield Moment.DECIDED, "decided", now
        return
    opened_at = moments.parse(request.metadata.creation_timestamp) or now
    yield Moment.ASKED, "asked", opened_at
    called_in = request.spec.binding.policy.escalate
    if called_in is not None:
        at = moments.shift(opened_at, durations.parse(called_in.after))
        if at <= now:
            yield Moment.ESCALATED, "escalated", at
    past = [(at, written) for written, at in _reminders(request, policy) if at <= now]
    if past:
        at, written = max(past)
        yield Moment.REMINDED, f"reminded-{written}", at


def _reminders(request: ApprovalRequest, policy: ApprovalPolicySpec) -> Iterator[tuple[str, datetime]]:
    """Those before the end, and after the question."""
    end = moments.parse(request.spec.binding.expires_at)
    opened_at = moments.parse(request.metadata.creation_timestamp)
    for written in policy.remind if end is not None else ():
        at = moments.shift(end, -durations.parse(written)) if end is not None else None
        if at is not None and opened_at is not None and at > opened_at:
            yield written, at


def is_settled(notices: Mapping[str, Notice]) -> bool:
    return all(one.phase is not NoticePhase.PENDING for one in notices.values())
