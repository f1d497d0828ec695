"""What drawings say about a node and about an edge, so that all of them say the same."""

from collections.abc import Iterator

from headgate.compiler.graph import Graph, Node, Role
from headgate_lang.fate import Outcome

_MAX_EXPRESSION = 60

EDGES = {
    Outcome.SUCCEEDED: "",
    Outcome.NOT_FAILED: "optional",
    Outcome.FAILED: "on failure",
    Outcome.NOT_OMITTED: "optional, or on failure",
    Outcome.ENDED: "in any case",
}
"""What stands at an edge: which ends of the one node the other accepts. The usual one needs no word."""

_NEEDS = {
    Outcome.SUCCEEDED: "needs {}",
    Outcome.NOT_FAILED: "needs {}, which may be skipped",
    Outcome.FAILED: "only if {} fails",
    Outcome.NOT_OMITTED: "after {}, skipped or failed too",
    Outcome.ENDED: "after {}, however it ends",
}


def drawn(graph: Graph) -> list[Node]:
    """The nodes that people wrote, in topological order."""
    return [node for node in graph if node.role is not Role.RENDER]


def edges(graph: Graph) -> Iterator[tuple[str, Node, str]]:
    """From, to, and what stands at the edge."""
    for node in drawn(graph):
        for need, accepted in node.needs.items():
            yield need, node, EDGES[accepted]


def type_of(node: Node) -> str:
    """What a node does, in a word: the type without its version."""
    return node.use if node.role is Role.CHILD else node.use.rpartition(".v")[0] or node.use


def marks(node: Node) -> list[str]:
    """What else there is to say about when and how often a node runs."""
    said = []
    if node.loop is not None:
        said.append(f"for each of {_expression(node.loop.items)}")
    if node.when is not None:
        said.append(f"when {_expression(node.when)}")
    return said


def needs(node: Node) -> list[str]:
    """What a node waits for, needs of one sort together."""
    by_outcome: dict[Outcome, list[str]] = {}
    for need, accepted in node.needs.items():
        by_outcome.setdefault(accepted, []).append(need)
    return [_NEEDS[accepted].format(names_of(names)) for accepted, names in by_outcome.items()]


def _expression(value: object) -> str:
    text = value if isinstance(value, str) else "a list"
    if text.startswith("${") and text.endswith("}") and "${" not in text[2:]:
        text = text[2:-1]
    text = " ".join(text.split())
    return text if len(text) <= _MAX_EXPRESSION else text[: _MAX_EXPRESSION - 1] + "…"


def names_of(names: list[str]) -> str:
    """`a, b and c`."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
