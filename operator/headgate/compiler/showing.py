"""What goes on of what a node gives, part by part, and which gates show as much to people. `passing` asks."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from headgate.compiler.build.reading import Place, Reader
from headgate.compiler.graph import PEOPLE, Graph, Node, Part

WHOLE: Part = ()


@dataclass(frozen=True, slots=True)
class Flow:
    """One part of an output, such as `body` or all of it."""

    readers: frozenset[str]
    """The nodes that read it, or what others made of it."""
    shown: frozenset[str]
    """The gates that ask people, and read as much."""
    leaves: bool
    """It goes out of the part of a Run that the graph is."""


def asking(graph: Graph) -> frozenset[str]:
    """The gates that ask people, and what holds such."""
    return frozenset(node.name for node in graph if node.gates & PEOPLE)


def flows(graph: Graph, name: str) -> Iterator[Flow]:
    """A gate that reads the title says nothing of the text."""
    read = {node.name: _parts(node, name) for node in graph if name in node.reads}
    returned = graph.returned.get(name, frozenset())
    gates = asking(graph)
    for part in sorted(returned.union(*read.values()), key=repr):
        readers = _reached(graph, (one for one, parts in read.items() if part in parts))
        seeing = _reached(graph, (one for one, parts in read.items() if any(_holds(seen, part) for seen in parts)))
        yield Flow(readers, seeing & gates, part in returned or not readers.isdisjoint(graph.returned))


def _reached(graph: Graph, names: Iterable[str]) -> frozenset[str]:
    found = frozenset(names)
    return found | graph.readers(*found)


def read_in(value: Any, name: str) -> frozenset[Part]:
    """What expressions in a value read of the output of a node."""
    places: list[Place] = []
    Reader().collect(value, (), places)
    paths = (path for place in places for read in place.reading.expressions for path in read.paths)
    return frozenset(keys for root, keys in paths if root == name)


def _parts(node: Node, name: str) -> frozenset[Part]:
    """All of it, where no expression says."""
    items = node.loop.items if node.loop is not None else None
    return read_in([node.when, node.params, items], name) or frozenset({WHOLE})


def _holds(seen: Part, part: Part) -> bool:
    """Whether who sees the one sees the other in it. Of what is computed, nobody knows which it is."""
    return None not in seen and part[: len(seen)] == seen
