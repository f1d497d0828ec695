"""What a pod tells: the report to the operator, and to the pods after it how its nodes ended.

The report is rewritten whole whenever an instance starts or settles. So a pod that was killed still tells which of its
instances had started: only what never started may run again without a thought.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from headgate_lang import documents, strict
from headgate_lang.fate import Outcome

VERSION = 1
MAX_FAILED_ITEMS = 100


class Phase(StrEnum):
    RUNNING = "Running"
    SUCCEEDED = "Succeeded"
    SKIPPED = "Skipped"
    FAILED = "Failed"
    OMITTED = "Omitted"


@dataclass(frozen=True, slots=True)
class Error:
    """What expressions read as `a.error`; of a loop, `items` is there too."""

    reason: str
    message: str
    attempts: int = 1


@dataclass(frozen=True, slots=True)
class Failure:
    """An item of a loop that failed, as expressions read it in `a.failed`."""

    index: int
    error: Error
    item: Any = None


@dataclass(frozen=True, slots=True)
class End:
    """How a node ended, as it looks to the others: a failure under `onError: Continue` is Failed and Skipped."""

    outcome: Outcome
    error: Error | None = None
    failed: tuple[Failure, ...] = ()
    """Of a loop: the items that failed, at most MAX_FAILED_ITEMS. If a pod ran some of the items, then of those."""
    failed_count: int = 0
    """How many these are, where that is more than are told."""


@dataclass(frozen=True, slots=True)
class Counts:
    """The items of a loop that ran in one place."""

    items: int
    succeeded: int
    failed: int


@dataclass(frozen=True, slots=True)
class Entry:
    """What became of an instance. If it failed: `reason`, `message` and `attempts` are its error."""

    phase: Phase
    reason: str = ""
    message: str = ""
    cause: str | None = None
    """The node that decided it, where another did."""
    attempts: int = 0
    started_at: str | None = None
    seconds: float | None = None
    usage: Mapping[str, float] = field(default_factory=dict)
    """Whatever is counted: tokens, GPU seconds."""
    size: int | None = None
    """Of its output, in bytes."""
    is_large: bool = False
    """Its output went to the artifact store."""
    is_kept: bool = True
    """Its output went anywhere: one that nobody outside the pod reads is not kept if it is too large."""
    preview: str | None = None
    """The beginning of its output, for people."""
    length: int | None = None
    """Of the list of a loop, counted before its items run."""
    counts: Counts | None = None
    failed: tuple[Failure, ...] = ()
    """The items that failed, at most MAX_FAILED_ITEMS; of a loop that ran in one place."""
    item: Any = None
    """The item itself, if it failed; of an item of a loop."""


@dataclass(frozen=True, slots=True)
class Report:
    version: int
    instances: Mapping[str, Entry]
    """By their paths, such as `fetch`, `fetch[3]`, `review/prepare`. One that is left out has not started, or found no
    answer to what it needs: it is planned again."""


def encode(report: Report) -> str:
    return documents.encode(strict.encode(report))


def decode(text: str, instances: Collection[str]) -> Report:
    """Read the report of a pod that ran these instances. Raises MalformedError."""
    report = strict.decode(Report, _read(text))
    if report.version != VERSION:
        raise strict.MalformedError("version", f"is {report.version}, and {VERSION} is what can be read")
    if strangers := sorted(report.instances.keys() - frozenset(instances)):
        raise strict.MalformedError("instances", f"tells of {strangers[0]!r}, which this pod does not run")
    return report


def encode_ends(ends: Mapping[str, End]) -> str:
    return documents.encode({node: strict.encode(end) for node, end in ends.items()})


def decode_ends(text: str) -> Mapping[str, End]:
    """Node → how it ended; a node without an answer is not there. Raises MalformedError."""
    document = _read(text)
    if document is None:
        return {}
    if not isinstance(document, dict):
        raise strict.MalformedError("", "must be an object")
    return {node: strict.decode(End, end) for node, end in document.items()}


def _read(text: str) -> Any:
    try:
        return documents.decode(text)
    except documents.DocumentError as error:
        raise strict.MalformedError("", str(error)) from None
