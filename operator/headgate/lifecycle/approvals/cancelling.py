"""A question of a Run that ends without a plan: nobody will ever build on an answer, so it is cancelled."""

from datetime import datetime

from headgate.api.approvalpolicy import ApprovalPolicySpec
from headgate.api.approvalrequest import ApprovalRequest, ApprovalRequestStatus, Decision
from headgate.api.common import Condition, ConditionStatus
from headgate.lifecycle import moments
from headgate.lifecycle.actions import UpdateRequestStatus
from headgate.lifecycle.approvals.history import OPERATOR, add
from headgate.lifecycle.approvals.telling import DECIDED, plain
from headgate.lifecycle.notices.condition import notified
from headgate.lifecycle.notices.due import due_notices
from headgate.lifecycle.tidy import line


def cancel(
    request: ApprovalRequest, why: str, now: datetime, policy: ApprovalPolicySpec | None
) -> UpdateRequestStatus | None:
    """None: it has ended already. `policy`: as it is now, and says who is told."""
    old = request.status or ApprovalRequestStatus()
    if old.phase not in (None, Decision.OPEN):
        return None
    history = dict(old.history)
    add(history, now, OPERATOR, f"{Decision.CANCELLED}: {why}")
    condition = Condition(
        type=DECIDED,
        status=ConditionStatus.TRUE,
        reason=str(Decision.CANCELLED),
        message=line(why),
        last_transition_time=moments.spell(now),
        observed_generation=request.metadata.generation,
    )
    notices = due_notices(request, policy, now, is_open=False)
    told = notified(request, notices, moments.spell(now))
    said = {
        "notices": notices,
        "phase": Decision.CANCELLED,
        "until": None,
        "waiting_for": None,
        "decided_at": moments.spell(now),
        "history": history,
        "conditions": (condition, *((told,) if told is not None else ())),
    }
    metadata = request.metadata
    status = plain(old.model_copy(update=said))
    return UpdateRequestStatus(metadata.name or "", metadata.uid or "", metadata.resource_version or "", status)
