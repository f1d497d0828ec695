"""Situations in which something can run: what `bundle`, `cut` and `emit` are asked about in property tests."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hypothesis import strategies as st

from headgate.compiler.bundle import bundle
from headgate.compiler.graph import Graph, Node, Role
from headgate.compiler.known import Instance, Known, Settled
from headgate.compiler.leg import Bundle
from headgate_lang.fate import Outcome
from support.graphs import EVERYTHING, Dice, Shape, graphs

LIGHT_ONLY = Shape(nodes=14, gates=False, children=False, loops=False, final=False, credentials=False)


@dataclass(frozen=True)
class Situation:
    """A graph, some of whose nodes have ended, and what of the rest can run now."""

    graph: Graph
    known: Known
    ready: tuple[Instance, ...]

    @property
    def bundles(self) -> tuple[Bundle, ...]:
        return bundle(self.graph, self.ready)

    def needs(self, node: Node) -> Iterable[Instance]:
        """What a node waits for, of all that is ready."""
        return (instance for instance in self.ready if instance.node in node.needs and not instance.prepare)


def everything_ready(graph: Graph) -> Situation:
    return Situation(graph, Known(), tuple(Instance(node.name) for node in graph))


@st.composite
def situations(draw: st.DrawFn) -> Situation:
    whole = draw(graphs(draw(st.sampled_from((EVERYTHING, LIGHT_ONLY)))))
    dice = Dice(draw(st.integers(0, 2**30)))
    settled: dict[Instance, Settled] = {}
    ended: set[str] = set()
    joined: set[str] = set()
    ready: list[Instance] = []
    for node in whole:
        if ended.issuperset(node.needs) and dice.one_in(3):
            ended.add(node.name)
            settled[Instance(node.name)] = Settled(dice.choose((Outcome.SUCCEEDED, Outcome.SKIPPED, Outcome.FAILED)))
            settled[Instance(node.name, prepare=True)] = Settled(Outcome.SUCCEEDED, length=3)
        elif (ended | joined).issuperset(node.needs):
            if node.prepares:
                ready.append(Instance(node.name, prepare=True))
            elif node.role in (Role.WORK, Role.RENDER) and (instances := _instances(node)):
                ready += instances
                joined.add(node.name)
    return Situation(whole, Known(settled), tuple(ready))


def _instances(node: Node) -> Sequence[Instance]:
    if node.loop is None or not node.is_expanded:
        return [Instance(node.name)]
    return [Instance(node.name, index) for index in range(len(node.loop.items))]
