"""The condition Notified of a request: whether all webhooks were reached. For people; nothing goes by it."""

from collections.abc import Mapping

from headgate.api.approvalrequest import ApprovalRequest, Notice, NoticePhase
from headgate.api.common import Condition, ConditionStatus
from headgate.lifecycle.notices.due import target_of
from headgate.lifecycle.tidy import line
from headgate.names import GROUP

NOTIFIED = "Notified"
RESEND = f"{GROUP}/resend"
"""The annotation of an ApprovalPolicy that says: what was given up before this time is to be sent again."""


def notified(request: ApprovalRequest, notices: Mapping[str, Notice], now: str) -> Condition | None:
    """None: there is nobody to tell."""
    if not notices:
        return None
    dead = {key: one for key, one in notices.items() if one.phase is NoticePhase.DEAD}
    pending = [key for key, one in notices.items() if one.phase is NoticePhase.PENDING]
    missed = missed_so_far(notices)
    if dead:
        status, reason = ConditionStatus.FALSE, "DeliveryFailed"
        message = f"{given_up(dead)}; to try again: {how_to_resend(request)}"
    elif missed:
        status, reason, message = ConditionStatus.UNKNOWN, "Retrying", f"{told_so_far(missed)}; it is tried again"
    elif pending:
        status, reason, message = ConditionStatus.UNKNOWN, "Sending", f"to be sent: {', '.join(sorted(pending))}"
    else:
        status, reason, message = ConditionStatus.TRUE, "Sent", f"{len(notices)} sent"
    old = request.status.conditions if request.status else ()
    before = next((one for one in old if one.type == NOTIFIED and one.status is status), None)
    return Condition(
        type=NOTIFIED,
        status=status,
        reason=reason,
        message=line(message),
        last_transition_time=before.last_transition_time if before else now,
        observed_generation=request.metadata.generation,
    )


def missed_so_far(notices: Mapping[str, Notice]) -> dict[str, Notice]:
    """Those that were tried in vain, and are tried again: it may be hours until they are given up."""
    return {key: one for key, one in notices.items() if one.phase is NoticePhase.PENDING and one.message}


def given_up(dead: Mapping[str, Notice]) -> str:
    """`asked to team-chat was given up after 10 attempts: HTTP 500`."""
    return _told(dead, "was given up after")


def told_so_far(missed: Mapping[str, Notice]) -> str:
    """`asked to team-chat failed in 3 attempts: Secret team-chat: it is not there`."""
    return _told(missed, "failed in")


def _told(notices: Mapping[str, Notice], became: str) -> str:
    told = []
    for key, one in sorted(notices.items()):
        what = key.partition(".")[0]
        tries = f"{one.attempts} attempt{'' if one.attempts == 1 else 's'}"
        told.append(f"{what} to {target_of(key)} {became} {tries}: {one.message or 'no answer'}")
    return "; ".join(told)


def how_to_resend(request: ApprovalRequest) -> str:
    policy, namespace = request.spec.binding.policy.name, request.metadata.namespace
    return f'kubectl annotate aprp {policy} -n {namespace} --overwrite {RESEND}="$(date -u +%FT%TZ)"'
