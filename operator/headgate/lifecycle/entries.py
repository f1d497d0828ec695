"""What legs told, as it is kept: an entry for each instance, and where its document lies.

A kept Secret holds the entries of its leg under `ENTRIES`, and the documents under keys of their own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from headgate.compiler.known import Instance
from headgate.lifecycle.observed import Kept, Reference
from headgate_lang import documents, strict
from headgate_lang.fate import Outcome
from headgate_lang.report import Entry, Phase

_OUTCOMES = {
    Phase.SUCCEEDED: Outcome.SUCCEEDED,
    Phase.SKIPPED: Outcome.SKIPPED,
    Phase.FAILED: Outcome.FAILED,
    Phase.OMITTED: Outcome.OMITTED,
}


def outcome_of(entry: Entry) -> Outcome:
    return _OUTCOMES[entry.phase]


@dataclass(frozen=True, slots=True)
class Live:
    """A document that still lies in the leg that wrote it."""

    text: str


@dataclass(frozen=True, slots=True)
class Stored:
    """A document in the artifact store."""

    key: str


Place = Live | Reference | Stored


@dataclass(frozen=True, slots=True)
class Told:
    """How an instance ended, by which leg, and where its output lies."""

    entry: Entry
    leg: int
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class KeptEntry:
    entry: Entry
    key: str | None = None
    """Of the document in the same Secret."""
    store: str | None = None
    """Of the document in the artifact store."""


@dataclass(frozen=True, slots=True)
class Entries:
    """What a kept Secret says of its leg."""

    phase: str
    """Succeeded or Failed: of the leg."""
    told: Mapping[str, KeptEntry] = field(default_factory=dict)
    again: tuple[str, ...] = ()
    """Instances whose pod ended without telling what became of them, and that may run again."""


def encode(entries: Entries) -> str:
    return documents.encode(strict.encode(entries))


def decode(text: str) -> Entries:
    """Raises MalformedError: only we write such Secrets, so somebody else did."""
    try:
        return strict.decode(Entries, documents.decode(text))
    except documents.DocumentError as error:
        raise strict.MalformedError("", str(error)) from None


def told_by(kept: Kept, entries: Entries) -> Mapping[Instance, Told]:
    return {Instance.parse(path): Told(one.entry, kept.leg, _place(kept, one)) for path, one in entries.told.items()}


def _place(kept: Kept, one: KeptEntry) -> Place | None:
    if one.key is not None:
        return Reference(kept.secret, one.key)
    return Stored(one.store) if one.store is not None else None
