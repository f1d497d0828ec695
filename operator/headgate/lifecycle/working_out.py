"""What has become of everything, and what is due: legs, gates, child Runs and the planner asked in turn, until nothing
new comes of it. Asked once a decision; the planner alone decides what may start.
"""

from dataclasses import dataclass, replace

from headgate.compiler.graph import Node, Role
from headgate.compiler.known import Instance, Settled
from headgate.compiler.leg import Plan
from headgate.compiler.plan import plan
from headgate.lifecycle.approvals.recovery import view_question
from headgate.lifecycle.case import Case, Intent
from headgate.lifecycle.children import start_child, view_children
from headgate.lifecycle.entries import Told, outcome_of
from headgate.lifecycle.facts import End, Facts
from headgate.lifecycle.gates import asked_gates, close, view_gate
from headgate_lang.fate import Outcome
from headgate_lang.reasons import Reason


@dataclass(frozen=True, slots=True)
class WorkedOut:
    facts: Facts
    due: Plan
    retries: frozenset[str] = frozenset()
    """Nodes that people want to run again: the marks move, and all of this is asked once more."""


def work_out(case: Case) -> WorkedOut:
    facts = told_of(case)
    _give(case, facts)
    for instance, child in view_children(case, facts):
        facts.children[instance] = child
        if child.end is not None:
            facts.end(instance, child.end)
        else:
            facts.claimed[instance] = 0
    if case.intent.is_stopping:
        _close_gates(case, facts)
    while True:
        due = plan(case.graph, facts.known, stopping=case.intent.is_stopping)
        facts.settled.update(due.settled)
        retries, answered = _ask(case, facts, due)
        if retries:
            return WorkedOut(facts, due, retries)
        if not _outside(case, facts, due) and not answered:
            break
    if case.intent is Intent.TERMINATE and not facts.claimed:
        _end_all(case, facts)
    return WorkedOut(facts, due)


def _close_gates(case: Case, facts: Facts) -> None:
    """One after the other: what a gate shows may be what an earlier one gave, or what came of that."""
    asked = asked_gates(case)
    facts.claimed.update({Instance(node.name): 0 for node in asked})
    for node in asked:
        facts.settled.update(plan(case.graph, facts.known, stopping=True).settled)
        closed = close(case, facts, node)
        if closed.end is not None:
            facts.gates[node.name] = closed
            facts.end(Instance(node.name), closed.end)


def told_of(case: Case) -> Facts:
    """What legs have told and still counts, and what they claim."""
    facts = Facts()
    nodes = case.graph.by_name
    told: dict[Instance, Told] = {}
    for view in case.views:
        told.update({one: said for one, said in view.told.items() if case.mark(one.node).stands(one, said)})
        facts.claimed.update(dict.fromkeys(view.claimed, view.number))
    facts.told = {instance: said for instance, said in told.items() if instance.node in nodes}
    for instance, said in facts.told.items():
        facts.settled[instance] = _settled(case, nodes[instance.node], instance, said)
    return facts


def _settled(case: Case, node: Node, instance: Instance, told: Told) -> Settled:
    entry = told.entry
    if instance.prepare and node.is_expanded and (entry.length or 0) > case.settings.max_items:
        return Settled(Outcome.FAILED, Reason.TOO_MANY_ITEMS)
    cause = entry.cause if entry.cause in case.graph.by_name else None
    return Settled(outcome_of(entry), entry.reason, cause, entry.length)


def _give(case: Case, facts: Facts) -> None:
    """What a person gave in place of nodes, when the Run was made (`from.skip`): no attempt of it runs them."""
    if case.spec.from_ is None:
        return
    for name, skip in case.spec.from_.skip.items():
        # what is held back was refused when the Run began: whoever made its status otherwise gives nothing all the same
        if name in case.graph.by_name and name not in case.graph.held_back:
            outcome = Outcome.SKIPPED if skip.output is None else Outcome.SUCCEEDED
            settled = Settled(outcome, Reason.SKIPPED_BY_PERSON)
            facts.end(Instance(name), End(settled, skip.output, given_by=case.spec.requester))


def _ask(case: Case, facts: Facts, due: Plan) -> tuple[frozenset[str], bool]:
    """Ask people about failures and follow their answers: which nodes run again, whether any failure is settled."""
    retries, answered = set(), False
    for instance in due.questions:
        answer = view_question(case, facts, instance)
        if answer.waiting is not None:
            facts.questions[instance.node] = answer.waiting
        if answer.retry:
            retries.add(instance.node)
        elif answer.end is not None:
            facts.end(instance, answer.end)
            answered = True
        elif answer.stands:
            answered = True
            facts.settled[instance] = replace(facts.settled[instance], answered=True)
    return frozenset(retries), answered


def _outside(case: Case, facts: Facts, due: Plan) -> bool:
    """Start or look at what is no leg. Say whether any of it has ended or was claimed, so that more may be due."""
    moved = False
    for instance in due.gates:
        waiting = view_gate(case, facts, instance)
        if waiting is None:
            continue
        facts.gates[instance.node] = waiting
        facts.claimed[instance] = 0
        if waiting.end is not None:
            facts.end(instance, waiting.end)
            moved = True
    for instance in due.children:
        child = start_child(case, facts, instance)
        if child is None:
            continue
        facts.children[instance] = child
        facts.claimed[instance] = 0
        if child.end is not None:
            facts.end(instance, child.end)
            moved = True
    return moved


def _end_all(case: Case, facts: Facts) -> None:
    """Terminated: what has not run never will, `finally` neither."""
    for node in case.graph:
        if node.role is not Role.RENDER:
            facts.settled.setdefault(Instance(node.name), Settled(Outcome.OMITTED, Reason.STOPPED))
