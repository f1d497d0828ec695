"""The Runs of each workflow, as far as limits on their number ask: so that nobody has to read ten thousand of them.

Told of every change of a Run, asked when Runs are gathered.
"""

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import TypeGuard

from headgate.api.run import Phase
from headgate.kube.cache import Change
from headgate.kube.kinds import Object
from headgate.kube.siblings import read_sibling
from headgate.lifecycle.children import FINAL
from headgate.lifecycle.observed import Sibling
from headgate.lifecycle.starting import NEAR

_Family = tuple[str, str]
"""Namespace and workflow."""
_Place = tuple[datetime, str]
"""In a queue: who was created first comes first, of one second by their names."""


class Siblings:
    def __init__(self) -> None:
        self._runs: defaultdict[_Family, dict[str, Sibling]] = defaultdict(dict)
        self._queued: defaultdict[_Family, list[_Place]] = defaultdict(list)
        """In order. Thousands may queue, and each that begins asks who comes next."""

    def note(self, change: Change) -> bool:
        """Whether somebody has left a place of its workflow's limit, or of its queue: others move up."""
        before, after = self._leave(change.old), self._join(change.new)
        return (_takes_a_place(before) and not _takes_a_place(after)) or (_queues(before) and not _queues(after))

    def _leave(self, run: Object | None) -> Sibling | None:
        if run is None:
            return None
        family = family_of(run)
        sibling = self._runs.get(family, {}).pop(run["metadata"]["uid"], None)
        if sibling is None:
            return None  # as it was then, it made no sense and never joined
        if not self._runs[family]:
            del self._runs[family]
        if _queues(sibling):
            queue = self._queued[family]
            del queue[bisect_left(queue, _place(sibling))]
            if not queue:
                del self._queued[family]
        return sibling

    def _join(self, run: Object | None) -> Sibling | None:
        if run is None:
            return None
        family, sibling = family_of(run), read_sibling(run)
        self._runs[family][sibling.uid] = sibling
        if _queues(sibling):
            insort(self._queued[family], _place(sibling))
        return sibling

    def of(self, family: _Family, uid: str) -> tuple[Sibling, ...]:
        """All but the one that asks."""
        return tuple(one for its, one in self._runs.get(family, {}).items() if its != uid)

    def last(self, family: _Family) -> Sibling | None:
        """The one that was created last."""
        found = self._runs.get(family)
        return max(found.values(), key=_place) if found else None

    def phases(self) -> Iterator[str]:
        """Of all Runs, one each."""
        return (one.phase or "Pending" for family in tuple(self._runs.values()) for one in family.values())

    def under_way(self) -> list[tuple[str, str]]:
        """Namespace and name of all Runs that have not ended."""
        runs = self._runs.items()
        return [(family[0], one.name) for family, its in runs for one in its.values() if one.phase not in FINAL]

    def next(self, family: _Family) -> list[str]:
        """The names of those at the head of the queue. Each that begins wakes those behind it."""
        return [name for _, name in self._queued.get(family, ())[: NEAR + 1]]


def _takes_a_place(sibling: Sibling | None) -> bool:
    """One that waits for people takes none."""
    return sibling is not None and sibling.phase == Phase.RUNNING


def _queues(sibling: Sibling | None) -> TypeGuard[Sibling]:
    return sibling is not None and sibling.phase in ("", Phase.PENDING) and sibling.may_start


def _place(sibling: Sibling) -> _Place:
    return sibling.created_at, sibling.name


def family_of(run: Object) -> _Family:
    return run["metadata"].get("namespace", ""), run["spec"].get("workflow", "")
