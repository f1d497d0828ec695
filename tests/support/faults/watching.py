"""What happens to lists and watches under a plan, and whether it did: what hit nothing counts for nothing.

Kept by the proxy, which tells of each event, watch and list, and does what it is told.
"""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from support.faults.plan import Disturbance, WatchFault

_AT_THE_EVENT = frozenset({Disturbance.DROPPED, Disturbance.LATE, Disturbance.STALLED, Disturbance.GONE})


@dataclass
class _Open:
    fault: WatchFault
    seen: int = 0
    """Events since it last happened."""
    begun: int = 0
    happened: int = 0
    owes: Disturbance | None = None
    """What the next watch, or the next list, is still to meet."""


@dataclass
class Watching:
    faults: Sequence[WatchFault] = ()
    _open: list[_Open] = field(default_factory=list)
    _first_lists: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    """Resource → the path by which it was listed first, and the answer."""

    def __post_init__(self) -> None:
        self._open = [_Open(fault) for fault in self.faults]

    @property
    def effects(self) -> Counter[Disturbance]:
        """How often each has really met somebody."""
        counted: Counter[Disturbance] = Counter()
        for one in self._open:
            counted[one.fault.disturbance] += one.happened
        return counted

    @property
    def is_over(self) -> bool:
        """Nothing more will happen."""
        return all(one.begun == one.fault.times and one.owes is None for one in self._open)

    def on_event(self, resource: str) -> WatchFault | None:
        """What happens in place of this event."""
        for one in self._open:
            fault = one.fault
            if fault.resource != resource or one.begun == fault.times or one.owes is not None:
                continue
            one.seen += 1
            if one.seen <= fault.after:
                continue
            one.seen, one.begun = 0, one.begun + 1
            if fault.disturbance in _AT_THE_EVENT:
                one.happened += 1
            else:
                one.owes = fault.disturbance
            return fault
        return None

    def on_watch(self, resource: str) -> Disturbance | None:
        """EXPIRED: it is answered with 410. REWOUND: it begins at `first_version`."""
        for one in self._open:
            if one.fault.resource != resource or one.owes is None:
                continue
            if one.owes is Disturbance.STALE:
                return Disturbance.EXPIRED
            owed, one.owes = one.owes, None
            one.happened += 1
            return owed
        return None

    def on_list(self, resource: str, path: str, answer: bytes) -> bytes:
        """What is answered in its place."""
        first_path, first = self._first_lists.setdefault(resource, (path, answer))
        for one in self._open:
            if one.fault.resource == resource and one.owes is Disturbance.STALE and path == first_path:
                one.owes = None
                one.happened += _version_of(first) != _version_of(answer)
                return first
        return answer

    def first_version(self, resource: str) -> str | None:
        found = self._first_lists.get(resource)
        return None if found is None else _version_of(found[1])


def _version_of(answer: bytes) -> str:
    version: str = json.loads(answer)["metadata"]["resourceVersion"]
    return version
