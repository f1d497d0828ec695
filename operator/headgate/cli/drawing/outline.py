"""A graph as lines of text, in topological order: what a terminal shows, and what `render` says about later legs."""

from collections.abc import Iterable

from headgate.cli.drawing import words
from headgate.compiler.graph import Graph, Node


def as_outline(name: str, graph: Graph) -> str:
    """Before each node stands its level: those of one level do not wait for each other."""
    nodes = words.drawn(graph)
    levels = [str(graph.levels[node.name]) for node in nodes]
    width = max(map(len, levels), default=0)
    lines = [f"  {level:>{width}}  {line}" for level, line in zip(levels, outline(nodes), strict=True)]
    return "\n".join([name, "", *lines]) + "\n"


def outline(nodes: Iterable[Node]) -> list[str]:
    """A line for each node: its name, its type, and when it runs."""
    rows = [(node.name, words.type_of(node), _when(node)) for node in nodes]
    name_width = max((len(name) for name, _, _ in rows), default=0)
    type_width = max((len(use) for _, use, _ in rows), default=0)
    return [f"{name:{name_width}}  {use:{type_width}}  {when}".rstrip() for name, use, when in rows]


def _when(node: Node) -> str:
    policy = [f"asks under policy {node.policy}"] if node.policy else []
    final = ["finally"] if node.final else []
    return ", ".join([*words.needs(node), *words.marks(node), *policy, *final])
