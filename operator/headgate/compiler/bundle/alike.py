"""The largest parts of a graph that look the same from everywhere outside. Asked by `bundle`.

Whatever comes before or after one member of such a part comes before or after all of them: the part could be one node.
There is but one way to divide a set of nodes into the largest of these, because a part that looks the same from outside
never falls to pieces when the members of a larger set are told apart by how they look from outside of that.
"""

from collections.abc import Iterator

from headgate.compiler.bundle.pods import Pods
from headgate.compiler.sizes import MAX_MEMBERS_BYTES

_ROUNDS = 16
"""How often a set is divided before its members get a pod each: it happens in graphs that are like a long fence."""


def divide(block: list[int], pods: Pods, rounds: int = _ROUNDS) -> Iterator[list[int]]:
    """Divide units of equal terms into parts that look the same from outside and fit into a pod."""
    if len(block) == 1:
        yield block
    elif rounds == 0:
        yield from ([unit] for unit in block)
    else:
        parts = _by_looks(block, pods)
        if len(parts) == 1 and pods.size_of(block) <= MAX_MEMBERS_BYTES:
            yield block
        else:
            for part in parts if len(parts) > 1 else _packed(block, pods):
                yield from divide(part, pods, rounds - 1)


def _by_looks(block: list[int], pods: Pods) -> list[list[int]]:
    reach = pods.reach
    outside = reach.everything & ~sum([1 << unit for unit in block])
    if not outside:
        return [block]
    looks: dict[tuple[int, int], list[int]] = {}
    for unit in block:
        place = reach.place[unit]
        looks.setdefault((reach.before[place] & outside, reach.after[place] & outside), []).append(unit)
    return list(looks.values())


def _packed(block: list[int], pods: Pods) -> list[list[int]]:
    """What is too large for a pod, packed anew: by what hangs together, or if all of it does, one after the other."""
    parts = _connected(block, pods)
    if len(parts) == 1:
        parts = [[unit] for unit in block]
    packed: list[list[int]] = []
    room = 0
    for part in parts:
        size = pods.size_of(part)
        if packed and size <= room:
            packed[-1] += part
        else:
            packed.append(part)
            room = MAX_MEMBERS_BYTES
        room -= size
    return [sorted(part) for part in packed]


def _connected(block: list[int], pods: Pods) -> list[list[int]]:
    """The parts of a block that hang together by what waits for what."""
    reach, left, connected = pods.reach, set(block), []
    for first in block:
        if first in left:
            left.discard(first)
            part = [first]
            for unit in part:
                place = reach.place[unit]
                near = {unit for at in (*reach.needs[place], *reach.waiters[place]) for unit in reach.units[at]} & left
                left -= near
                part += near
            connected.append(part)
    return connected
