"""Who tells whom what, within a leg: which files a pod writes, and who reads them. Built once a leg, asked by the rest.

Names in Argo are positions, and all of them ours: pod `n3`, its documents `o0`, `o1`, … a member each.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter

from headgate.compiler.graph import Graph, Node, Role
from headgate.compiler.leg import Bundle, Leg
from headgate_lang.fate import Outcome
from headgate_lang.task import NO_RETRY, Follower, Retry

_PREPARING = 60.0
"""Seconds that expressions may take which something waits for that is no pod of its own."""


@dataclass(frozen=True, slots=True)
class Part:
    """What becomes one member of a task: an instance, or the items of a loop that this pod runs."""

    node: Node
    prepares: bool
    only: tuple[int, ...] | None
    is_read: bool
    """Whether anybody outside the pod reads its document, now or later."""

    @property
    def runs_type(self) -> bool:
        """Whether the node's type runs, and not the runtime alone."""
        return self.node.role is Role.WORK and not self.prepares

    @property
    def rule(self) -> str | None:
        return self.node.rule if self.prepares else None

    @property
    def instances(self) -> int:
        return len(self.only) if self.only else 1

    @property
    def timeout(self) -> float:
        """Of one attempt. To prepare is the runtime's own work: a gate's timeout, which is none, is not about it."""
        return _PREPARING if self.prepares else self.node.timeout

    @property
    def retry(self) -> Retry:
        return NO_RETRY if self.prepares else self.node.retry


@dataclass(slots=True)
class Pod:
    position: int
    parts: Sequence[Part]
    at_once: int | None
    waits_for: tuple[int, ...]
    instances: int
    leader: Node | None
    """A node whose type runs in it: it speaks for all of these, which have equal terms."""
    needs: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    """Node outside this pod → where it runs in this leg, as position and number of the part. Nowhere: it has ended."""
    reads: set[str] = field(default_factory=set)
    """Those of `needs` whose output is read."""
    readers: dict[int, int] = field(default_factory=dict)
    """Number of a part → how many other pods read its document."""
    tells: dict[str, None] = field(default_factory=dict)
    """Nodes whose end other pods of the leg ask for."""
    go: dict[int, tuple[Follower, ...]] = field(default_factory=dict)
    """Position of a later pod → its members, where this pod can find out that none of them runs."""

    @property
    def name(self) -> str:
        return f"n{self.position}"


def wire(graph: Graph, leg: Leg, returned: frozenset[str]) -> Sequence[Pod]:
    pods = [_pod(graph, position, bundle, returned) for position, bundle in enumerate(leg.bundles)]
    running: dict[str, list[tuple[int, int]]] = {}
    for pod in pods:
        for number, part in enumerate(pod.parts):
            if not part.prepares:
                running.setdefault(part.node.name, []).append((pod.position, number))
    for pod in pods:
        _connect(pod, pods, running)
    return pods


def _pod(graph: Graph, position: int, bundle: Bundle, returned: frozenset[str]) -> Pod:
    parts = []
    names = frozenset([member.node for member in bundle.members])
    for name, group in groupby(bundle.members, key=attrgetter("node")):
        members = tuple(group)
        only = None if members[0].index is None else tuple([member.index or 0 for member in members])
        node, prepares = graph[name], members[0].prepare
        is_read = prepares or node.role is Role.RENDER or name in returned or graph.is_read_outside(name, names)
        parts.append(Part(node, prepares, only, is_read))
    leader = next((part.node for part in parts if part.runs_type), None)
    return Pod(position, parts, bundle.at_once, bundle.waits_for, len(bundle.members), leader)


def _connect(pod: Pod, pods: Sequence[Pod], running: Mapping[str, list[tuple[int, int]]]) -> None:
    for part in pod.parts:
        for need in part.node.needs:
            places = running.get(need, [])
            if places and places[0][0] == pod.position:
                continue
            pod.needs[need] = places
            if need in part.node.reads:
                pod.reads.add(need)
    for need, places in pod.needs.items():
        for position, number in places:
            other = pods[position]
            other.tells[need] = None
            if need in pod.reads:
                other.readers[number] = other.readers.get(number, 0) + 1
    for position in pod.waits_for:
        followers = tuple(_followers(pod, position, running))
        if all(follower.needs for follower in followers):
            pods[position].go[pod.position] = followers


def _followers(pod: Pod, position: int, running: Mapping[str, list[tuple[int, int]]]) -> Iterator[Follower]:
    """The members of a pod with those needs of theirs that another pod knows about, or that stand in this pod."""
    for part in pod.parts:
        known = {
            need: accepted
            for need, accepted in part.node.needs.items()
            if accepted is not Outcome.ENDED and _is_told_at(running.get(need, []), (position, pod.position))
        }
        yield Follower(part.node.name, known)


def _is_told_at(places: list[tuple[int, int]], positions: tuple[int, int]) -> bool:
    """Whether a node ends in one of these pods alone: one that runs some of its items cannot tell."""
    return len(places) == 1 and places[0][0] in positions
