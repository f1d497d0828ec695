"""Circles of nodes that wait for each other: which there are, and how to tell one as a path."""

from collections import deque
from collections.abc import Mapping, Sequence

from headgate.compiler.build.order import Needs


def find(needs: Needs, leftover: Sequence[str]) -> list[list[str]]:
    """One circle for each knot among the nodes that no order could be found for, begun at the node written first.

    Told as work would flow: `a → b` says that b needs a.
    """
    inside = set(leftover)
    followers: dict[str, list[str]] = {name: [] for name in leftover}
    for name in leftover:
        for need in needs[name]:
            if need in inside:
                followers[need].append(name)
    return [_way_round(followers, knot) for knot in _knots(followers)]


def _knots(followers: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """Sets of nodes that all reach each other, as written. Two walks (Kosaraju): along the edges, then against them."""
    backwards: dict[str, list[str]] = {name: [] for name in followers}
    for name, after in followers.items():
        for follower in after:
            backwards[follower].append(name)
    seen: set[str] = set()
    ended = [name for start in followers for name in _walk(followers, start, seen)]
    seen.clear()
    knots = [list(_walk(backwards, start, seen)) for start in reversed(ended)]
    place = {name: number for number, name in enumerate(followers)}
    loops = [knot for knot in knots if len(knot) > 1 or any(name in followers[name] for name in knot)]
    return sorted((sorted(knot, key=place.__getitem__) for knot in loops), key=lambda knot: place[knot[0]])


def _walk(edges: Mapping[str, Sequence[str]], start: str, seen: set[str]) -> list[str]:
    """Everything not seen that can be reached, each node after those reached through it."""
    if start in seen:
        return []
    seen.add(start)
    ended, open_ = [], [(start, iter(edges[start]))]
    while open_:
        name, rest = open_[-1]
        for following in rest:
            if following not in seen:
                seen.add(following)
                open_.append((following, iter(edges[following])))
                break
        else:
            ended.append(name)
            open_.pop()
    return ended


def _way_round(followers: Mapping[str, Sequence[str]], knot: Sequence[str]) -> list[str]:
    """The shortest way from the first node of a knot back to itself."""
    first, inside = knot[0], set(knot)
    came_from: dict[str, str] = {}
    waiting = deque([first])
    while first not in came_from:
        name = waiting.popleft()
        for following in followers[name]:
            if following in inside and following not in came_from:
                came_from[following] = name
                waiting.append(following)
    way = [first]
    while True:
        way.append(came_from[way[-1]])
        if way[-1] == first:
            return way[::-1]
