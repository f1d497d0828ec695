"""The chain: each entry holds the hash of the one before, so its end vouches for all of it. Asked by the ledger."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from headgate.audit.entry import Entry, Fact, build_entry

_HEAD = re.compile(r"([1-9][0-9]{0,15}|0):(sha256:[0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a chain, as an auditor keeps it elsewhere: `128:sha256:9f…`."""

    number: int
    hash: str

    def __str__(self) -> str:
        return f"{self.number}:{self.hash}"


START = Head(0, f"sha256:{'0' * 64}")
"""Before the first entry."""


def parse_head(text: str) -> Head | None:
    found = _HEAD.fullmatch(text.strip())
    return Head(int(found[1]), found[2]) if found else None


def head_of(entry: Entry) -> Head:
    return Head(entry.number, entry.hash)


def extend(head: Head, facts: Iterable[Fact], seen: str) -> tuple[Entry, ...]:
    """The entries that these facts become, after this head."""
    entries = []
    for fact in facts:
        entry = build_entry(fact, head.number + 1, head.hash, seen)
        entries.append(entry)
        head = head_of(entry)
    return tuple(entries)
