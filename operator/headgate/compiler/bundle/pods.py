"""Units and the pods they are in: at first one each, merged while `bundle` decides. A pod goes by its first unit."""

from collections.abc import Iterable, Sequence
from functools import cached_property

from headgate.compiler.bundle.reach import Reach, build_reach
from headgate.compiler.bundle.sharing import Terms, Unit
from headgate.compiler.graph import Graph
from headgate.compiler.sizes import MAX_MEMBERS, MAX_MEMBERS_BYTES, member_bytes


class Pods:
    def __init__(self, graph: Graph, units: Sequence[Unit]) -> None:
        self.units = units
        self.pod_of = list(range(len(units)))
        self._graph = graph
        self._members: dict[int, tuple[int, ...]] = {}
        self._terms: dict[int, Terms] = {}

    @cached_property
    def reach(self) -> Reach:
        return build_reach(self._graph, self.units)

    @cached_property
    def needs(self) -> Sequence[Sequence[int]]:
        """Unit → the units that it waits for directly."""
        units_of: dict[str, list[int]] = {}
        for position, unit in enumerate(self.units):
            if not unit.prepares:
                units_of.setdefault(unit.node.name, []).append(position)
        return [
            [position for need in unit.node.needs if need in units_of for position in units_of[need]]
            for unit in self.units
        ]

    @cached_property
    def sizes(self) -> Sequence[int]:
        """Unit → its part of what a pod may hold, where each takes a hundredth at least."""
        least = MAX_MEMBERS_BYTES // MAX_MEMBERS
        return [max(member_bytes(unit.node), least) for unit in self.units]

    def members(self, pod: int) -> tuple[int, ...]:
        """Its units, in topological order."""
        return self._members.get(pod) or (pod,)

    def terms(self, pod: int) -> Terms | None:
        return self._terms.get(pod) or self.units[pod].terms

    def merge(self, units: Iterable[int], terms: Terms) -> int:
        """Put these units into one pod: the name that it goes by."""
        members = tuple(sorted(units))
        pod = members[0]
        self._members[pod] = members
        self._terms[pod] = terms
        for unit in members:
            self.pod_of[unit] = pod
        return pod

    def size_of(self, units: Iterable[int]) -> int:
        sizes = self.sizes
        return sum([sizes[unit] for unit in units])

    def needs_of(self, units: Iterable[int]) -> set[int]:
        """The pods of what these wait for directly, which may be their own."""
        pod_of, needs = self.pod_of, self.needs
        return {pod_of[need] for unit in units for need in needs[unit]}
