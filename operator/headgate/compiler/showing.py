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
    """A gate that reads the title says nothing of the text; one that counts its words says nothing of it, either."""
    read = {node.name: _parts(node, name) for node in graph if name in node.reads}
    seen = {node.name: _parts(node, name, plainly=True) for node in graph if name in node.reads}
    returned = graph.returned.get(name, frozenset())
    gates = asking(graph)
    for part in sorted(returned.union(*read.values()), key=repr):
        readers = _reached(graph, (one for one, parts in read.items() if part in parts))
        seeing = _reached(graph, (one for one, parts in seen.items() if any(_holds(whole, part) for whole in parts)))
        yield Flow(readers, seeing & gates, part in returned or not readers.isdisjoint(graph.returned))


def _reached(graph: Graph, names: Iterable[str]) -> frozenset[str]:
    found = frozenset(names)
    return found | graph.readers(*found)


def read_in(value: Any, name: str, *, plainly: bool = False) -> frozenset[Part]:
    """What expressions in a value read of the output of a node. `plainly`: what they copy as it is."""
    return frozenset(
        keys
        for place in _places(value)
        for read in place.reading.expressions
        if read.is_plain or not plainly
        for root, keys in read.paths
        if root == name
    )


def _parts(node: Node, name: str, *, plainly: bool = False) -> frozenset[Part]:
    """All of it, where no expression says."""
    written = [node.when, node.params, node.loop.items if node.loop is not None else None]
    return read_in(written, name, plainly=plainly) if read_in(written, name) else frozenset({WHOLE})


def _places(value: Any) -> list[Place]:
    places: list[Place] = []
    Reader().collect(value, (), places)
    return places


def _holds(whole: Part, part: Part) -> bool:
    """Whether who sees the one sees the other in it."""
    return part[: len(whole)] == whole
