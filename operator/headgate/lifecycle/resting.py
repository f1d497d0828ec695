"""On which questions something rests: those about the nodes before it, and about its own that failed. Asked wherever a
leg or a child Run is created, for the record of which decision was used for what."""

from collections.abc import Iterable

from headgate.api.approvalrequest import Question
from headgate.lifecycle.case import Case
from headgate.lifecycle.facts import Facts


def requests_before(case: Case, facts: Facts, names: Iterable[str]) -> tuple[str, ...]:
    """The names of these requests, decided or not. Of a gate, only the one that counts now."""
    requests = case.observed.requests
    if not requests:
        return ()
    found = set(names)
    for node in reversed(case.graph.nodes):
        if node.name in found:
            found.update(node.needs)
    asked = {waiting.request for name, waiting in facts.gates.items() if name in found}
    recovered = {one.metadata.name for one in requests if one.spec.type is Question.RECOVERY and one.spec.node in found}
    return tuple(sorted(name for name in asked | recovered if name))
