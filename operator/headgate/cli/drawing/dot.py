"""A graph in the language of Graphviz: `headgate graph FILE -o dot | dot -Tsvg`."""

from headgate.cli.drawing import words
from headgate.compiler.graph import Graph, Node, Role

_SHAPES = {Role.WORK: "box", Role.GATE: "hexagon", Role.CHILD: "box, peripheries=2"}
_FONTS = ('  node [fontname="sans-serif"]', '  edge [fontname="sans-serif", fontsize=10]')


def as_dot(name: str, graph: Graph) -> str:
    nodes = words.drawn(graph)
    lines = [
        f"digraph {_quote(name)} {{",
        '  node [fontname="sans-serif"]',
        '  edge [fontname="sans-serif", fontsize=10]',
    ]
    lines += [f"  {_node(node)}" for node in nodes if not node.final]
    final = [node for node in nodes if node.final]
    if final:
        lines += ["  subgraph cluster_finally {", "    label=finally", *(f"    {_node(node)}" for node in final), "  }"]
    lines += [f"  {_edge(start, end, word)}" for start, end, word in words.edges(graph)]
    return "\n".join([*lines, "}"]) + "\n"


def _node(node: Node) -> str:
    label = "\n".join((node.name, f"({words.type_of(node)})", *words.marks(node)))
    return f"{_quote(node.name)} [label={_quote(label)}, shape={_SHAPES[node.role]}]"


def _edge(start: str, end: Node, word: str) -> str:
    style = [] if start in end.reads else ["style=dashed"]
    attributes = [*([f"label={_quote(word)}"] if word else []), *style]
    suffix = f" [{', '.join(attributes)}]" if attributes else ""
    return f"{_quote(start)} -> {_quote(end.name)}{suffix}"


def _quote(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
