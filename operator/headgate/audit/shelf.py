"""Which segments there are, as far as they were read: those that are sealed, and the last. Kept by the ledger."""

import contextlib
from dataclasses import dataclass, field

from headgate.audit.chain import head_of
from headgate.audit.entry import MalformedEntryError, decode
from headgate.audit.retention import Sealed
from headgate.audit.segments import Object, lines_of, number_of


@dataclass(frozen=True, slots=True)
class Tail:
    """The last segment."""

    number: int
    version: str = ""
    size: int = 0
    first: int = 0
    first_seen: str = ""
    is_sealed: bool = True


@dataclass
class Shelf:
    sealed: list[Sealed] = field(default_factory=list)
    tail: Tail = Tail(0)

    def read(self, segment: Object) -> None:
        """Remember of a segment what the next write, and pruning, have to know."""
        size, first, seen = 0, 0, ""
        for line in lines_of(segment):
            size += len(line.text) + 1
            if not first:
                with contextlib.suppress(MalformedEntryError):
                    entry = decode(line.text)
                    first, seen = entry.number, entry.seen
        self.note(segment, size, first, seen)

    def note(self, segment: Object, size: int, first: int, first_seen: str) -> None:
        metadata = segment["metadata"]
        number = number_of(metadata["name"]) or 0
        is_sealed = bool(segment.get("immutable"))
        self.tail = Tail(number, metadata["resourceVersion"], size, first, first_seen, is_sealed)
        if is_sealed and all(one.number != number for one in self.sealed):
            lines = list(lines_of(segment))
            with contextlib.suppress(MalformedEntryError, IndexError):
                last = decode(lines[-1].text)
                self.sealed.append(Sealed(metadata["name"], number, size, first, head_of(last), last.seen))

    def drop(self, number: int) -> None:
        self.sealed = [one for one in self.sealed if one.number != number]
