"""Values on their way into the engine and out of it, with the types of LANGUAGE §3.7.

Into it: null members are left out, integers where a schema says number become doubles, and what the engine would
mangle becomes a marker that only fails where it is read. Out of it: plain JSON, bounded.
"""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import Enum
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from headgate_lang.engine import Value

MAX_RESULT_BYTES = 1 << 20
MAX_DEPTH = 100


class _Absent(Enum):
    ABSENT = "absent"


ABSENT: Literal[_Absent.ABSENT] = _Absent.ABSENT
"""The one nothing: what an optional that is not there evaluates to."""


class ExpressionError(Exception):
    """Why an expression has no value. Ends a node as Failed with the reason ExpressionError."""

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(f"{message}: {remedy}" if remedy else message)
        self.message = message
        self.remedy = remedy


class TextWithNul:
    """Stands for a text with U+0000, which the engine would cut there."""


class TextWithSurrogate:
    """Stands for a text with half a surrogate pair, which is no Unicode."""


class HugeNumber:
    """Stands for an integer beyond 64 bits, or a number beyond a double."""


class DeeplyNested:
    """Stands for what lies deeper than the engine is asked to follow."""


_NUL, _SURROGATE, _HUGE, _DEEP = TextWithNul(), TextWithSurrogate(), HugeNumber(), DeeplyNested()
_OPEN: Mapping[str, Any] = {}


def to_engine(value: Any, schema: Any = _OPEN, depth: int = 0) -> Any:
    """A document, or a part of it, as expressions see it."""
    if isinstance(value, str):
        return _text(value)
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int):
        return _number(value, as_double=_type(schema) == "number")
    if depth >= MAX_DEPTH:
        return _DEEP
    if isinstance(value, list):
        items = _part(schema, "items")
        return [to_engine(item, items, depth + 1) for item in value]
    keys = "".join(value)
    if (readable := _text(keys)) is not keys:
        return readable
    return {
        key: to_engine(member, part_of(schema, key), depth + 1) for key, member in value.items() if member is not None
    }


def part_of(schema: Any, key: str) -> Any:
    """The schema of one field of an object."""
    properties = _part(schema, "properties")
    return properties[key] if key in properties else _part(schema, "additionalProperties")


def _text(value: str) -> Any:
    if "\0" in value:
        return _NUL
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            return _SURROGATE
    return value


def _number(value: int, as_double: bool) -> Any:
    if not as_double:
        return value if -(1 << 63) <= value < 1 << 63 else _HUGE
    try:
        return float(value)
    except OverflowError:
        return _HUGE


def _type(schema: Any) -> Any:
    return schema.get("type") if isinstance(schema, Mapping) else None


def _part(schema: Any, keyword: str) -> Mapping[str, Any]:
    part = schema.get(keyword) if isinstance(schema, Mapping) else None
    return part if isinstance(part, Mapping) else _OPEN


def from_engine(value: "Value") -> Any:
    """What an expression yielded, as plain JSON. Raises ExpressionError for what has none, and beyond 1 MiB."""
    return _Reader().read(value)


class _Reader:
    """Counts what it has read, so that a small expression cannot yield a huge value."""

    def __init__(self) -> None:
        self.left = MAX_RESULT_BYTES

    def read(self, value: "Value") -> Any:
        kind = value.type().name()
        if kind == "NULL":
            self.spend(4)
            return None  # reading it would cost the interpreter a reference to None: a fault of the engine
        if kind in _REFUSED:
            raise ExpressionError(*_REFUSED[kind])
        plain = value.value()
        if kind.startswith("LIST"):
            self.spend(len(plain) + 2)
            return [self.read(item) for item in plain]
        if kind.startswith("MAP"):
            return self.members(plain)
        return self.scalar(plain)

    def members(self, plain: "dict[Any, Value]") -> dict[str, Any]:
        """CEL's maps have no order: sorted, the same inputs give the same bytes."""
        if wrong := [key for key in plain if not isinstance(key, str)]:
            raise ExpressionError(f"the key {wrong[0]!r} of a map is no text", "write `string(x)` for the key")
        self.spend(sum(len(key) + 4 for key in plain) + 2)
        return {key: self.read(plain[key]) for key in sorted(plain)}

    def scalar(self, plain: Any) -> Any:
        if isinstance(plain, datetime):
            plain = timestamp_text(plain)
        elif isinstance(plain, float) and not math.isfinite(plain):
            raise ExpressionError(f"the result is {plain}, which no JSON can carry", "look for a division by zero")
        self.spend(len(plain.encode()) + 2 if isinstance(plain, str) else 8)
        return plain

    def spend(self, size: int) -> None:
        self.left -= size
        if self.left < 0:
            remedy = "pass the parts one by one, or let a node do it"
            raise ExpressionError("the result is larger than 1 MiB", remedy)


_REFUSED = {
    "BYTES": ("the result is bytes, which no JSON can carry", "write `base64.encode(x)` or `string(x)`"),
    "DURATION": ("the result is a duration, which no JSON can carry", "write `string(x)` or `x.getSeconds()`"),
    "TYPE": ("the result is a type, which is no value", "write `string(x)`"),
    "ERROR": ("an optional stands inside a list or a map", 'write `[?x]` or `{?"key": x}`, or `x.orValue(…)`'),
    "UNKNOWN": ("the result is unknown", ""),
}


def timestamp_text(moment: datetime) -> str:
    """RFC 3339 in UTC, with as many digits of the second as are needed."""
    text = moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S").zfill(19)
    fraction = f".{moment.microsecond:06}".rstrip("0") if moment.microsecond else ""
    return f"{text}{fraction}Z"
