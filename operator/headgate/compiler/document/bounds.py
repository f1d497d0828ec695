"""Before anything else looks at a document: is it JSON, and of a size that the API server and we can handle?

Whatever passes is a plain tree of dicts, lists, strings, numbers and booleans, copied, with nulls left out.
"""

import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from headgate.compiler.reasons import ProblemReason
from headgate.errors import Item, Path, Problem

MAX_BYTES = 1_048_576
MAX_DEPTH = 64
MAX_PROBLEMS = 1_000
_MAX_INTEGER = 2**63 - 1


def bound(document: object) -> tuple[dict[str, Any] | None, list[Problem]]:
    """What is left of a document, and what was wrong with it; nothing is left if it is no object, or too large."""
    walk = _Walk()
    tree = walk.copy(document, None, 0)
    walk.weigh(None)
    if walk.refused:
        return None, [walk.refused]
    if isinstance(tree, dict):
        return tree, walk.problems
    return None, [
        Problem(Path(), ProblemReason.WRONG_TYPE, "this is no object", "start with `apiVersion:` and `kind:`")
    ]


Trail = tuple["Trail", str | tuple[int, object]] | None
"""Where the walk is: the way there, and the last step (into a list, with its item). Only to tell is it made a Path."""


def path_of(trail: Trail) -> Path:
    steps: list[str | Item] = []
    while trail is not None:
        trail, step = trail
        steps.append(step if isinstance(step, str) else Item(step[0], name_of(step[1])))
    return Path(tuple(reversed(steps)))


class _Walk:
    """One walk over a document, and what it met."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.refused: Problem | None = None
        self._bytes = 0

    def copy(self, value: object, trail: Trail, depth: int) -> Any:
        if isinstance(value, str):
            return self._text(value, trail)
        if isinstance(value, bool):
            return value
        if isinstance(value, float):
            return self._float(value, trail)
        if isinstance(value, int):
            return self._integer(value, trail)
        if isinstance(value, dict | list | tuple | Mapping):
            return self._container(value, trail, depth)
        self._tell(trail, ProblemReason.WRONG_TYPE, f"a {type(value).__name__} is not JSON", "write it in quotes")
        return None

    def _container(self, value: Mapping[Any, Any] | list[Any] | tuple[Any, ...], trail: Trail, depth: int) -> Any:
        self.weigh(trail)
        if depth > MAX_DEPTH:
            self._refuse(trail, f"this is nested more than {MAX_DEPTH} deep", "make it flatter")
        if self.refused:
            return None
        self._bytes += 2
        if isinstance(value, Mapping):
            return self._members(value, trail, depth)
        return [self._item(item, (trail, (index, item)), depth) for index, item in enumerate(value)]

    def _item(self, item: object, trail: Trail, depth: int) -> Any:
        """What is refused leaves an empty text: the items behind it keep their places."""
        if item is None:
            self._null(trail, "this item")
            return ""
        copied = self.copy(item, trail, depth + 1)
        return "" if copied is None else copied

    def _members(self, value: Mapping[Any, Any], trail: Trail, depth: int) -> dict[str, Any]:
        members = {}
        for key, member in value.items():
            if type(key) is type(member) is str and key.isascii() and member.isascii():  # most of any document
                self._bytes += len(key) + len(member) + 6
                members[key] = member
                continue
            if not isinstance(key, str):
                self._odd_key(key, trail)
                continue
            here = (trail, key)
            if self._text(key, here) is None:
                continue
            if member is None:
                if path_of(trail).steps[:1] != ("metadata",):
                    self._null(here, f"`{key}`")
            elif (copied := self.copy(member, here, depth + 1)) is not None:
                members[key] = copied
        return members

    def _text(self, value: str, trail: Trail) -> str | None:
        try:
            self._bytes += len(value) if value.isascii() else len(value.encode())
        except UnicodeEncodeError:
            self._tell(
                trail, ProblemReason.INVALID_VALUE, "this text is not Unicode: half of a surrogate pair", "retype it"
            )
            return None
        self._bytes += 3
        return str(value)

    def _float(self, value: float, trail: Trail) -> float | None:
        self._bytes += 8
        if not math.isfinite(value):
            self._tell(trail, ProblemReason.INVALID_VALUE, f"`{value}` is no number of JSON", "leave it out")
            return None
        return value

    def _integer(self, value: int, trail: Trail) -> int | None:
        self._bytes += 8
        if abs(value) > _MAX_INTEGER and value != as_stored(float(value)):
            self._tell(
                trail, ProblemReason.INVALID_VALUE, "Kubernetes would round so large a number", "write it in quotes"
            )
            return None
        return value

    def _null(self, trail: Trail, what: str) -> None:
        self._tell(trail, ProblemReason.NULL_REFUSED, f"{what} has no value, or null", "give it one, or leave it out")

    def _odd_key(self, key: object, trail: Trail) -> None:
        remedy = "write it in quotes"
        if isinstance(key, bool):
            remedy = "YAML reads on, off, yes, no, y and n as booleans: take another name"
        self._tell((trail, str(key)), ProblemReason.WRONG_TYPE, f"the key `{key}` is no text", remedy, on_key=True)

    def weigh(self, trail: Trail) -> None:
        if self._bytes > MAX_BYTES:
            self._refuse(trail, "the document is larger than 1 MiB", "move what is large into an object store")

    def _refuse(self, trail: Trail, message: str, remedy: str) -> None:
        self.refused = self.refused or Problem(path_of(trail), ProblemReason.TOO_LARGE, message, remedy)

    def _tell(self, trail: Trail, reason: ProblemReason, message: str, remedy: str, *, on_key: bool = False) -> None:
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(Problem(path_of(trail), reason, message, remedy, on_key=on_key))


def as_stored(value: float) -> float:
    """The number that the API server gives back for this one: without a point where it is whole."""
    return int(Decimal(repr(value))) if value.is_integer() else value


def name_of(item: object) -> str | None:
    """What a list's item is called, where it has a name."""
    match item:
        case {"name": str(name)}:
            return name
    return None
