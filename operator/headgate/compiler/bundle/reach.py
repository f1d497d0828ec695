"""What comes before and after what, for those who decide about pods. Asked by `bundle`.

A set of units is a number here, a bit a unit: over 10,000 nodes, a step of the walk is one `or` of two such numbers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from headgate.compiler.bundle.sharing import Unit
from headgate.compiler.graph import Graph


@dataclass(frozen=True)
class Reach:
    """The graph as far as it concerns some units that are to run.

    A place stands for whatever ends as one: a node, be it one of the units, several (the items of a loop) or none (it
    runs later and somewhere else, and waits for some of them directly: whoever comes after that tells nothing more of
    the units); and what prepares a node. In topological order.
    """

    needs: Sequence[Sequence[int]]
    """Place → the places that it waits for directly."""
    units: Sequence[Sequence[int]]
    """Place → its units; none if it is not among those that are to run."""
    place: Mapping[int, int]
    """Unit → its place."""

    @cached_property
    def bits(self) -> Sequence[int]:
        """Place → its own bits: those of its units, or one that stands for it."""
        stand_in = 1 << len(self.place)
        bits = []
        for units in self.units:
            if units:
                bits.append(sum(1 << unit for unit in units))
            else:
                bits.append(stand_in)
                stand_in <<= 1
        return bits

    @cached_property
    def everything(self) -> int:
        stand_ins = sum(1 for units in self.units if not units)
        return (1 << len(self.place) + stand_ins) - 1

    @cached_property
    def before(self) -> Sequence[int]:
        """Place → everything that comes before it."""
        before: list[int] = []
        for needs in self.needs:
            found = 0
            for need in needs:
                found |= before[need] | self.bits[need]
            before.append(found)
        return before

    @cached_property
    def after(self) -> Sequence[int]:
        """Place → everything that comes after it."""
        after = [0] * len(self.needs)
        for place in range(len(self.needs) - 1, -1, -1):
            found = after[place] | self.bits[place]
            for need in self.needs[place]:
                after[need] |= found
        return after

    @cached_property
    def waiters(self) -> Sequence[Sequence[int]]:
        """Place → the places that wait for it directly."""
        waiters: list[list[int]] = [[] for _ in self.needs]
        for place, needs in enumerate(self.needs):
            for need in needs:
                waiters[need].append(place)
        return waiters


def build_reach(graph: Graph, units: Sequence[Unit]) -> Reach:
    running: dict[str, list[int]] = {}
    preparing: dict[str, list[int]] = {}
    for position, unit in enumerate(units):
        (preparing if unit.prepares else running).setdefault(unit.node.name, []).append(position)
    places: dict[str, int] = {}
    all_needs: list[list[int]] = []
    all_units: list[list[int]] = []
    for node in graph:
        needs = [places[need] for need in node.needs if need in places]
        if node.name in preparing:
            all_needs.append(needs)
            all_units.append(preparing[node.name])
            needs = [*needs, len(all_needs) - 1]
        own = running.get(node.name, [])
        if own or any(all_units[need] for need in needs):
            places[node.name] = len(all_needs)
            all_needs.append(needs)
            all_units.append(own)
    place_of = {unit: place for place, own in enumerate(all_units) for unit in own}
    return Reach(all_needs, all_units, place_of)
