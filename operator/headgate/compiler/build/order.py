"""The order of nodes: topological, ties as written; and what is left over, where circles stand in its way."""

from collections.abc import Iterable, Mapping
from heapq import heapify, heappop, heappush

Needs = Mapping[str, Iterable[str]]
"""Name → the names of what it needs, in the order in which they were written. Closed: whatever is needed is a key."""


def sort(needs: Needs) -> tuple[list[str], list[str]]:
    """The names in order, and those left over because they stand in a circle, or after one."""
    if _is_sorted(needs):
        return list(needs), []
    written = list(needs)
    number = {name: place for place, name in enumerate(written)}
    missing = [len(set(needed)) for needed in needs.values()]
    followers: list[list[int]] = [[] for _ in written]
    for place, needed in enumerate(needs.values()):
        for need in set(needed):
            followers[number[need]].append(place)
    ready = [place for place, count in enumerate(missing) if not count]
    heapify(ready)
    order = []
    while ready:
        place = heappop(ready)
        order.append(written[place])
        for follower in followers[place]:
            missing[follower] -= 1
            if not missing[follower]:
                heappush(ready, follower)
    placed = set(order)
    return order, [name for name in written if name not in placed]


def _is_sorted(needs: Needs) -> bool:
    """Most people write a node after those that it needs."""
    seen = set()
    for name, needed in needs.items():
        for need in needed:
            if need not in seen:
                return False
        seen.add(name)
    return True
