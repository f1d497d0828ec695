"""What a text reads: its expressions, and what each refers to. The same text is read once.

What a node's texts read are its edges (`needs`); `check` asks the same readings for everything else. Most texts read
plain paths only: those are found by one regular expression, and in a workflow of 10,000 nodes that is what counts. For
the same reason these classes are not frozen; nobody changes them.
"""

import re
from dataclasses import dataclass
from typing import Any

from headgate.errors import Item
from headgate_lang import cel, paths, template
from headgate_lang.flaw import Flaw
from headgate_lang.paths import Reference

Steps = tuple[str | Item, ...]
"""The way from a node (or from the spec) to a value in it."""

Keys = tuple[str | int | None, ...]
"""The steps of a path; None for one that is computed."""


@dataclass(slots=True)
class Read:
    """One expression: what stands between `start` and `end` of a text."""

    text: str
    start: int
    end: int
    root: str
    """What a plain path begins with."""
    keys: Keys | None
    """The steps of a plain path, which is copied out of a document and not evaluated; None for anything else."""
    computed: tuple[Reference, ...] = ()
    """What anything else reads."""

    @property
    def source(self) -> str:
        return self.text[self.start : self.end]

    @property
    def is_plain(self) -> bool:
        return self.keys is not None

    @property
    def paths(self) -> tuple[tuple[str, Keys], ...]:
        """What it reads, as roots and keys: all that most questions need."""
        if self.keys is not None:
            return ((self.root, self.keys),)
        return tuple((one.root, tuple(step.key for step in one.steps)) for one in self.computed)

    @property
    def references(self) -> tuple[Reference, ...]:
        if self.keys is None:
            return self.computed
        plain = paths.parse(self.source)
        return () if plain is None else (plain,)


@dataclass(slots=True)
class Reading:
    """A text with expressions in it. What could not be read is a flaw."""

    text: str
    expressions: tuple[Read, ...]
    is_whole: bool
    """The text is one expression, whose value it is, with its type."""
    flaws: tuple[Flaw, ...] = ()

    @property
    def is_plain(self) -> bool:
        return all(read.keys is not None for read in self.expressions)


@dataclass(slots=True)
class Place:
    """A text with expressions, and where it stands."""

    steps: Steps
    reading: Reading


class Reader:
    """Reads texts, each distinct one once; roots and keys that are equal are one object."""

    def __init__(self) -> None:
        self._known: dict[str, Reading] = {}
        self._roots: dict[str, str] = {}
        self._keys: dict[str, Keys] = {}

    def collect(self, value: Any, steps: Steps, places: list[Place]) -> None:
        """Add every text with an expression in a value, at any depth."""
        if isinstance(value, str):
            if "${" in value:
                places.append(Place(steps, self._known.get(value) or self._read(value)))
        elif isinstance(value, dict):
            for key, held in value.items():
                self.collect(held, (*steps, key), places)
        elif isinstance(value, list):
            for index, held in enumerate(value):
                self.collect(held, (*steps, item_of(index, held)), places)

    def _read(self, text: str) -> Reading:
        reading = self._known[text] = self._read_plain(text) or _read(text)
        return reading

    def _read_plain(self, text: str) -> Reading | None:
        """A text whose expressions are all plain paths of fields, at a glance."""
        reads = []
        for match in _PLAIN.finditer(text):
            root, below = match.groups()
            keys = self._keys.get(below)
            if keys is None:
                keys = self._keys[below] = tuple(below.split(".")[1:])
            if root in paths.RESERVED_WORDS or not paths.KEYWORDS.isdisjoint(keys):
                return None
            start, end = match.span()
            reads.append(Read(text, start + 2, end - 1, self._roots.setdefault(root, root), keys))
        if len(reads) == 1 and end - start == len(text):
            return Reading(text, tuple(reads), True)
        if len(reads) != text.count("${") or "$${" in text:
            return None
        is_whole = len(reads) == 1 and start == 0 and end == len(text.rstrip("\r\n"))
        return Reading(text, tuple(reads), is_whole)


_PLAIN = re.compile(r"\$\{([a-z][a-z0-9_]*)((?:\.[A-Za-z_][A-Za-z0-9_]*)*)\}")


def item_of(index: int, held: Any) -> Item:
    """A place in a list, called by its name where it has one: `cases[critical]`."""
    name = held.get("name") if isinstance(held, dict) else None
    return Item(index, name if isinstance(name, str) else None)


def _read(text: str) -> Reading:
    parsed = template.parse(text)
    flaws = list(parsed.flaws)
    reads = []
    for expression in parsed.expressions:
        start, end = expression.start, expression.end
        plain = paths.parse(expression.source)
        if plain is not None:
            reads.append(Read(text, start, end, plain.root, tuple(step.key for step in plain.steps)))
            continue
        try:
            reads.append(Read(text, start, end, "", None, cel.references(expression.source)))
        except cel.InvalidExpressionError as error:
            flaws.extend(flaw.moved(start) for flaw in error.flaws)
    return Reading(text, tuple(reads), parsed.whole is not None and not flaws, tuple(flaws))
