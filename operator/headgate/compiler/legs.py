"""`cut(graph, bundles) → Legs`: what starts now, in pieces that fit into one Argo Workflow each. Asked by `plan`.

A bundle stands in the leg of what it waits for. One that finds no room there, reads too much out of it, or waits for
bundles of several legs, is left out: it is planned again when those have settled. What waits for nothing never is.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from headgate.compiler import sizes
from headgate.compiler.graph import Graph
from headgate.compiler.leg import Bundle, Leg


@dataclass(slots=True)
class _Room:
    """What is left of a leg."""

    pods: int = sizes.MAX_PODS
    bytes: int = sizes.MAX_LEG
    places: list[int] = field(default_factory=list)
    """The bundles in it, by their places in the whole."""

    def has(self, pods: int, size: int) -> bool:
        return not self.places or (pods <= self.pods and size <= self.bytes)

    def take(self, places: list[int], size: int) -> None:
        self.pods -= len(places)
        self.bytes -= size
        self.places += places


def cut(graph: Graph, bundles: Sequence[Bundle]) -> tuple[Leg, ...]:
    """Bundles that hang together share a leg, if a leg can hold them all."""
    size_of = [_size(graph, bundle) for bundle in bundles]
    rooms = [_Room()]
    for part in _connected(bundles, _later(graph, bundles)):
        size = sum([size_of[place] for place in part])
        if len(part) <= sizes.MAX_PODS and size <= sizes.MAX_LEG:
            if not rooms[-1].has(len(part), size):
                rooms.append(_Room())
            rooms[-1].take(part, size)
        else:
            rooms += _spread(part, bundles, size_of)
            rooms.append(_Room())
    return tuple(_leg(bundles, room.places) for room in rooms if room.places)


def _size(graph: Graph, bundle: Bundle) -> int:
    """What it will take, when each of its documents is as large as one may always be."""
    inside = _names(bundle)
    nodes = [graph[name] for name in inside]
    written = [node for node in nodes if node.prepares or graph.is_read_outside(node.name, inside)]
    read = frozenset[str]().union(*[node.reads for node in nodes]) - inside
    documents = len(written) + len(read)
    pod = sizes.pod_bytes(nodes, len(bundle.members), len(bundle.waits_for))
    return pod + documents * sizes.MIN_DOCUMENT


def _names(bundle: Bundle) -> frozenset[str]:
    return frozenset([member.node for member in bundle.members])


def _later(graph: Graph, bundles: Sequence[Bundle]) -> set[int]:
    """What would read more documents out of its own leg than its template can hold, and whatever waits for that. In a
    later leg it reads them from where the operator keeps them."""
    later: set[int] = set()
    for place, bundle in enumerate(bundles):
        if not later.isdisjoint(bundle.waits_for) or not _can_read(graph, bundle, bundles):
            later.add(place)
    return later


def _can_read(graph: Graph, bundle: Bundle, bundles: Sequence[Bundle]) -> bool:
    nodes = [graph[name] for name in _names(bundle)]
    reads = frozenset[str]().union(*[node.reads for node in nodes])
    documents = sum([len(reads & _names(bundles[need])) for need in bundle.waits_for])
    return documents < 2 or sizes.may_read(documents, nodes)


def _connected(bundles: Sequence[Bundle], later: set[int]) -> list[list[int]]:
    """The parts of what is left that have nothing to do with each other, each in topological order."""
    parent = list(range(len(bundles)))

    def find(place: int) -> int:
        while parent[place] != place:
            parent[place] = place = parent[parent[place]]
        return place

    for place, bundle in enumerate(bundles):
        if place not in later:
            for need in bundle.waits_for:
                parent[find(place)] = find(need)
    parts: dict[int, list[int]] = {}
    for place in range(len(bundles)):
        if place not in later:
            parts.setdefault(find(place), []).append(place)
    return list(parts.values())


def _spread(part: list[int], bundles: Sequence[Bundle], size_of: Sequence[int]) -> list[_Room]:
    """Place what is too much for one leg: depth first, so that a leg holds what follows its own, and not only roots."""
    waiting = {place: len(bundles[place].waits_for) for place in part}
    followers: dict[int, list[int]] = {place: [] for place in part}
    for place in part:
        for need in bundles[place].waits_for:
            followers[need].append(place)
    rooms = [_Room()]
    room_of: dict[int, int] = {}
    ready = [place for place in reversed(part) if not waiting[place]]
    while ready:
        place = ready.pop()
        needed = {room_of[need] for need in bundles[place].waits_for}
        if len(needed) > 1:
            continue
        room = needed.pop() if needed else len(rooms) - 1
        if not rooms[room].has(1, size_of[place]):
            if bundles[place].waits_for:
                continue
            rooms.append(_Room())
            room = len(rooms) - 1
        rooms[room].take([place], size_of[place])
        room_of[place] = room
        for follower in reversed(followers[place]):
            waiting[follower] -= 1
            if not waiting[follower]:
                ready.append(follower)
    return rooms


def _leg(bundles: Sequence[Bundle], places: list[int]) -> Leg:
    position = {place: number for number, place in enumerate(sorted(places))}
    moved = []
    for place in position:
        bundle = bundles[place]
        waits_for = tuple([position[need] for need in bundle.waits_for])
        moved.append(Bundle(bundle.members, waits_for, bundle.at_once))
    return Leg(tuple(moved))
