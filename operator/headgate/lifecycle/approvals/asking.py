"""Gates that ask people: `approval` and `clarify`. What of them is a request, and what of that is a gate's end."""

from collections.abc import Container, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from headgate.api.approvalrequest import Decision, Question
from headgate.api.nodetype import Gate
from headgate.compiler.graph import Node
from headgate.compiler.known import Settled
from headgate.compiler.types import of_value
from headgate.lifecycle import moments
from headgate.lifecycle.approvals import telling
from headgate.lifecycle.approvals.chain import Standing, electorate_of, stand
from headgate.lifecycle.approvals.question import Asked
from headgate.lifecycle.approvals.stored import as_stored
from headgate.lifecycle.approvals.voting import Outcome as Decided
from headgate.lifecycle.case import Case
from headgate.lifecycle.facts import End, Waiting
from headgate.lifecycle.rendering import CannotRenderError
from headgate_lang.fate import Outcome
from headgate_lang.reasons import Reason
from headgate_lang.report import Error
from headgate_lang.ruling import Ruling

_YES = frozenset({Decision.APPROVED, Decision.AUTO_APPROVED, Decision.ANSWERED})
_REASONS = {
    Decision.REJECTED: Reason.REJECTED,
    Decision.EXPIRED: Reason.EXPIRED,
    Decision.CANCELLED: Reason.CANCELLED,
}
SHOWN = "show"
LOOK_AGAIN = timedelta(minutes=1)
"""For a policy that is not there yet, or admission policies that are missing."""


def view_approval(
    case: Case, node: Node, params: Mapping[str, Any], ruling: Ruling | None, started_at: datetime
) -> Waiting:
    """Raises CannotRenderError."""
    asked = replace(_asked(node, params), ruling=ruling)
    return _waiting(case, node, stand(case, asked), started_at)


def close_gate(
    case: Case, node: Node, params: Mapping[str, Any], ruling: Ruling | None, started_at: datetime
) -> Waiting:
    """Of a Run that stops: as it was decided, or cancelled now. Raises CannotRenderError."""
    asked = replace(_asked(node, params), ruling=ruling)
    return _waiting(case, node, stand(case, asked, closing=True), started_at)


def _asked(node: Node, params: Mapping[str, Any]) -> Asked:
    is_form = node.type is not None and node.type.gate is Gate.CLARIFICATION
    try:
        params = as_stored(dict(params))
    except ValueError as error:
        raise CannotRenderError(str(error)) from None
    message = params.get("question" if is_form else "message")
    if not isinstance(message, str):
        raise CannotRenderError("the question is no text")
    shown = _shown(params.get(SHOWN))
    if is_form:
        form = params.get("answer")
        if not isinstance(form, dict):
            raise CannotRenderError("`answer` is no form")
        return Asked(Question.CLARIFICATION, node.name, node.policy or "", message, shown, form)
    edit = params.get("edit") or {}
    if not isinstance(edit, dict):
        raise CannotRenderError("`edit` is no object")
    form = {name: dict(of_value(value)) for name, value in edit.items()}
    return Asked(Question.APPROVAL, node.name, node.policy or "", message, {**shown, **edit}, form)


def _shown(show: Any) -> dict[str, Any]:
    """What people see and cannot change: under its own names where it has some."""
    if show is None:
        return {}
    return dict(show) if isinstance(show, dict) else {SHOWN: show}


def _waiting(case: Case, node: Node, standing: Standing, started_at: datetime) -> Waiting:
    request, outcome = standing.request, standing.outcome
    if standing.is_gone:
        end = _no(Reason.CANCELLED, f"the request {standing.name} was deleted", None)
        before = standing.before
        return Waiting(
            started_at,
            end,
            request=standing.name,
            request_uid=before.request_uid if before else None,
            first=standing.first,
        )
    if request is None or outcome is None:
        return not_asked(case, standing, started_at)
    uid = request.metadata.uid
    until = moments.parse(request.spec.binding.expires_at)
    if not outcome.is_open:
        end = _end(standing)
        return Waiting(started_at, end, request=standing.name, request_uid=uid, first=standing.first)
    return Waiting(
        started_at,
        until=outcome.wake_at,
        request=standing.name,
        request_uid=uid,
        message=telling.stands(outcome, electorate_of(case, request), until, case.now),
        reason=reason_of(standing),
        first=standing.first,
        actions=standing.actions,
    )


def not_asked(case: Case, standing: Standing, started_at: datetime) -> Waiting:
    is_created = bool(standing.actions)
    return Waiting(
        started_at,
        until=None if is_created else case.now + LOOK_AGAIN,
        request=standing.name if is_created or standing.replaces is not None else None,
        request_uid=standing.known_uid,
        message="asking" if is_created else standing.obstacle,
        asks=standing.obstacle if is_created else f"nobody can be asked: {standing.obstacle}",
        reason=reason_of(standing) if is_created else "CannotAsk",
        first=standing.first,
        actions=standing.actions,
    )


def reason_of(standing: Standing) -> str:
    words = {Question.APPROVAL: "ApprovalNeeded", Question.CLARIFICATION: "AnswerNeeded"}
    return words.get(standing.asked.type, "RecoveryNeeded")


def _policy_of(standing: Standing) -> str | None:
    """As the request's copy says: what a credential demands is an approval under it, whatever the workflow says now. An
    automatic one is one, too: the policy's own rule has spoken."""
    return standing.request.spec.binding.policy.name if standing.request else None


def _end(standing: Standing) -> End:
    outcome = standing.outcome
    assert outcome is not None
    if outcome.phase not in _YES:
        return _no(_REASONS.get(outcome.phase, Reason.CANCELLED), telling.ended(outcome), outcome.decided_at)
    output = given_by(outcome, standing.asked.type, standing.asked.form)
    is_approval = standing.asked.type is Question.APPROVAL
    settled = Settled(Outcome.SUCCEEDED, approved_under=_policy_of(standing) if is_approval else None)
    return End(settled, output, ended_at=outcome.decided_at)


def given_by(outcome: Decided, type_: Question, form: Container[str]) -> dict[str, Any]:
    """What a gate gives that people said yes to."""
    values = dict(outcome.values)
    if type_ is Question.APPROVAL:
        values = {name: value for name, value in values.items() if name in form}
    decided_at = moments.spell(outcome.decided_at) if outcome.decided_at else ""
    output = {"values": values, "by": list(outcome.by), "decidedAt": decided_at}
    if outcome.reason:
        output["reason"] = outcome.reason
    return output


def _no(reason: Reason, message: str, decided_at: datetime | None) -> End:
    return End(Settled(Outcome.FAILED, reason), error=Error(reason, message), ended_at=decided_at)
