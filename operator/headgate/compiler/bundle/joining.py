"""Instant nodes join a neighbour, or one that waits for the same, where nobody waits longer for it. Asked by `bundle`.

Both rules of `bundle` are asked of the two pods taken as one, and a third question: no pod that it waits for may wait
for it in turn. If it waited for itself by a longer way round, a waiter in that circle, which by the first rule comes
after everything that the pod waits for, would already have waited for itself before the two were joined.

What is asked of a pod is asked of the sum of its members, and the sum of two pods is made of theirs: so a question
costs the same, however many members there are.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from headgate.compiler.bundle.pods import Pods
from headgate.compiler.sizes import MAX_MEMBERS_BYTES

_TRIES = 8
"""How many neighbours are asked on either side: a node may have thousands."""


def join(pods: Pods) -> None:
    joining = _Joining(pods)
    alike: dict[object, int] = {}
    for pod in _instant(pods):
        if pods.pod_of[pod] == pod and not any(joining.join(pod, near) for near in joining.neighbours(pod)):
            waits = pods.terms(pod), frozenset(pods.needs_of(pods.members(pod)))
            other = alike.setdefault(waits, pod)
            if other != pod and not joining.join(pod, pods.pod_of[other]):
                alike[waits] = pod


def _instant(pods: Pods) -> list[int]:
    """The pods of Instant nodes only."""
    light = {pods.pod_of[unit] for unit, its in enumerate(pods.units) if its.is_light}
    return [pod for pod, its in enumerate(pods.units) if its.terms and pods.pod_of[pod] == pod and pod not in light]


@dataclass(slots=True)
class _Sum:
    """A pod as the sum of its members. Sets of units are bits."""

    size: int
    units: int
    light: int
    after: int
    """Everything that comes after one of them."""
    needs: set[int]
    """The units that they wait for directly."""
    waiters: set[int]
    """The places that wait for them directly."""

    def plus(self, other: "_Sum") -> "_Sum":
        return _Sum(
            self.size + other.size,
            self.units | other.units,
            self.light | other.light,
            self.after | other.after,
            self.needs | other.needs,
            self.waiters | other.waiters,
        )


class _Joining:
    def __init__(self, pods: Pods) -> None:
        self._pods = pods
        self._reach = pods.reach
        self._sums: dict[int, _Sum] = {}

    def join(self, pod: int, neighbour: int) -> bool:
        """Make one pod of two, if it may be."""
        pods = self._pods
        mine, others = pods.terms(pod), pods.terms(neighbour)
        terms = mine.meet(others) if mine and others else None
        one, other = self._sum(pod), self._sum(neighbour)
        if not terms or one.size + other.size > MAX_MEMBERS_BYTES:
            return False
        together = one.plus(other)
        if not self._nobody_waits_longer(together, {pod, neighbour}):
            return False
        self._sums[pods.merge(pods.members(pod) + pods.members(neighbour), terms)] = together
        return True

    def neighbours(self, pod: int) -> Iterator[int]:
        """Rather the pod that gives the last of what it waits for, then those that wait for it."""
        whole, units = self._sum(pod), self._reach.units
        waiting = {unit for waiter in whole.waiters for unit in units[waiter]}
        asked = {pod}
        for unit in (*sorted(whole.needs, reverse=True)[:_TRIES], *sorted(waiting)[:_TRIES]):
            neighbour = self._pods.pod_of[unit]
            if neighbour not in asked:
                asked.add(neighbour)
                yield neighbour

    def _nobody_waits_longer(self, together: _Sum, own: set[int]) -> bool:
        pod_of, units_at, all_units, light = self._pods.pod_of, self._reach.units, together.units, together.light
        needed = {pod_of[unit] for unit in together.needs} - own
        if not needed and not light:
            return True
        if not needed.isdisjoint([pod_of[unit] for waiter in together.waiters for unit in units_at[waiter]]):
            return False
        # for each pod that it waits for, the members that come after that; if all do, so does whoever waits for one
        passages = [all_units & self._sum(pod).after for pod in needed]
        narrow = [passage for passage in passages if passage != all_units]
        if not narrow and not light:
            return True
        if any(light & ~passage for passage in narrow):
            return False
        for waiter in together.waiters:
            before = self._reach.before[waiter]
            if light & ~before or not all(before & passage for passage in narrow):
                units = units_at[waiter]
                if not units or any(pod_of[unit] not in own for unit in units):
                    return False
        return True

    def _sum(self, pod: int) -> _Sum:
        known = self._sums.get(pod)
        if known is None:
            known = self._sums[pod] = self._sum_of(self._pods.members(pod))
        return known

    def _sum_of(self, members: tuple[int, ...]) -> _Sum:
        pods, reach = self._pods, self._reach
        places = [reach.place[unit] for unit in members]
        units = light = after = 0
        for unit, place in zip(members, places, strict=True):
            units |= 1 << unit
            light |= pods.units[unit].is_light << unit
            after |= reach.after[place]
        needs = {need for unit in members for need in pods.needs[unit]}
        waiters = {waiter for place in places for waiter in reach.waiters[place]}
        return _Sum(pods.size_of(members), units, light, after, needs, waiters)
