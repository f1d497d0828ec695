"""A graph as a Mermaid flowchart, which GitHub and most wikis draw."""

from headgate.cli.drawing import words
from headgate.compiler.graph import Graph, Node, Role

_SHAPES = {Role.WORK: ('["', '"]'), Role.GATE: ('{{"', '"}}'), Role.CHILD: ('[["', '"]]')}
_ESCAPES = {ord(mark): f"#{ord(mark)};" for mark in '"#&<>`%\\'}


def as_mermaid(name: str, graph: Graph) -> str:
    nodes = words.drawn(graph)
    lines = [f"%% {' '.join(name.split())}", "flowchart TD", *(f"  {_node(node)}" for node in nodes if not node.final)]
    final = [node for node in nodes if node.final]
    if final:
        lines += ["  subgraph finally", *(f"    {_node(node)}" for node in final), "  end"]
    lines += [f"  {_edge(start, end, word)}" for start, end, word in words.edges(graph)]
    return "\n".join(lines) + "\n"


def _node(node: Node) -> str:
    left, right = _SHAPES[node.role]
    label = "<br/>".join(_escape(line) for line in (node.name, f"({words.type_of(node)})", *words.marks(node)))
    return f"{_id(node.name)}{left}{label}{right}"


def _edge(start: str, end: Node, word: str) -> str:
    label = f'|"{_escape(word)}"|' if word else ""
    carries_data = start in end.reads
    return f"{_id(start)} {'-->' if carries_data else '-.->'}{label} {_id(end.name)}"


def _id(name: str) -> str:
    """Some names of nodes are words of Mermaid's own, such as `end`."""
    return f"n_{name}"


def _escape(text: str) -> str:
    return text.translate(_ESCAPES)
