"""The Runs of each workflow, as far as limits on their number ask: so that nobody has to read ten thousand of them.

Told of every change of a Run, asked when Runs are gathered.
"""

import heapq
from collections import defaultdict
from collections.abc import Iterator

from headgate.api.run import Phase
from headgate.kube.cache import Change
from headgate.kube.kinds import Object
from headgate.kube.siblings import read_sibling
from headgate.lifecycle.children import FINAL
from headgate.lifecycle.observed import Sibling
from headgate.lifecycle.starting import NEAR

_Family = tuple[str, str]
"""Namespace and workflow."""


class Siblings:
    def __init__(self) -> None:
        self._runs: defaultdict[_Family, dict[str, Sibling]] = defaultdict(dict)

    def note(self, change: Change) -> bool:
        """Whether somebody has left a place of its workflow's limit, or of its queue: others move up."""
        family = family_of(change.thing)
        if change.new is None:
            gone = self._runs[family].pop(change.thing["metadata"]["uid"], None)
            if not self._runs[family]:
                del self._runs[family]
            return _takes_a_place(gone) or _queues(gone)
        sibling = read_sibling(change.new)
        before = self._runs[family].get(sibling.uid)
        self._runs[family][sibling.uid] = sibling
        return (_takes_a_place(before) and not _takes_a_place(sibling)) or (_queues(before) and not _queues(sibling))

    def of(self, family: _Family, uid: str) -> tuple[Sibling, ...]:
        """All but the one that asks."""
        return tuple(one for its, one in self._runs.get(family, {}).items() if its != uid)

    def last(self, family: _Family) -> Sibling | None:
        """The one that was created last."""
        found = self._runs.get(family)
        return max(found.values(), key=lambda one: (one.created_at, one.name)) if found else None

    def phases(self) -> Iterator[str]:
        """Of all Runs, one each."""
        return (one.phase or "Pending" for family in tuple(self._runs.values()) for one in family.values())

    def under_way(self) -> list[tuple[str, str]]:
        """Namespace and name of all Runs that have not ended."""
        runs = self._runs.items()
        return [(family[0], one.name) for family, its in runs for one in its.values() if one.phase not in FINAL]

    def next(self, family: _Family) -> list[str]:
        """The names of those at the head of the queue. Each that begins wakes those behind it."""
        queued = (one for one in self._runs.get(family, {}).values() if _queues(one))
        return [one.name for one in heapq.nsmallest(NEAR + 1, queued, key=lambda one: (one.created_at, one.name))]


def _takes_a_place(sibling: Sibling | None) -> bool:
    """One that waits for people takes none."""
    return sibling is not None and sibling.phase == Phase.RUNNING


def _queues(sibling: Sibling | None) -> bool:
    return sibling is not None and sibling.phase in ("", Phase.PENDING) and sibling.may_start


def family_of(run: Object) -> _Family:
    return run["metadata"].get("namespace", ""), run["spec"].get("workflow", "")
