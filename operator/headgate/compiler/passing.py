"""Whether a node may have another end than its own: one that people give it, in a new Run or after a failure.

Not if what a gate holds back could pass by it. What comes after a gate would pass before it opens, or with what nobody
was shown. What comes before one would pass if, with that end, the gate did not ask at all; and what goes past one, to
nodes that come after it, if the gate does not show it, or only something else of it.
"""

from collections.abc import Mapping

from headgate.api.nodetype import Gate
from headgate.api.workflow import OnError
from headgate.compiler.graph import PEOPLE, Graph, Node, Role, Way
from headgate.compiler.showing import asking, flows
from headgate_lang.fate import Outcome

EVERY = frozenset(Gate)
_RULED_OUT = (Way.HOLDS, Way.AFTER, Way.DECIDES)


def ways(graph: Graph, name: str, kinds: frozenset[Gate] = EVERY) -> Mapping[Way, Node]:
    """How a node stands to gates of these kinds, each way with a gate to which it stands so."""
    node = graph[name]
    found: dict[Way, Node] = {}
    if node.gates & kinds:
        found[Way.HOLDS] = node
    if (before := graph.gate_before(name, kinds)) is not None:
        found[Way.AFTER] = before
    after = graph.after(frozenset({name}))
    later = [one for one in graph if one.gates & kinds and (one.name in after or (one.final and not node.final))]
    if later:
        found[Way.BEFORE] = later[0]
    if (deciding := _may_not_ask(graph, later, after)) is not None:
        found[Way.DECIDES] = deciding
    if Way.AFTER not in found and (unseen := _shows_nothing(graph, name)) is not None:
        found[Way.UNSEEN] = unseen
    return found


def may_be_given(graph: Graph, name: str, *, has_output: bool) -> bool:
    """Whether a new Run may go on with such an end of a node."""
    return why_not_given(ways(graph, name), has_output=has_output) is None


def why_not_given(found: Mapping[Way, Node], *, has_output: bool) -> Way | None:
    bad = (*_RULED_OUT, Way.UNSEEN if has_output else Way.BEFORE)
    return next((way for way in bad if way in found), None)


def around(graph: Graph, name: str) -> frozenset[Way]:
    """How a node, and all that lies in it, stands to gates that ask people: those around the whole included."""
    found = graph.around.union(ways(graph, name, PEOPLE))
    return found | {Way.UNSEEN} if _goes_out_unseen(graph, name) else found


def _may_not_ask(graph: Graph, gates: list[Node], after: frozenset[str]) -> Node | None:
    """The first of these gates if there is a condition on the way to any, or in it, that what stands before may decide;
    one that lies in a workflow may have any, and one under `finally` may go by how all else ended."""
    hidden = next((gate for gate in gates if gate.role is not Role.GATE or gate.final), None)
    if hidden is not None or not gates:
        return hidden
    names = frozenset(gate.name for gate in gates)
    return gates[0] if any(_is_fork(graph[name]) for name in (graph.before(*names) & after) | names) else None


def _is_fork(node: Node) -> bool:
    """Whether what comes before may decide that it, or what comes after, is skipped: by a condition, a rule, the branch
    that it is, or by making it fail where that is forgiven."""
    wants_a_failure = not all(accepted & Outcome.SUCCEEDED for accepted in node.needs.values())
    is_forgiven = node.on_error is OnError.CONTINUE
    return node.when is not None or node.rule is not None or wants_a_failure or is_forgiven


def _goes_out_unseen(graph: Graph, name: str) -> bool:
    """Whether something that a node gives goes out of the part, which is over once all its gates are, and none shows
    it."""
    if not graph.returned or not asking(graph) - {name}:
        return False
    return any(flow.leaves and not flow.shown for flow in flows(graph, name))


def _shows_nothing(graph: Graph, name: str) -> Node | None:
    """A gate that asks people and does not read something of a node, neither itself nor through others, though a node
    that comes after it does, and after none that shows it."""
    others, found = asking(graph) - {name}, set[str]()
    for flow in flows(graph, name) if others else ():
        unshown = flow.readers - flow.shown - graph.after(flow.shown)
        found |= graph.before(*unshown) & others - flow.shown
    return next((node for node in graph if node.name in found), None)
