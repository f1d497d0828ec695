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
    INTERNAL = "500"
    TIMEOUT = "504"
    RESET = "Reset"
    """The connection breaks before the API server hears of it."""
    LOST = "Lost"
    """The API server has done it, and the connection breaks before the answer comes."""


KILLS = (Mishap.KILL_BEFORE, Mishap.KILL_AFTER)
ANSWERS = (Mishap.CONFLICT, Mishap.BUSY, Mishap.INTERNAL, Mishap.TIMEOUT, Mishap.RESET, Mishap.LOST)


class Disturbance(StrEnum):
    """What becomes of a watch."""

    DROPPED = "Dropped"
    """It breaks off in place of an event."""
    LATE = "Late"
    """Each event comes later than it happened."""
    STALLED = "Stalled"
    """From an event on it stays open and says nothing, for `seconds`; then it breaks off."""
    EXPIRED = "Expired"
    """It is answered with 410 Gone: list again."""
    STALE = "Stale"
    """The list before it is as old as the first one that was asked for."""


@dataclass(frozen=True, slots=True)
class WriteFault:
    """The write with this number, counted from 1, goes wrong."""

    at: int
    mishap: Mishap


@dataclass(frozen=True, slots=True)
class WatchFault:
    """Watches of these kinds are disturbed, `times` times."""

    plurals: frozenset[str]
    disturbance: Disturbance
    times: int = 1
    after: int = 0
    """How many events come through first."""
    seconds: float = 1.0
    """How late, or how long it stalls."""


@dataclass(frozen=True, slots=True)
class Plan:
    writes: Sequence[WriteFault] = ()
    watches: Sequence[WatchFault] = ()

    def mishap(self, number: int) -> Mishap | None:
        return next((fault.mishap for fault in self.writes if fault.at == number), None)
