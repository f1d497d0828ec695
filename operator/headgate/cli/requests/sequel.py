"""What a Run does once a question is decided: the nodes that start then, and what of them is known before. Pure.

Only what waits for the gate directly: further on, it depends on what these give. Literals alone are told, since nobody
may take an expression for the place where something goes.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from headgate.api.run import NodePhase, NodeStatus, Run
from headgate.api.workflow import OnError
from headgate.cli.drawing import words
from headgate.compiler.graph import Graph, Node, Role
from headgate_lang.fate import Fate, Outcome, fate
from headgate_lang.template import has_expression

_OUTCOMES = {
    NodePhase.SUCCEEDED: Outcome.SUCCEEDED,
    NodePhase.SKIPPED: Outcome.SKIPPED,
    NodePhase.FAILED: Outcome.FAILED,
    NodePhase.OMITTED: Outcome.OMITTED,
}
_LONGEST = 100
_MOST = 3
"""Literals that are told of one node."""


@dataclass(frozen=True, slots=True)
class Sequel:
    at_once: tuple[Node, ...] = ()
    later: tuple[tuple[Node, tuple[str, ...]], ...] = ()
    """With those that it waits for beside the gate."""


def sequel(graph: Graph, run: Run, gate: str, end: Outcome) -> Sequel:
    """If the gate ends so. `end`: FAILED also where its failure is forgiven."""
    nodes = run.status.nodes if run.status else {}
    ended = {name: one for name, status in nodes.items() if (one := _ended(graph, name, status))}
    ended[gate] = _forgiven(graph, gate, end)
    at_once, later = [], []
    for node in (graph[name] for name in graph.dependents.get(gate, ())):
        if node.final or node.role is Role.RENDER:
            continue
        others = tuple(need for need in node.needs if need not in ended)
        if not others and fate(node.needs, ended)[0] is Fate.RUN:
            at_once.append(node)
        elif others and ended[gate] & node.needs[gate]:
            later.append((node, others))
    return Sequel(tuple(at_once), tuple(later))


def _ended(graph: Graph, name: str, status: NodeStatus) -> Outcome | None:
    outcome = _OUTCOMES.get(status.phase)
    return None if outcome is None else _forgiven(graph, name, outcome)


def _forgiven(graph: Graph, name: str, end: Outcome) -> Outcome:
    forgives = name in graph.by_name and graph[name].on_error is OnError.CONTINUE
    return Outcome.FORGIVEN if forgives and end is Outcome.FAILED else end


def lines(sequel: Sequel) -> list[str]:
    rows = [(node.name, _does(node)) for node in sequel.at_once]
    rows += [(node.name, f"{_does(node)}, once {words.names_of([*others])} has ended") for node, others in sequel.later]
    width = max((len(name) for name, _ in rows), default=0)
    return [f"  {name:{width}}  {does}" for name, does in rows]


def _does(node: Node) -> str:
    """`POST https://blog.example/posts with credential blog`."""
    if node.role is Role.CHILD:
        said = f"a Run of {node.use.removeprefix('workflow/')}"
    elif node.role is Role.GATE:
        said = f"{words.type_of(node)}, asks under policy {node.policy}" if node.policy else words.type_of(node)
    else:
        said = " ".join(_target(node))
    credentials = f" with credential {words.names_of([*node.credentials])}" if node.credentials else ""
    return ", ".join([f"{said}{credentials}", *words.marks(node)])


def _target(node: Node) -> Iterator[str]:
    told = {name: value for name in node.type.params for value in _literals(node, name)} if node.type else {}
    if "url" in told:
        yield from (told[name] for name in ("method", "url") if name in told)
        return
    yield words.type_of(node)
    yield from (f"{name} {value}" for name, value in [*told.items()][:_MOST])


def _literals(node: Node, name: str) -> Iterator[str]:
    """A parameter that is one word, or its default if it decides what the node does."""
    schema = node.type.params[name] if node.type else {}
    if not isinstance(schema, dict) or schema.get("x-ref") == "Credential":
        return
    value = node.params.get(name, schema.get("default") if name == "method" else None)
    if isinstance(value, str) and value.split() == [value] and len(value) <= _LONGEST and not has_expression(value):
        yield value
