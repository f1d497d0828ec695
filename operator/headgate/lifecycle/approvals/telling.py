"""How a question stands, in its status and in words: `1 more of group release-managers (not ana@example.com)`."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from headgate.api.approvalpolicy import ApprovalPolicySpec, Stage
from headgate.api.approvalrequest import (
    MAX_EXCLUDED,
    ApprovalRequest,
    ApprovalRequestStatus,
    Decision,
    RuleVerdict,
)
from headgate.api.common import Condition, ConditionStatus
from headgate.lifecycle import moments
from headgate.lifecycle.approvals.history import short
from headgate.lifecycle.approvals.people import Electorate
from headgate.lifecycle.approvals.voting import Outcome
from headgate.lifecycle.notices.condition import notified
from headgate.lifecycle.notices.due import due_notices
from headgate.lifecycle.tidy import line

DECIDED = "Decided"


def status_of(
    request: ApprovalRequest,
    outcome: Outcome,
    electorate: Electorate,
    now: datetime,
    superseded_by: str | None = None,
    policy: ApprovalPolicySpec | None = None,
) -> ApprovalRequestStatus:
    """`policy`: as it is now, and says who is told."""
    spec = request.spec
    notices = due_notices(request, policy, now, is_open=outcome.is_open)
    told = notified(request, notices, moments.spell(now))
    history = dict(outcome.history)
    opened = request.metadata.creation_timestamp or moments.spell(now)
    history.setdefault(f"{opened} headgate", line(f"asks, digest {short(spec.binding.digest)}{of_rule(request)}"))
    expires = moments.parse(spec.binding.expires_at)
    waiting = waiting_for(outcome, electorate, now) + unheard(outcome)
    message = line(waiting if outcome.is_open else ended(outcome))
    return ApprovalRequestStatus(
        phase=outcome.phase,
        votes=str(outcome.count),
        until=f"{moments.tell(expires)}Z" if expires is not None and outcome.is_open else None,
        waiting_for=line(waiting) if outcome.is_open else None,
        decided_at=moments.spell(outcome.decided_at) if outcome.decided_at else None,
        excluded=() if outcome.is_open else tuple(sorted(electorate.excluded))[:MAX_EXCLUDED],
        superseded_by=superseded_by,
        history=history,
        notices=notices,
        conditions=(_condition(request, outcome, message, now), *((told,) if told is not None else ())),
    )


def _condition(request: ApprovalRequest, outcome: Outcome, message: str, now: datetime) -> Condition:
    status = ConditionStatus.FALSE if outcome.is_open else ConditionStatus.TRUE
    old = request.status.conditions if request.status else ()
    before = next((one for one in old if one.type == DECIDED and one.status is status), None)
    return Condition(
        type=DECIDED,
        status=status,
        reason="VotesMissing" if outcome.is_open else str(outcome.phase),
        message=message,
        last_transition_time=before.last_transition_time if before else moments.spell(now),
        observed_generation=request.metadata.generation,
    )


def of_rule(request: ApprovalRequest) -> str:
    """Why people are asked though the policy has a rule; empty: it has none."""
    found = request.spec.binding.rule
    if found is None or found.verdict is RuleVerdict.HOLDS:
        return ""
    if found.verdict is RuleVerdict.FAILS:
        return "; its rule is false, so people are asked"
    return f"; its rule does not count, so people are asked: {found.message or 'nobody knows why'}"


def waiting_for(outcome: Outcome, electorate: Electorate, now: datetime) -> str:
    stage = outcome.count.stage
    if stage is None:
        return "nobody"
    asked = electorate.terms.stages[stage]
    missing = outcome.count.needed[stage] - outcome.count.filled[stage]
    excluded = f" (not {', '.join(sorted(electorate.excluded))})" if electorate.excluded else ""
    return f"{missing} more of {who(asked, electorate.groups(asked, now))}{excluded}"


def unheard(outcome: Outcome) -> str:
    """Of votes that do not count, why: whoever cast one with kubectl reads it nowhere else."""
    told = (f"; the vote of {user} does not count: {line(why, 200)}" for user, why in sorted(outcome.unheard.items()))
    return line("".join(told), 600)


def who(stage: Stage, groups: Sequence[str]) -> str:
    """`group release-managers`, `ana or bea`, `ana or groups a, b`."""
    parts = list(stage.users)
    if groups:
        parts.append(f"group{'s' if len(groups) > 1 else ''} {', '.join(groups)}")
    return " or ".join(parts)


def asks(electorate: Electorate, until: datetime | None) -> str:
    """What the Event says when people are asked."""
    first = electorate.terms.stages[0]
    more = f", then {len(electorate.terms.stages) - 1} more stages" if len(electorate.terms.stages) > 1 else ""
    end = f", until {moments.tell(until)} UTC" if until is not None else ""
    return f"asks {first.votes} of {who(first, first.groups)}{more}{end}"


def stands(outcome: Outcome, electorate: Electorate, until: datetime | None, now: datetime) -> str:
    """What the Run says while it waits: `1 of 2 votes of group release-managers, until 24 Nov 05:31 UTC`."""
    stages = electorate.terms.stages
    asked = stages[outcome.count.stage or 0]
    people = f"{' of' if len(stages) == 1 else ', now of'} {who(asked, electorate.groups(asked, now))}"
    end = f", until {moments.tell(until)} UTC" if until is not None else ""
    return f"{sum(outcome.count.filled)} of {sum(outcome.count.needed)} votes{line(people, 160)}{end}"


_WORDS = {
    Decision.REJECTED: "rejected",
    Decision.EXPIRED: "expired",
    Decision.CANCELLED: "cancelled",
    Decision.APPROVED: "approved",
    Decision.ANSWERED: "answered",
    Decision.AUTO_APPROVED: "approved by itself",
    Decision.SUPERSEDED: "corrected, and asked anew",
    Decision.RETRY: "to be tried again",
    Decision.SKIP: "skipped",
    Decision.STOP: "left as it is",
}


def ended(outcome: Outcome) -> str:
    """`rejected by bob@example.com: wrong version number`."""
    by = f" by {', '.join(outcome.by)}" if outcome.by else ""
    why = outcome.reason or outcome.message
    return f"{_WORDS.get(outcome.phase, str(outcome.phase))}{by}{f': {why}' if why else ''}"


def plain(status: ApprovalRequestStatus) -> dict[str, Any]:
    return status.model_dump(mode="json", by_alias=True, exclude_none=True, exclude_defaults=True)
