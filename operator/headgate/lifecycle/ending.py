"""How a Run has ended but for what stands under `finally`, which reads it: its phase, and which nodes failed."""

from headgate.compiler.graph import Graph, Node, Role
from headgate.compiler.known import Instance
from headgate.compiler.verdict import Verdict, verdict_of
from headgate.lifecycle.case import Case, Intent
from headgate.lifecycle.facts import Facts
from headgate_lang.fate import Outcome


def comes_last(node: Node) -> bool:
    """Whether it waits for all else to have ended: `finally`, and after it the outputs."""
    return node.final or node.role is Role.RENDER


def have_others_ended(graph: Graph, facts: Facts) -> bool:
    return all(comes_last(node) or Instance(node.name) in facts.settled for node in graph)


def ending_of(case: Case, facts: Facts) -> tuple[str, tuple[str, ...]]:
    """What `finally` reads: how all else has ended, and which nodes failed."""
    others = Graph(tuple(one for one in case.graph if not comes_last(one)))
    bad = tuple(one.name for one in others if facts.settled[Instance(one.name)].outcome is Outcome.FAILED)
    return ending_phase(case, verdict_of(others, facts.known)), bad


def ending_phase(case: Case, verdict: Verdict | None) -> str:
    if case.intent is Intent.TIME_OUT:
        return "TimedOut"
    if case.intent in (Intent.STOP, Intent.TERMINATE):
        return "Cancelled"
    return str(verdict or Verdict.FAILED)
