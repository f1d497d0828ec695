"""Moments and calendars: reading a date, moving it, rounding it, what lies between two. Used by `date`.

Days, months and years are moved by the clock on the wall, hours and less by the time that passes. A time that a change
of clocks leaves out becomes the one after it, one that comes twice is the first.
"""

import calendar
import email.utils
import math
import re
from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from headgate_node import NodeError

Part = Literal["year", "quarter", "month", "week", "day", "hour", "minute", "second"]

_OFFSET = re.compile(r"([+-])([0-9]{2}):?([0-9]{2})")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+){0,2}")


def zone_of(name: str) -> tzinfo:
    """A zone of IANA's, `UTC`, or an offset like `+01:00`. Raises NodeError."""
    if name in ("UTC", "Z"):
        return UTC
    offset = _OFFSET.fullmatch(name)
    try:
        if offset is not None:
            return datetime.strptime(f"{offset[1]}{offset[2]}{offset[3]}", "%z").tzinfo or UTC
        if _NAME.fullmatch(name):
            return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        pass
    raise NodeError("UnknownZone", f"there is no zone {name[:60]!r}: write it like Europe/Berlin, UTC or +01:00")


def read_moment(value: str | float, how: str, zone: tzinfo) -> datetime:
    """A date as it is written. `how` is one of ISO, RFC2822, unix and unixMs, or a format. Raises NodeError."""
    try:
        moment = _read(value, how, zone)
        return settled(moment if moment.tzinfo else moment.replace(tzinfo=zone))
    except (ValueError, TypeError, OverflowError, OSError, re.error):  # re: a directive that stands twice
        shown, like = repr(value)[:80].removesuffix(".0"), _LIKE.get(how, f"the format {how!r}")
        raise NodeError(
            "InvalidDate", f"{shown} is no date: write it like {like}, or say how it is written in `parse`"
        ) from None


_LIKE = {
    "iso": "2026-11-21, 2026-11-21T05:30:58Z or seconds since 1970",
    "rfc2822": "Sat, 21 Nov 2026 05:30:58 +0000",
    "unix": "1795239058, seconds since 1970",
    "unixMs": "1795239058000, milliseconds since 1970",
}


def _read(value: str | float, how: str, zone: tzinfo) -> datetime:
    if how in ("unix", "unixMs") or not isinstance(value, str):
        seconds = float(value) / (1000 if how == "unixMs" else 1)
        if not isinstance(value, str) and how not in ("unix", "unixMs", "iso"):
            raise ValueError
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=round(seconds * 1_000_000))
    if how == "iso":
        return datetime.fromisoformat(value.strip().upper())
    if how == "rfc2822":
        return email.utils.parsedate_to_datetime(value)
    return datetime.strptime(value, how)  # noqa: DTZ007 - who calls gives it the zone


def settled(moment: datetime) -> datetime:
    """As the clocks of its zone show it: what a change of clocks leaves out does not stay."""
    return moment.astimezone(UTC).astimezone(moment.tzinfo)


def moved(moment: datetime, months: int, days: int, seconds: float) -> datetime:
    """Months first, and no further than to the last day of one; then days, then the time that passes."""
    place = moment.year * 12 + moment.month - 1 + months
    year, month = place // 12, place % 12 + 1
    if not 1 <= year <= 9999:
        raise OverflowError
    day = min(moment.day, calendar.monthrange(year, month)[1])
    shifted = moment.replace(year=year, month=month, day=day) + timedelta(days=days)
    if (months or days) and shifted.tzinfo is not None:
        shifted = settled(shifted)
    return (shifted.astimezone(UTC) + timedelta(seconds=seconds)).astimezone(moment.tzinfo) if seconds else shifted


def start_of(moment: datetime, part: Part) -> datetime:
    match part:
        case "second":
            return moment.replace(microsecond=0)
        case "minute":
            return moment.replace(second=0, microsecond=0)
        case "hour":
            return moment.replace(minute=0, second=0, microsecond=0)
    day = moment.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    match part:
        case "week":
            day -= timedelta(days=day.weekday())
        case "month":
            day = day.replace(day=1)
        case "quarter":
            day = day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
        case "year":
            day = day.replace(month=1, day=1)
    return settled(day)


_LENGTHS: dict[Part, tuple[int, int, int]] = {
    "year": (12, 0, 0),
    "quarter": (3, 0, 0),
    "month": (1, 0, 0),
    "week": (0, 7, 0),
    "day": (0, 1, 0),
    "hour": (0, 0, 3600),
    "minute": (0, 0, 60),
    "second": (0, 0, 1),
}


def end_of(moment: datetime, part: Part) -> datetime:
    """The last microsecond."""
    months, days, seconds = _LENGTHS[part]
    after = moved(start_of(moment, part), months, days, seconds)
    return (after.astimezone(UTC) - timedelta(microseconds=1)).astimezone(moment.tzinfo)


def whole_months(start: datetime, end: datetime) -> int:
    """How many months have passed by the calendar, below 0 if it goes back."""
    if end < start:
        return -whole_months(end, start)
    end = end.astimezone(start.tzinfo)
    months = (end.year - start.year) * 12 + end.month - start.month
    return months - (moved(start, months, 0, 0) > end)


def add_business_days(day: date, count: int, holidays: Collection[date]) -> date:
    """Monday to Friday, but for holidays. From a free day, the next one is the first."""
    step = 1 if count > 0 else -1
    while count:
        day += timedelta(days=step)
        if day.weekday() < 5 and day not in holidays:
            count -= step
    return day


def business_days(start: date, end: date, holidays: Collection[date]) -> int:
    """How many lie from the first day to before the last, below 0 if it goes back."""
    if end < start:
        return -business_days(end, start, holidays)
    weeks, rest = divmod((end - start).days, 7)
    loose = sum((start.weekday() + day) % 7 < 5 for day in range(rest))
    return weeks * 5 + loose - sum(start <= day < end and day.weekday() < 5 for day in holidays)


def rfc3339(moment: datetime) -> str:
    text = moment.isoformat()
    return f"{text.removesuffix('+00:00')}Z" if text.endswith("+00:00") else text


def duration_text(seconds: float) -> str:
    """ISO 8601, in days and less: `P1DT2H`."""
    sign, left = ("-", -seconds) if seconds < 0 else ("", seconds)
    days, left = divmod(left, 86400)
    hours, left = divmod(left, 3600)
    minutes, left = divmod(left, 60)
    clock = [f"{int(amount)}{letter}" for amount, letter in ((hours, "H"), (minutes, "M")) if amount]
    if left or not (days or clock):
        clock.append(f"{math.floor(left)}S" if left == math.floor(left) else f"{left:.6f}".rstrip("0") + "S")
    return f"{sign}P{f'{int(days)}D' if days else ''}{'T' if clock else ''}{''.join(clock)}"


def parts_of(moment: datetime) -> dict[str, Any]:
    year, week, weekday = moment.isocalendar()
    return {
        "year": moment.year,
        "month": moment.month,
        "day": moment.day,
        "hour": moment.hour,
        "minute": moment.minute,
        "second": moment.second,
        "weekday": weekday,
        "week": week,
        "week_year": year,
        "quarter": (moment.month + 2) // 3,
        "day_of_year": moment.timetuple().tm_yday,
        "zone": str(moment.tzinfo),
    }
