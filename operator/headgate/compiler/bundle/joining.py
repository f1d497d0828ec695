"""Instant nodes join a neighbour, or one that waits for the same, where nobody waits longer for it. Asked by `bundle`.

Both rules of `bundle` are asked of the two pods taken as one, and a third question: no pod that it waits for may wait
for it in turn. If it waited for itself by a longer way round, a waiter in that circle, which by the first rule comes
after everything that the pod waits for, would already have waited for itself before the two were joined.
"""

from collections.abc import Iterator

from headgate.compiler.bundle.pods import Pods
from headgate.compiler.sizes import MAX_MEMBERS_BYTES

_TRIES = 8
"""How many neighbours are asked on either side: a node may have thousands."""


def join(pods: Pods) -> None:
    alike: dict[object, int] = {}
    for pod in _instant(pods):
        if pods.pod_of[pod] == pod and not any(_merge(pods, pod, neighbour) for neighbour in _neighbours(pods, pod)):
            waits = pods.terms(pod), frozenset(pods.needs_of(pods.members(pod)))
            other = alike.setdefault(waits, pod)
            if other != pod and not _merge(pods, pod, pods.pod_of[other]):
                alike[waits] = pod


def _merge(pods: Pods, pod: int, neighbour: int) -> bool:
    """Make one pod of two, if it may be."""
    mine, others = pods.terms(pod), pods.terms(neighbour)
    terms = mine.meet(others) if mine and others else None
    together = pods.members(pod) + pods.members(neighbour)
    if not terms or pods.size_of(together) > MAX_MEMBERS_BYTES or not _nobody_waits_longer(pods, together):
        return False
    pods.merge(together, terms)
    return True


def _instant(pods: Pods) -> list[int]:
    """The pods of Instant nodes only."""
    light = {pods.pod_of[unit] for unit, its in enumerate(pods.units) if its.is_light}
    return [pod for pod, its in enumerate(pods.units) if its.terms and pods.pod_of[pod] == pod and pod not in light]


def _neighbours(pods: Pods, pod: int) -> Iterator[int]:
    """Rather the pod that gives the last of what it waits for, then those that wait for it."""
    reach = pods.reach
    places = [reach.place[unit] for unit in pods.members(pod)]
    needed = {unit for place in places for need in reach.needs[place] for unit in reach.units[need]}
    waiting = {unit for place in places for waiter in reach.waiters[place] for unit in reach.units[waiter]}
    asked = {pod}
    for unit in (*sorted(needed, reverse=True)[:_TRIES], *sorted(waiting)[:_TRIES]):
        neighbour = pods.pod_of[unit]
        if neighbour not in asked:
            asked.add(neighbour)
            yield neighbour


def _nobody_waits_longer(pods: Pods, members: tuple[int, ...]) -> bool:
    reach, pod_of = pods.reach, pods.pod_of
    own = {pod_of[unit] for unit in members}
    needed = pods.needs_of(members) - own
    light = sum(1 << unit for unit in members if pods.units[unit].is_light)
    passages = [_members_after(pods, members, pod) for pod in needed]
    if any(light & ~passage for passage in passages):
        return False
    for place in {reach.place[unit] for unit in members}:
        for waiter in reach.waiters[place]:
            waiting = {pod_of[unit] for unit in reach.units[waiter]}
            if waiting and waiting <= own:
                continue
            before = reach.before[waiter]
            if light & ~before or waiting & needed or not all(before & passage for passage in passages):
                return False
    return True


def _members_after(pods: Pods, members: tuple[int, ...], pod: int) -> int:
    """The bits of those members that come after a pod."""
    before, place = pods.reach.before, pods.reach.place
    bits = sum(1 << unit for unit in pods.members(pod))
    return sum(1 << unit for unit in members if before[place[unit]] & bits)
