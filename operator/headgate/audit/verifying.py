"""`Verifier`: whether a log is the one that was written. Reads it line by line, and tells every flaw.

A chain alone shows edits, holes and swaps. That it was cut at its end, or written anew from some entry on with new
hashes, shows only against a head that was kept elsewhere.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from headgate.audit.chain import START, Head, head_of
from headgate.audit.entry import Action, Entry, MalformedEntryError, decode, is_intact

MAX_FLAWS = 200


class Fault(StrEnum):
    UNREADABLE = "Unreadable"
    CHANGED = "Changed"
    MISSING = "Missing"
    OUT_OF_ORDER = "OutOfOrder"
    UNLINKED = "Unlinked"
    DOUBLED = "Doubled"
    CUT_AT_START = "CutAtStart"
    CUT_AT_END = "CutAtEnd"
    ANOTHER = "Another"
    """What stands under the number of a head is not what stood there."""


@dataclass(frozen=True, slots=True)
class Flaw:
    fault: Fault
    message: str
    segment: str = ""

    def __str__(self) -> str:
        return f"{f'{self.segment}: ' if self.segment else ''}{self.message} [{self.fault}]"


@dataclass(frozen=True, slots=True)
class Verified:
    flaws: tuple[Flaw, ...]
    count: int
    first: Entry | None
    last: Entry | None
    unchecked: tuple[Head, ...] = ()
    """Heads of entries that are not there, rightly: they were pruned by now, or are not of this part."""

    @property
    def head(self) -> Head:
        return head_of(self.last) if self.last else START


@dataclass
class Verifier:
    heads: Iterable[Head] = ()
    is_part: bool = False
    """What is read is what a search found: it may begin, go on and end anywhere, but not in another order."""
    flaws: list[Flaw] = field(default_factory=list)
    count: int = 0
    first: Entry | None = None
    last: Entry | None = None

    def __post_init__(self) -> None:
        self._wanted = [head for head in self.heads if head.number]
        self._numbers = {head.number for head in self._wanted}
        self._found: dict[int, str] = {}
        self._ids: set[int] = set()
        self._pruned: set[Head] = {START}

    def read(self, text: str, segment: str = "") -> Entry | None:
        """The entry that a line is; None if it is none."""
        try:
            entry = decode(text)
        except MalformedEntryError as error:
            self._tell(Fault.UNREADABLE, f"after entry {self._last_number} stands what is no entry: {error}", segment)
            return None
        if not is_intact(entry, text):
            self._tell(Fault.CHANGED, f"entry {entry.number} was changed: its hash is that of another", segment)
        self._link(entry, segment)
        self._note(entry, segment)
        return entry

    def finish(self) -> Verified:
        first, last = self.first, self._last_number
        if first is not None and not self.is_part and Head(first.number - 1, first.previous) not in self._pruned:
            said = f"it begins with entry {first.number}, and nothing says that what was before was pruned"
            self._tell(Fault.CUT_AT_START, said if first.number > 1 else "entry 1 is not a beginning")
        unchecked = []
        for head in self._wanted:
            if self.is_part and head.number not in self._found:
                unchecked.append(head)
            elif head.number > last:
                said = f"it ends with entry {last}, and there was an entry {head.number}" if last else "it is empty"
                self._tell(Fault.CUT_AT_END, said)
            elif first is not None and head.number < first.number:
                unchecked += [] if head in self._pruned else [head]
            elif self._found.get(head.number) != head.hash:
                self._tell(Fault.ANOTHER, f"entry {head.number} is not the one that stood there")
        return Verified(tuple(self.flaws), self.count, first, self.last, tuple(unchecked))

    def _link(self, entry: Entry, segment: str) -> None:
        last = self.last
        if last is None:
            return
        if entry.number <= last.number:
            self._tell(Fault.OUT_OF_ORDER, f"entry {entry.number} comes after entry {last.number}", segment)
        elif entry.number > last.number + 1:
            if self.is_part:
                return
            hole = range(last.number + 1, entry.number)
            said = f"entries {hole[0]} to {hole[-1]} are missing" if len(hole) > 1 else f"entry {hole[0]} is missing"
            self._tell(Fault.MISSING, said, segment)
        elif entry.previous != last.hash:
            said = f"entry {entry.number} was written after another entry {last.number}"
            self._tell(Fault.UNLINKED, said, segment)

    def _note(self, entry: Entry, segment: str) -> None:
        mark = int(entry.id[:16], 16) if _is_hex(entry.id[:16]) else hash(entry.id)
        if mark in self._ids:
            self._tell(Fault.DOUBLED, f"entry {entry.number} tells what was told before", segment)
        self._ids.add(mark)
        if entry.number in self._numbers:
            self._found[entry.number] = entry.hash
        if entry.action == Action.PRUNED:
            through, hash_ = entry.detail.get("through"), entry.detail.get("hash")
            if isinstance(through, int) and isinstance(hash_, str):
                self._pruned.add(Head(through, hash_))
        self.count += 1
        self.first = self.first or entry
        self.last = entry

    @property
    def _last_number(self) -> int:
        return self.last.number if self.last else 0

    def _tell(self, fault: Fault, message: str, segment: str = "") -> None:
        if len(self.flaws) < MAX_FLAWS:
            self.flaws.append(Flaw(fault, message, segment))


def _is_hex(text: str) -> bool:
    return len(text) == 16 and all(letter in "0123456789abcdef" for letter in text)
