"""The conversions of `convert`: strict, exact in between, and refusing what would lose something."""

import math
import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from headgate_core.bounds import MOST_ITEMS, check_size
from headgate_core.units import convert_unit
from headgate_lang.paths import kind_of
from headgate_lang.text import compact
from headgate_node import NodeError

MOST_DIGITS = 1000
_MOST_BITS = 4096


def refused(value: Any, what: str, remedy: str) -> NodeError:
    shown = repr(value[:60]) if isinstance(value, str) else compact(value)[:60] if value is not None else "null"
    return NodeError("NotConvertible", f"{shown} is {what}: {remedy}")


_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(?P<mark>[., '\u00a0\u202f])[0-9]{3}(?:(?P=mark)[0-9]{3})*(?![0-9])")


def exact(value: Any, mark: str) -> Fraction:
    """A number, or a text that is one."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise refused(value, f"{kind_of(value)}, no number", "give a number, or a text that is one")
    if not isinstance(value, str):
        return Fraction(repr(value)) if isinstance(value, float) else Fraction(value)
    text = value.strip().replace("\u2212", "-")
    if len(text) > MOST_DIGITS:
        raise refused(value, f"longer than {MOST_DIGITS} digits", "shorten it")
    grouped = _GROUPED.match(text)
    if grouped and grouped["mark"] != mark:
        text = grouped[0].replace(grouped["mark"], "") + text[grouped.end() :]
    if mark == ",":
        if "." in text:
            raise refused(value, "no number with a decimal comma", "write `decimalMark: .`")
        text = text.replace(",", ".")
    if not _NUMBER.fullmatch(text):
        raise refused(
            value, "no number", "write it like 12, -1.5 or 1e3; `decimalMark` says what stands before decimals"
        )
    return Fraction(text)


def double(number: Fraction, value: Any) -> int | float:
    """Whole numbers as such, others as the nearest double."""
    if number.denominator == 1 and abs(number) < 1 << 63:
        return int(number)
    try:
        found = float(number)
    except OverflowError:
        found = math.inf
    if not math.isfinite(found):
        raise refused(value, "beyond the largest number, 1.8e308", "keep it as a text")
    return found


def _integer(value: Any, mark: str) -> int:
    if isinstance(value, bool):
        return int(value)
    number = exact(value, mark)
    if number.denominator != 1:
        raise refused(value, "not whole, so no integer", "round it with `math`, or write `type: number`")
    return int(number)


def _boolean(value: Any, mark: str) -> bool:
    known = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}
    word = value.strip().lower() if isinstance(value, str) else compact(value)
    if word not in known:
        raise refused(value, "no boolean", f"write one of {', '.join(known)}")
    return known[word]


def _number(value: Any, mark: str) -> int | float:
    return int(value) if isinstance(value, bool) else double(exact(value, mark), value)


_TYPES: Mapping[str, Callable[[Any, str], Any]] = {
    "boolean": _boolean,
    "integer": _integer,
    "list": lambda value, mark: value if isinstance(value, list) else [value],
    "number": _number,
    "text": lambda value, mark: written(value),
}


def convert_type(value: Any, to: str, mark: str) -> tuple[Any, str]:
    found = _TYPES[to](value, mark)
    return found, written(found)


def written(value: Any) -> str:
    """As it stands in a text: lists and objects as compact JSON with sorted keys."""
    check_size(value, MOST_ITEMS, "`value`")
    try:
        return value if isinstance(value, str) else compact(value)
    except RecursionError:
        raise NodeError("TooDeep", "it is nested too deep for a text: take a part of it") from None


_WITH_UNIT = re.compile(r"\s*(?P<number>.*[0-9.])\s*(?P<unit>[A-Za-z°µ][A-Za-z0-9/°µ²³]*)\s*", re.DOTALL)
_SPELLED = str.maketrans({"°": "", "µ": "u", "²": "2", "³": "3"})


def _apart(value: Any) -> tuple[str, str]:
    """A text like `1.5 GiB`, as number and unit."""
    found = _WITH_UNIT.fullmatch(value) if isinstance(value, str) and len(value) <= MOST_DIGITS else None
    if found is None:
        raise refused(value, "no number with a unit", "write it like `1.5 km`, or say `unit: {from: km, to: …}`")
    return found["number"], found["unit"].translate(_SPELLED)


def convert_with_unit(value: Any, source: str | None, target: str, mark: str) -> tuple[int | float, str]:
    number, unit = (value, source) if source is not None else _apart(value)
    found = double(convert_unit(exact(number, mark), unit.translate(_SPELLED), target.translate(_SPELLED)), value)
    return found, f"{compact(found)} {target}"


def convert_base(value: Any, source: int, target: int) -> str:
    """Whole numbers of any length, with a minus before them where there is one."""
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(text, str):
        raise refused(value, f"{kind_of(value)}, no whole number", "give an integer, or a text of digits")
    bare = text.strip().lower()
    sign, digits = ("-", bare[1:]) if bare.startswith("-") else ("", bare.removeprefix("+"))
    prefix = {2: "0b", 8: "0o", 16: "0x"}.get(source, "")
    digits = digits.removeprefix(prefix) if prefix else digits
    if not digits or len(digits) > MOST_DIGITS or not digits.isascii() or not digits.isalnum():
        raise refused(value, f"no number of base {source} with at most {MOST_DIGITS} digits", "write its digits only")
    try:
        number = int(digits, source)
    except ValueError:
        raise refused(value, f"no number of base {source}", f"its digits are {_DIGITS[:source]}") from None
    return f"{sign if number else ''}{_in_base(number, target)}"


_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def _in_base(number: int, base: int) -> str:
    digits = []
    while number:
        number, digit = divmod(number, base)
        digits.append(_DIGITS[digit])
    return "".join(reversed(digits)) or "0"


def size_value(value: Any, mark: str) -> tuple[int, str]:
    number, unit = _apart(value) if isinstance(value, str) and not _NUMBER.fullmatch(value.strip()) else (value, "B")
    found = convert_unit(exact(number, mark), unit, "B")
    if found.denominator != 1:
        raise refused(value, "no whole number of bytes", "write more digits, or fewer")
    return int(found), str(int(found))


def size_text(value: Any, binary: bool) -> str:
    """With as many digits as people read: `1.5 GiB`, `532 B`."""
    number = exact(value, ".")
    step, units = (1024, "B KiB MiB GiB TiB PiB EiB") if binary else (1000, "B kB MB GB TB PB EB")
    names = units.split()
    place = 0
    while place < len(names) - 1 and abs(round(number, 2 if place else 0)) >= step:
        number, place = number / step, place + 1
    return f"{compact(float(round(number, 2)))} {names[place]}"
