"""`onError: Ask`: what people make of a failure. Retry, with other parameters if they give some; Skip, with an output
or without one; Stop, which lets it stand. Without the ApprovalPolicy `recovery`, or if nobody answers in time: as Stop.

Whoever may answer here may not answer for those who were asked at a gate. So after one, nothing is edited or given, and
what holds one is not skipped: a no of theirs would be overruled.
"""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from headgate.api.approvalrequest import ApprovalRequestSpec, Decision, MaySkip, Question
from headgate.api.run import NodePhase
from headgate.compiler.catalogue import Found
from headgate.compiler.graph import Graph, Node, Way
from headgate.compiler.known import Instance, Settled
from headgate.compiler.passing import around
from headgate.compiler.rerun import given_in_place
from headgate.lifecycle import moments
from headgate.lifecycle.approvals import telling
from headgate.lifecycle.approvals.asking import not_asked, reason_of
from headgate.lifecycle.approvals.chain import Standing, electorate_of, stand
from headgate.lifecycle.approvals.edits import editable, form_of
from headgate.lifecycle.approvals.question import Asked
from headgate.lifecycle.approvals.stored import as_stored
from headgate.lifecycle.case import Case
from headgate.lifecycle.facts import End, Facts, Waiting
from headgate.lifecycle.outputs import error_of, failures
from headgate.lifecycle.rendering import CannotRenderError
from headgate_lang.fate import Outcome
from headgate_lang.reasons import Reason

POLICY = "recovery"
_FAILED_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Answer:
    """What is known of a question about a failure. Nothing: people think."""

    waiting: Waiting | None = None
    end: End | None = None
    """What stands in for the node."""
    retry: bool = False
    stands: bool = False
    """The failure is final."""


def view_question(case: Case, facts: Facts, instance: Instance) -> Answer:
    node = case.graph[instance.node]
    before = case.before(node.name)
    was_asked = before is not None and before.request is not None
    if before is not None and before.phase is NodePhase.FAILED and not was_asked:
        return Answer(stands=True)  # it was final once, and others have gone on from there
    has_policy = isinstance(case.observed.catalogue.policy(POLICY), Found)
    if not was_asked and (not has_policy or case.intent.is_stopping):
        return Answer(stands=True)
    try:
        standing = stand(case, _asked(case, facts, node), closing=case.intent.is_stopping)
    except CannotRenderError:
        return Answer(stands=True)
    return _answer(case, standing, node)


def _asked(case: Case, facts: Facts, node: Node) -> Asked:
    """Shown is what it was given, as written; that may be edited, for a Retry. What was decided stays as it was asked,
    whatever has become since of the gates around: a rule, for one, counts until people are asked."""
    decided = _decided(case, node)
    error = error_of(case, facts, node)
    reason, why = (error.reason, error.message) if error else ("Failed", "")
    failed = ", ".join(str(one.index) for one in itertools.islice(failures(facts, node), _FAILED_SHOWN))
    items = f" Items {failed}." if failed else ""
    shown = editable(node) if node.loop is None else {}
    values = {name: value for name, value in node.params.items() if name in shown}
    may_skip = may_skip_after(case.graph, node) if decided is None else decided.binding.may_skip
    answers = "Retry or Stop" if may_skip is MaySkip.NEVER else "Retry, Skip or Stop"
    message = as_stored(f"{node.name} failed: {reason}{f': {why}' if why else ''}.{items} {answers}?")
    if decided is not None:
        was = decided.binding
        return Asked(Question.RECOVERY, node.name, POLICY, message, decided.values, was.form, may_skip, was.output)
    form = form_of(case.graph, node)
    output = given_in_place(node) if may_skip in (MaySkip.FREELY, MaySkip.WITH_OUTPUT) else None
    return Asked(Question.RECOVERY, node.name, POLICY, message, values, form, may_skip, output or {})


def _decided(case: Case, node: Node) -> ApprovalRequestSpec | None:
    """The question that the Run knows, once it is decided."""
    before = case.before(node.name)
    uid = before.request_uid if before is not None else None
    asked = (one for one in case.observed.requests if one.spec.type is Question.RECOVERY and not one.is_open)
    return next((one.spec for one in asked if one.metadata.uid == uid), None)


def may_skip_after(graph: Graph, node: Node) -> MaySkip:
    """After a failure of this node."""
    ways = around(graph, node.name)
    gives_nothing = not ways.isdisjoint({Way.AFTER, Way.UNSEEN})
    if not ways.isdisjoint({Way.HOLDS, Way.DECIDES}) or (gives_nothing and Way.BEFORE in ways):
        return MaySkip.NEVER
    if gives_nothing:
        return MaySkip.WITHOUT_OUTPUT
    return MaySkip.WITH_OUTPUT if Way.BEFORE in ways else MaySkip.FREELY


def _answer(case: Case, standing: Standing, node: Node) -> Answer:
    before = case.before(node.name)
    started_at = (moments.parse(before.started_at) if before and before.request else None) or case.now
    request, outcome = standing.request, standing.outcome
    if request is None and not standing.is_gone and case.observed.guard is None and not case.intent.is_stopping:
        return Answer(not_asked(case, standing, started_at))
    if standing.is_gone or (request is None and not standing.actions):
        return Answer(stands=True)
    if request is None or outcome is None:
        waiting = Waiting(
            started_at,
            request=standing.name,
            request_uid=standing.known_uid,
            message="asking",
            asks=standing.obstacle,
            reason=reason_of(standing),
            first=standing.first,
            actions=standing.actions,
        )
        return Answer(waiting)
    uid, until = request.metadata.uid, moments.parse(request.spec.binding.expires_at)
    is_noted = not standing.first
    if outcome.is_open or (outcome.phase is Decision.RETRY and not is_noted):
        waiting = Waiting(
            started_at,
            until=outcome.wake_at,
            request=standing.name,
            request_uid=uid,
            message=telling.stands(outcome, electorate_of(case, request), until, case.now),
            reason=reason_of(standing),
            first=standing.first,
        )
        return Answer(waiting)
    end = _end(outcome.phase, outcome.values, outcome.by)
    over = End(Settled(Outcome.FAILED), ended_at=outcome.decided_at)
    waiting = Waiting(started_at, end or over, request=standing.name, request_uid=uid, first=standing.first)
    if outcome.phase is Decision.RETRY:
        return Answer(waiting, retry=True)
    return Answer(waiting, end=end, stands=end is None)


def _end(phase: Decision, values: Mapping[str, Any], by: tuple[str, ...]) -> End | None:
    if phase is not Decision.SKIP:
        return None
    outcome = Outcome.SUCCEEDED if values else Outcome.SKIPPED
    settled = Settled(outcome, Reason.SKIPPED_BY_PERSON)
    return End(settled, dict(values) if values else None, given_by=", ".join(by)[:256] or None)
