"""From a problem's path to the text that is meant. `objects` asks for each problem.

What is absent is shown by what it is missing from, a whole block by the key that it hangs under, an item by its name.
"""

from headgate.cli.reading.scalars import offsets
from headgate.cli.reading.source import Place, Source
from headgate.cli.reading.tree import Entry, Mapping, Node, Scalar, Sequence
from headgate.errors import Item, Path, Problem, Span


def place_of(source: Source, root: Node, problem: Problem) -> Place:
    """Where in the source the problem stands, as near as its path and span lead."""
    node, entry, whole = _walk(root, problem.path)
    if whole and isinstance(node, Scalar) and not problem.on_key:
        return _in_scalar(source, node, problem.span)
    if entry is not None:
        return _written(entry.key)
    return _block(source, node)


def _walk(root: Node, path: Path) -> tuple[Node, Entry | None, bool]:
    """Follow the path as far as it leads: the node there, the entry that it is the value of, and whether it was all."""
    node, entry = root, None
    for step in path.steps:
        if isinstance(step, Item):
            if not isinstance(node, Sequence) or step.index >= len(node.items):
                return node, entry, False
            node, entry = node.items[step.index], None
            continue
        found = node.entry(step) if isinstance(node, Mapping) else None
        if found is None:
            return node, entry, False
        node, entry = found.value, found
    return node, entry, True


def _in_scalar(source: Source, scalar: Scalar, span: Span | None) -> Place:
    at = offsets(source.text, scalar)
    if span is None or at is None or not 0 <= span.start < len(at):
        return _content(source, scalar, at)
    last = min(max(span.end, span.start + 1), len(at) - 1) - 1
    return Place(at[span.start], max(at[span.start], at[last]) + 1)


def _content(source: Source, scalar: Scalar, at: list[int] | None) -> Place:
    if scalar.style not in ("|", ">") or not at:
        return _written(scalar)
    first = at[len(scalar.text) - len(scalar.text.lstrip())]
    return Place(first, source.line_end(first))


def _written(scalar: Scalar) -> Place:
    return Place(scalar.start, max(scalar.end, scalar.start + 1))


def _block(source: Source, node: Node) -> Place:
    if isinstance(node, Scalar):
        return _content(source, node, offsets(source.text, node))
    if isinstance(node, Mapping) and node.entries:
        name = node.entry("name")
        return _written(name.value if name and isinstance(name.value, Scalar) else node.entries[0].key)
    return Place(node.start, node.start + 1)
