"""What kubectl makes of a YAML value: YAML 1.1 as go-yaml reads it, then JSON. `syntax` asks for each scalar.

PyYAML's own resolver differs (sexagesimal numbers, dates, `y`), so what lint saw would not be what the cluster gets.
"""

import re
from dataclasses import dataclass
from typing import Any

from headgate.cli.reading.tree import Mapping, Node, Scalar

Value = str | int | float | bool | None

_BOOLEANS = {
    spelling: truth
    for words, truth in (("y yes true on", True), ("n no false off", False))
    for word in words.split()
    for spelling in (word, word.capitalize(), word.upper())
}
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_NOT_JSON = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_NUMBER_START = frozenset("+-.0123456789")
_INTEGER = re.compile(
    r"(?P<sign>[-+]?)(?:0[xX](?P<hex>[0-9a-fA-F]+)|0[bB](?P<bin>[01]+)|0[oO]?(?P<oct>[0-7]+)|(?P<dec>0|[1-9]\d*))"
)
_FLOAT = re.compile(r"[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?")
_SAFE_IN_BOTH = re.compile(r"[-+]?(?:0|[1-9]\d*|0x[0-9a-fA-F]+|0o[0-7]+)")
_BASES = {"hex": 16, "bin": 2, "oct": 8, "dec": 10}
_MAX_UINT64 = 2**64 - 1
_EXACT = 2**53


class NotJsonError(ValueError):
    """A value that YAML knows and JSON does not: infinity, not a number."""


@dataclass(frozen=True, slots=True)
class Resolved:
    value: Value
    otherwise: str = ""
    """What YAML 1.2 takes the same characters for, where that is something else."""


def resolve(plain: str) -> Resolved:
    """Read a scalar that stands without quotes."""
    if plain in _BOOLEANS:
        return Resolved(_BOOLEANS[plain], "" if plain.lower() in ("true", "false") else "text")
    if plain in _NULLS:
        return Resolved(None)
    if plain[0] not in _NUMBER_START:
        return Resolved(plain)
    if _NOT_JSON.fullmatch(plain):
        raise NotJsonError(plain)
    return _number(plain)


def _number(plain: str) -> Resolved:
    digits = plain.replace("_", "") if plain[0] != "." else plain
    integer = _INTEGER.fullmatch(digits)
    if integer is not None:
        number = _as_integer(integer)
        if -(_MAX_UINT64 // 2) - 1 <= number <= _MAX_UINT64:
            return Resolved(number, _otherwise(plain))
    if _FLOAT.fullmatch(digits) is None:
        return Resolved(plain)
    value = float(digits)
    if value in (float("inf"), float("-inf")):
        return Resolved(plain)
    # A JSON number has no kinds: Go writes 2.0 as 2, and so the API server reads an integer.
    return Resolved(int(value) if value.is_integer() and abs(value) < _EXACT else value, _otherwise(plain))


def _as_integer(match: re.Match[str]) -> int:
    kind = match.lastgroup or "dec"
    return int(match["sign"] + match[kind], _BASES[kind])


def _otherwise(plain: str) -> str:
    if "_" in plain or plain.lstrip("+-")[:2] in ("0b", "0B", "0X", "0O"):
        return "text"
    if _SAFE_IN_BOTH.fullmatch(plain) or _FLOAT.fullmatch(plain) is None or not re.fullmatch(r"[-+]?0\d+", plain):
        return ""
    return str(int(plain))


def as_data(root: Node) -> Any:
    """The tree as plain JSON data. What an anchor names is built once, however often it is repeated."""
    built: dict[int, Any] = {}

    def build(node: Node) -> Any:
        if isinstance(node, Scalar):
            return _scalar(node)
        if id(node) not in built:
            if isinstance(node, Mapping):
                built[id(node)] = {entry.key.text: build(entry.value) for entry in node.entries}
            else:
                built[id(node)] = [build(item) for item in node.items]
        return built[id(node)]

    return build(root)


def _scalar(node: Scalar) -> Value:
    if node.style:
        return node.text
    try:
        return resolve(node.text).value
    except NotJsonError:
        return node.text
