"""Credentials that stand `behind` a policy (LANGUAGE §3.4): a node gets them only after an approval under it.

The author of a workflow cannot forget it: the planner asks again before a leg is made.
"""

from collections.abc import Iterator, Mapping

from headgate.api.nodetype import Gate, Trait
from headgate.compiler.build.survey import Draft
from headgate.compiler.check.environments import under_each
from headgate.compiler.check.subject import Subject
from headgate.compiler.graph import Graph, Node
from headgate.compiler.reasons import ProblemReason
from headgate.errors import Problem
from headgate_lang.fate import Outcome

Gates = int
"""A set of approval gates, a bit each: nodes are many, gates few."""

_EFFECTS = frozenset({Trait.INTERNET, Trait.USER_CODE})


def has_effect(node: Node) -> bool:
    return bool(node.credentials) or not _EFFECTS.isdisjoint(node.traits)


def check_approvals(subject: Subject) -> Iterator[Problem]:
    if not any(node.behind for graph in subject.graphs.values() for node in graph):
        return iter(())
    gates = approval_gates(subject.graph)
    assured = _assured(subject.graph, gates)
    return under_each(subject, lambda environment: _not_behind(subject, environment, gates, assured))


def approval_gates(graph: Graph) -> Mapping[str, Gates]:
    approvals = [node.name for node in graph if node.type and node.type.gate is Gate.APPROVAL]
    return {name: 1 << place for place, name in enumerate(approvals)}


def _assured(graph: Graph, gates: Mapping[str, Gates]) -> Mapping[str, Gates]:
    """By node: the gates that have surely been passed when it runs."""
    found: dict[str, Gates] = {}
    for node in graph:
        passed = 0
        for need, accepted in node.needs.items():
            if accepted is Outcome.SUCCEEDED:
                passed |= found[need] | gates.get(need, 0)
            elif accepted is Outcome.FAILED:  # it ran, so what it needed had been met
                passed |= found[need]
        found[node.name] = passed
    return found


def gates_before(graph: Graph, gates: Mapping[str, Gates]) -> Mapping[str, Gates]:
    """By node: the gates that it comes after, whatever their answer."""
    found: dict[str, Gates] = {}
    for node in graph:
        bits = 0
        for need in node.needs:
            bits |= found[need] | gates.get(need, 0)
        found[node.name] = bits
    return found


def _not_behind(
    subject: Subject, environment: str | None, gates: Mapping[str, Gates], assured: Mapping[str, Gates]
) -> Iterator[Problem]:
    graph = subject.graphs[environment]
    for node in graph:
        passed = {graph[gate].policy for gate, bit in gates.items() if bit & assured[node.name]} if node.behind else ()
        for policy in sorted(node.behind.difference(passed)):
            draft = subject.survey.drafts[node.name]
            message = f"its credential is given only after an approval under policy `{policy}`"
            remedy = _remedy(graph, node, policy, gates)
            path = draft.at("with", _credential_parameter(draft))
            yield Problem(path, ProblemReason.NOT_BEHIND_GATE, message, remedy)


def _remedy(graph: Graph, node: Node, policy: str, gates: Mapping[str, Gates]) -> str:
    under_policy = [gate for gate in gates if graph[gate].policy == policy]
    if node.final:
        return "move the node out of `finally`, behind the gate"
    if not under_policy:
        return f"put an `approval` with `policy: {policy}` before it, and read what was approved"
    before = graph.before(node.name)
    gate = next((one for one in under_policy if one in before), None)
    if gate is None:
        return f"read `{under_policy[0]}.values`, or write `after: {{{under_policy[0]}: Succeeded}}`"
    return f"`{gate}` may have been skipped or refused when this runs: write `after: {{{gate}: Succeeded}}`"


def _credential_parameter(draft: Draft) -> str:
    return next(name for name, schema in draft.use.references.items() if schema["x-ref"] == "Credential")
