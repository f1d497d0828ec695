"""Bounds of texts and numbers: length, pattern, format, least and most. Used by `checking`."""

import operator
import re
from collections.abc import Iterator
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from headgate_lang import durations
from headgate_lang.engine import Env, Program, parsing
from headgate_lang.schema.keywords import Schema
from headgate_lang.text import compact
from headgate_lang.values import to_engine

MAX_PATTERN = 1000

Faults = Iterator[tuple[str, str]]
"""What is wrong, and what to do about it."""


def text_faults(value: str, schema: Schema) -> Faults:
    least, most = schema.get("minLength"), schema.get("maxLength")
    if isinstance(least, int) and len(value) < least:
        is_short = f"has {len(value)} characters, must have at least {least}" if value else "is empty, and must not be"
        yield is_short, "write more"
    if isinstance(most, int) and len(value) > most:
        yield f"has {len(value):,} characters, must have at most {most:,}", "write less"
    pattern = schema.get("pattern")
    if isinstance(pattern, str) and not matches(value, pattern):
        yield f"must match the pattern {pattern}", "compare it with the pattern, sign by sign"
    example = _EXAMPLES.get(str(schema.get("format")))
    if example and not _FORMATS[str(schema["format"])](value):
        yield f"is no {schema['format']}", f"write it like {example}"


def number_faults(value: float, schema: Schema) -> Faults:
    for keyword, holds, words in _BOUNDS:
        bound = schema.get(keyword)
        if isinstance(bound, int | float) and not holds(value, bound):
            yield f"is {compact(value)}, must be {words} {compact(bound)}", f"write a number {words} {compact(bound)}"


_BOUNDS = (
    ("minimum", operator.ge, "at least"),
    ("maximum", operator.le, "at most"),
    ("exclusiveMinimum", operator.gt, "more than"),
    ("exclusiveMaximum", operator.lt, "less than"),
)


def matches(value: str, pattern: str) -> bool:
    """Whether a pattern is found in a text, in linear time: RE2, in the engine of expressions."""
    found = _match(to_engine(value), pattern)
    return found.type().name() == "BOOL" and bool(found.value())


def why_no_pattern(pattern: str) -> str | None:
    """What RE2 says of a pattern that is none."""
    found = _match("", pattern)
    return None if found.type().name() == "BOOL" else str(found.value()).rpartition("expression: ")[2]


def _match(text: Any, pattern: str) -> Any:
    env, program = _matcher()
    return program.eval(env.Activation({"text": text, "pattern": pattern}))


@lru_cache(maxsize=1)
def _matcher() -> tuple[Env, Program]:
    env = parsing("text.matches(pattern)")
    return env, env.compile("text.matches(pattern)", disable_check=True)


_DATE_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _is_date_time(value: str) -> bool:
    if not _DATE_TIME.fullmatch(value):
        return False
    try:
        datetime.fromisoformat(value.upper())
    except ValueError:
        return False
    return True


def _is_date(value: str) -> bool:
    if not _DATE.fullmatch(value):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


_FORMATS = {"date-time": _is_date_time, "date": _is_date, "duration": durations.is_duration}
_EXAMPLES = {"date-time": "2026-11-21T05:30:58Z", "date": "2026-11-21", "duration": "30s, 5m, 72h or 3d"}
"""The formats that are checked; others are for people."""
