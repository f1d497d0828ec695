"""Whether a node may have another end than its own: one that people give it, in a new Run or after a failure.

Not if what a gate holds back could pass by it. What comes after a gate would pass before it opens, or with what nobody
was shown. What comes before one would pass if, with that end, the gate did not ask at all.
"""

from dataclasses import dataclass
from enum import Enum

from headgate.api.nodetype import Gate
from headgate.compiler.graph import Graph, Node, Role
from headgate_lang.fate import Outcome

EVERY = frozenset(Gate)


class Way(Enum):
    """How a node stands to a gate."""

    HOLDS = "Holds"
    """It is one, or a workflow that holds one."""
    AFTER = "After"
    BEFORE = "Before"
    """The gate asks whatever it gives, and shows what came of it; but would be skipped with it."""
    DECIDES = "Decides"
    """What it gives may decide whether the gate asks."""


@dataclass(frozen=True, slots=True)
class Stands:
    way: Way
    gate: Node


def stands(graph: Graph, name: str, kinds: frozenset[Gate] = EVERY) -> Stands | None:
    """How a node stands to gates of these kinds: of several ways, the one that allows least. None: there is no gate."""
    node = graph[name]
    if node.gates & kinds:
        return Stands(Way.HOLDS, node)
    if (gate := graph.gate_before(name, kinds)) is not None:
        return Stands(Way.AFTER, gate)
    after = graph.after(frozenset({name}))
    gates = [one for one in graph if one.name in after and one.gates & kinds]
    for gate in gates:
        if _may_not_ask(graph, gate, after):
            return Stands(Way.DECIDES, gate)
    return Stands(Way.BEFORE, gates[0]) if gates else None


def may_be_given(graph: Graph, name: str, *, has_output: bool) -> bool:
    """Whether a new Run may go on with such an end of a node."""
    found = stands(graph, name)
    return found is None or (found.way is Way.BEFORE and has_output)


def _may_not_ask(graph: Graph, gate: Node, after: frozenset[str]) -> bool:
    """Whether there is a condition on the way to a gate, or in it, that what stands before may decide."""
    if gate.role is not Role.GATE:
        return True
    way = [graph[name] for name in (graph.before(gate.name) & after) | {gate.name}]
    return any(node.when is not None or node.rule is not None or _wants_a_failure(node) for node in way)


def _wants_a_failure(node: Node) -> bool:
    return not all(accepted & Outcome.SUCCEEDED for accepted in node.needs.values())
