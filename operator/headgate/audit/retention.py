"""What of the log is pruned: whole segments, the oldest first, and never the one that is written.

Asked by the ledger. That a segment goes is recorded before it goes, with the head that it ends in.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from headgate.audit.chain import Head
from headgate.audit.entry import Action, Actor, Fact
from headgate.lifecycle import moments

CHAIN = "audit-log"
"""Stands for the uid in entries about the log itself."""


@dataclass(frozen=True, slots=True)
class Retention:
    keep: float | None = None
    """Seconds; None: for ever."""
    most: int = 64 * 2**20
    """Bytes of all segments together."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """A segment that nothing comes into any more."""

    name: str
    number: int
    size: int
    first: int
    """The number of its first entry."""
    head: Head
    """Its end."""
    seen: str
    """When its last entry was recorded."""


def decide_pruning(segments: Sequence[Sealed], open_size: int, retention: Retention, now: datetime) -> list[Sealed]:
    """The oldest that must go. `segments`: in order."""
    total = open_size + sum(one.size for one in segments)
    going = []
    for one in segments:
        seen = moments.parse(one.seen)
        is_old = retention.keep is not None and seen is not None and (now - seen).total_seconds() > retention.keep
        if not is_old and total <= retention.most:
            break
        going.append(one)
        total -= one.size
    return going


def build_pruned(segment: Sealed) -> Fact:
    return Fact(
        Action.PRUNED,
        f"pruned/{segment.name}",
        "ConfigMap",
        segment.name,
        CHAIN,
        who="headgate",
        actor=Actor.HEADGATE,
        detail={"from": segment.first, "through": segment.head.number, "hash": segment.head.hash},
    )
