"""What numbers in a spreadsheet are dates, and which. Used by `formats.xlsx_reading`.

A date is a number of days there; only the format of its cell tells it from other numbers.
"""

import re
from datetime import datetime, timedelta
from typing import Literal

Kind = Literal["number", "date", "time", "elapsed"]

_DATES = {*range(14, 18), *range(27, 32), 36, *range(50, 55), 57, 58}
_TIMES = {*range(18, 23), *range(32, 36), 45, 47, 55, 56}
_ELAPSED = 46
_DAY_0 = _ANY_DAY = datetime(1899, 12, 30)  # noqa: DTZ001 - a spreadsheet knows no zones
_DAY_0_OF_1904 = datetime(1904, 1, 1)  # noqa: DTZ001
_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.')
_BRACKETS = re.compile(r"\[[^\]]*\]")
_ELAPSED_MARK = re.compile(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)


def kind_of_format(number: int, code: str | None) -> Kind:
    """By the number of a built-in format, or the code of one of the file's own."""
    if code is None:
        if number == _ELAPSED:
            return "elapsed"
        return "date" if number in _DATES else "time" if number in _TIMES else "number"
    first = _LITERAL.sub("", code.partition(";")[0])
    if _ELAPSED_MARK.search(first):
        return "elapsed"
    letters = set(_BRACKETS.sub("", first).lower().replace("general", "").replace("am/pm", "h"))
    if letters & {"h", "s"}:
        return "time"
    return "date" if letters & {"d", "m", "y"} else "number"


def write_date(serial: float, kind: Kind, *, from_1904: bool) -> str | float:
    """A number as ISO 8601: a date, a time, both, or `36:15:00`. What no date can be stays a number."""
    milliseconds = round(serial * 86_400_000)
    if kind == "elapsed":
        minutes, seconds = divmod(abs(milliseconds) // 1000, 60)
        return f"{'-' if milliseconds < 0 else ''}{minutes // 60:02}:{minutes % 60:02}:{seconds:02}"
    if kind == "time" and 0 <= serial < 1:
        moment = _ANY_DAY + timedelta(milliseconds=min(milliseconds, 86_399_999))
        return _without_zeros(moment.time().isoformat("milliseconds"))
    if milliseconds < 0:
        return serial
    try:
        moment = _first_day(serial, from_1904=from_1904) + timedelta(milliseconds=milliseconds)
    except OverflowError:
        return serial
    if kind == "date" and milliseconds % 86_400_000 == 0:
        return moment.date().isoformat()
    return _without_zeros(moment.isoformat(timespec="milliseconds"))


def _first_day(serial: float, *, from_1904: bool) -> datetime:
    """Of 1900, spreadsheets believe that it had a 29 February, which was day 60."""
    return _DAY_0_OF_1904 if from_1904 else _DAY_0 if serial >= 60 else _DAY_0 + timedelta(days=1)


def _without_zeros(text: str) -> str:
    return text.removesuffix(".000")
