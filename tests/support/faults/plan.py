"""What is to go wrong, and when: written down before a run, so that a test says what it tries and can be run again."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Mishap(StrEnum):
    """What becomes of one write."""

    KILL_BEFORE = "KillBefore"
    """The client is killed, and the API server never hears of it."""
    KILL_AFTER = "KillAfter"
    """The API server has done it, and the client is killed before it hears so."""
    CONFLICT = "409"
    BUSY = "429"
    """With a Retry-After of a second."""
    INTERNAL = "500"
    TIMEOUT = "504"
    RESET = "Reset"
    """The connection breaks before the API server hears of it."""
    LOST = "Lost"
    """The API server has done it, and the connection breaks before the answer comes."""


KILLS = (Mishap.KILL_BEFORE, Mishap.KILL_AFTER)
ANSWERS = (Mishap.CONFLICT, Mishap.BUSY, Mishap.INTERNAL, Mishap.TIMEOUT, Mishap.RESET, Mishap.LOST)


class Disturbance(StrEnum):
    """What becomes of a watch, in place of an event."""

    DROPPED = "Dropped"
    """It breaks off."""
    LATE = "Late"
    """The event comes later than it happened, and all that follow it too."""
    STALLED = "Stalled"
    """It stays open and says nothing for `seconds`, which may be longer than any watch lives; then it breaks off."""
    EXPIRED = "Expired"
    """It breaks off, and the next one is answered with 410 Gone: list again."""
    GONE = "Gone"
    """It says 410 Gone itself, as an event, and ends."""
    STALE = "Stale"
    """As EXPIRED, and the list that is asked for then is as old as the first one."""
    REWOUND = "Rewound"
    """It breaks off, and the next one begins where the first did: everything is told once more."""


@dataclass(frozen=True, slots=True)
class WriteFault:
    """The write with this number, from 1 on, goes wrong. If a kind is named, all of that kind count, and no other."""

    at: int
    mishap: Mishap
    kind: str | None = None
    times: int = 1
    """So do those that follow it, its own repetitions first, until so many have."""

    def hits(self, number: int, kind: str, number_of_kind: int) -> bool:
        counted = number if self.kind is None else number_of_kind
        return self.kind in (None, kind) and self.at <= counted < self.at + self.times


@dataclass(frozen=True, slots=True)
class WatchFault:
    """The watch of this resource is disturbed, `times` times."""

    resource: str
    """Such as `runs.headgate.dev`, or `secrets`."""
    disturbance: Disturbance
    times: int = 1
    after: int = 0
    """How many events come through first, and between two times."""
    seconds: float = 1.0
    """How late, or how long it stalls."""


@dataclass(frozen=True, slots=True)
class Plan:
    writes: Sequence[WriteFault] = ()
    watches: Sequence[WatchFault] = ()

    def mishap(self, number: int, kind: str, number_of_kind: int) -> Mishap | None:
        hits = (fault.mishap for fault in self.writes if fault.hits(number, kind, number_of_kind))
        return next(hits, None)
