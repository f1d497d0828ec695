"""When two values are the same, and which of two comes first. Used by `sort`, `dedupe`, `aggregate` and `array`."""

import re
from collections.abc import Callable, Hashable, Iterable, Mapping
from datetime import datetime
from typing import Any, Literal

from headgate_core.paths import Place, spell_place
from headgate_lang.paths import kind_of
from headgate_node import NodeError

Compare = Literal["auto", "number", "text", "natural", "time"]

MOST_DEPTH = 100


def identity(value: Any, depth: int = 0) -> Hashable:
    """The same for values that are equal as JSON: `1` and `1.0` are, `1` and `true` are not, keys have no order."""
    if isinstance(value, dict | list):
        if depth > MOST_DEPTH:
            raise NodeError("TooDeep", f"a value is nested deeper than {MOST_DEPTH}: compare a part of it")
        if isinstance(value, list):
            return ("list", *[identity(item, depth + 1) for item in value])
        return frozenset([(key, identity(member, depth + 1)) for key, member in value.items()])
    return ("boolean", value) if isinstance(value, bool) else value  # a text, a number or None as it is


def unique(values: Iterable[Any]) -> list[Any]:
    """Each value once, where it stands first."""
    found: dict[Hashable, Any] = {}
    for value in values:
        found.setdefault(identity(value), value)
    return list(found.values())


def rank(value: Any, compare: Compare, ignore_case: bool, place: Place) -> Any:
    """What a value is sorted by. Raises NodeError for what cannot be compared so."""
    return _RANKS[compare](value.casefold() if ignore_case and isinstance(value, str) else value, place)


def _auto(value: Any, place: Place) -> tuple[int, Any]:
    if isinstance(value, bool):
        return (2, value)
    if isinstance(value, int | float):
        return (0, value)
    if isinstance(value, str):
        return (1, value)
    raise _wrong(value, place, "numbers, texts and booleans can be sorted: name a field of it in `by`")


_NUMBER = re.compile(r"\s*[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?\s*")


def _number(value: Any, place: Place) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and len(value) < 400 and _NUMBER.fullmatch(value):
        return float(value)
    raise _wrong(value, place, "which is no number: write `compare: auto` or `natural`")


def _text(value: Any, place: Place) -> str:
    if isinstance(value, str):
        return value
    raise _wrong(value, place, "which is no text: write `compare: auto`")


_PIECES = re.compile(r"[0-9]+|[^0-9]+")


def _natural(value: Any, place: Place) -> tuple[Any, ...]:
    """`file2` before `file10`. Numbers are compared by length and digits, as they may be longer than Python reads."""
    pieces = _PIECES.findall(_text(value, place))
    return tuple(
        (0, len(bare := piece.lstrip("0")), bare) if piece[0] in "0123456789" else (1, 0, piece) for piece in pieces
    )


def _time(value: Any, place: Place) -> float:
    try:
        moment = datetime.fromisoformat(_text(value, place))
    except ValueError:
        raise _wrong(value, place, "which is no time: write it like 2026-11-21T05:30:58Z") from None
    if moment.tzinfo is None:
        raise _wrong(value, place, "which has no zone: add Z or +01:00")
    return moment.timestamp()


def _wrong(value: Any, place: Place, what: str) -> NodeError:
    shown = repr(value[:60]) if isinstance(value, str) else str(value) if isinstance(value, int | float) else ""
    return NodeError("NotComparable", f"{spell_place(place)} is {kind_of(value)}{f' {shown}' if shown else ''}, {what}")


_RANKS: Mapping[Compare, Callable[[Any, Place], Any]] = {
    "auto": _auto,
    "number": _number,
    "text": _text,
    "natural": _natural,
    "time": _time,
}
