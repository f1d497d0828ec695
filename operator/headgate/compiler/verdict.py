"""How a Run ends, once all of its nodes have (LANGUAGE §3.2). A failure is forgiven only on the node that fails."""

from enum import StrEnum

from headgate.compiler.graph import Graph, Role
from headgate.compiler.known import Instance, Known
from headgate.compiler.plan import seen
from headgate_lang.fate import Outcome
from headgate_lang.reasons import SAID_NO


class Verdict(StrEnum):
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"
    CANCELLED = "Cancelled"


def verdict_of(graph: Graph, known: Known) -> Verdict | None:
    """The verdict, or None while something has not ended."""
    failures = []
    for node in graph:
        if node.role is Role.RENDER:
            continue
        end = known.settled.get(Instance(node.name))
        if end is None:
            return None
        if seen(node, end.outcome) is Outcome.FAILED:
            failures.append(end)
    if not failures:
        return Verdict.SUCCEEDED
    return Verdict.CANCELLED if all(end.reason in SAID_NO for end in failures) else Verdict.FAILED
