"""Whether a node may have another end than its own: one that people give it, in a new Run or after a failure.

Not if what a gate holds back could pass by it. What comes after a gate would pass before it opens, or with what nobody
was shown. What comes before one would pass if, with that end, the gate did not ask at all.
"""

from dataclasses import dataclass

from headgate.api.nodetype import Gate
from headgate.api.workflow import OnError
from headgate.compiler.graph import PEOPLE, Graph, Node, Role, Way
from headgate_lang.fate import Outcome

EVERY = frozenset(Gate)


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
    return stands_before(graph, name, kinds)


def stands_before(graph: Graph, name: str, kinds: frozenset[Gate]) -> Stands | None:
    """How a node stands to gates that come after it."""
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


def around(graph: Graph, name: str) -> frozenset[Way]:
    """How a node, and all that lies in it, stands to gates that ask people: those around the whole included."""
    found = set(graph.around)
    if graph.comes_after_people(name):
        found.add(Way.AFTER)
    later = stands_before(graph, name, PEOPLE)
    if later is not None:
        found.add(later.way)
    return frozenset(found)


def _may_not_ask(graph: Graph, gate: Node, after: frozenset[str]) -> bool:
    """Whether there is a condition on the way to a gate, or in it, that what stands before may decide."""
    if gate.role is not Role.GATE:
        return True
    return any(_is_fork(graph[name]) for name in (graph.before(gate.name) & after) | {gate.name})


def _is_fork(node: Node) -> bool:
    """Whether what comes before may decide that it, or what comes after, is skipped: by a condition, a rule, the branch
    that it is, or by making it fail where that is forgiven."""
    wants_a_failure = not all(accepted & Outcome.SUCCEEDED for accepted in node.needs.values())
    is_forgiven = node.on_error is OnError.CONTINUE
    return node.when is not None or node.rule is not None or wants_a_failure or is_forgiven
