"""A gate whose turn has come: asked, waiting, or ended. Which of them it is, is found out anew each time."""

from headgate.api.nodetype import Gate
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
        settled = Settled(Outcome.FAILED, Reason.EXPRESSION_ERROR)
        end = End(settled, error=Error(Reason.EXPRESSION_ERROR, str(error)), ended_at=started_at)
        return Waiting(started_at, end=end)


def close_gates(case: Case, facts: Facts) -> dict[str, Waiting]:
    """Of a Run that stops: the gates that have asked people, each as it ended. What nobody was asked is left out."""
    closed = {}
    for node in case.graph:
        if node.type is not None and node.type.gate is not None and node.type.gate not in _TIMERS:
            before = case.before(node.name)
            if before is not None and before.request is not None:
                params = parameters_of(case, facts, Instance(node.name))
                closed[node.name] = close_gate(case, node, params, ruling_of(case, facts, node), before)
    return closed
