"""A gate whose turn has come: asked, waiting, or ended. Which of them it is, is found out anew each time."""

from datetime import datetime

from headgate.api.nodetype import Gate
from headgate.compiler.graph import PEOPLE, Node, Role
from headgate.compiler.known import Instance, Settled
from headgate.lifecycle import moments
from headgate.lifecycle.approvals.asking import close_gate, view_approval
from headgate.lifecycle.approvals.ruling import ruling_of
from headgate.lifecycle.case import Case, Intent
from headgate.lifecycle.facts import End, Facts, Waiting
from headgate.lifecycle.rendering import CannotRenderError, parameters_of
from headgate.lifecycle.timers import view_timer
from headgate_lang.fate import Outcome
from headgate_lang.reasons import Reason
from headgate_lang.report import Error

_TIMERS = frozenset({Gate.TIMER, Gate.EVENT})


def view_gate(case: Case, facts: Facts, instance: Instance) -> Waiting | None:
    """None: it is to be asked, and not now, since the Run is paused."""
    node = case.graph[instance.node]
    kind = node.type.gate if node.type else None
    before = case.before(node.name)
    started_at = moments.parse(before.started_at) if before else None
    if started_at is None and case.intent is Intent.PAUSE:
        return None
    started_at = started_at or case.now
    try:
        params = parameters_of(case, facts, instance)
        if kind in _TIMERS and kind is not None:
            return view_timer(case, node.name, kind, params, started_at)
        return view_approval(case, node, params, ruling_of(case, facts, node), started_at)
    except CannotRenderError as error:
        return _unreadable(error, started_at)


def asked_gates(case: Case) -> tuple[Node, ...]:
    """The gates that have asked people, in their order."""
    befores = ((node, case.before(node.name)) for node in case.graph if node.gates & PEOPLE and node.role is Role.GATE)
    return tuple(node for node, before in befores if before is not None and before.request is not None)


def close(case: Case, facts: Facts, node: Node) -> Waiting:
    """A gate of a Run that stops, as it was decided or cancelled now. What it reads has ended: `facts` say how."""
    before = case.before(node.name)
    assert before is not None
    started_at = moments.parse(before.started_at) or case.now
    try:
        params = parameters_of(case, facts, Instance(node.name))
        return close_gate(case, node, params, ruling_of(case, facts, node), started_at)
    except CannotRenderError as error:
        return _unreadable(error, started_at)


def _unreadable(error: CannotRenderError, started_at: datetime) -> Waiting:
    settled = Settled(Outcome.FAILED, Reason.EXPRESSION_ERROR)
    end = End(settled, error=Error(Reason.EXPRESSION_ERROR, str(error)), ended_at=started_at)
    return Waiting(started_at, end=end)
