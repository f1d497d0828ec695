"""Reads, moves, rounds and writes dates, and tells what lies between two.

The steps go in this order, each only if it is written: `date` is read (without it, it is now), taken to `zone`, moved
by `add`, taken to `startOf` or `endOf`, and written by `format`. `between` is from `date` to `to`, or, without that, to
what came out.

`parse` says how a date is written if it is not ISO 8601: `rfc2822`, `unix` (seconds since 1970), `unixMs`, or a format
such as `%d.%m.%Y %H:%M`. A date without a zone is in `fromZone`, or else in `zone`, which is UTC unless written. `add`
moves years to days by the clock on the wall, hours and less by the time that passes: both across changes of clocks. The
31st of a month and a month more is the last of the next.
"""

import email.utils
from collections.abc import Set as AbstractSet
from datetime import UTC, date, datetime
from typing import Annotated

from pydantic import Field

from headgate_core import moments
from headgate_core.moments import Part
from headgate_node import Context, Example, NodeError, Output, Params, Trait, node

Amount = Annotated[int, Field(ge=-(10**9), le=10**9)]
Zone = Annotated[str, Field(min_length=1, max_length=60)]
Moment = float | Annotated[str, Field(min_length=1, max_length=100)]
Format = Annotated[str, Field(min_length=1, max_length=100)]


class Amounts(Params):
    years: Amount = 0
    """By the calendar."""
    months: Amount = 0
    """By the calendar."""
    weeks: Amount = 0
    """By the calendar."""
    days: Amount = 0
    """By the calendar: at the same time of the day."""
    business_days: Annotated[int, Field(ge=-10_000, le=10_000)] = 0
    """Monday to Friday, but for `holidays`; moved after all others."""
    hours: Amount = 0
    """By the time that passes."""
    minutes: Amount = 0
    """By the time that passes."""
    seconds: Annotated[float, Field(ge=-1e12, le=1e12)] = 0
    """By the time that passes."""


class DateParams(Params):
    date: Moment | None = None
    """The date; without it, it is now."""
    parse: Format = "iso"
    """How `date` and `to` are written: `iso`, `rfc2822`, `unix`, `unixMs`, or a format such as `%d.%m.%Y`."""
    from_zone: Zone | None = None
    """In which zone a date is that does not name one."""
    zone: Zone = "UTC"
    """In which zone it comes out: `Europe/Berlin`, `UTC`, `+01:00`."""
    add: Amounts | None = None
    """By how much it is moved; below 0, back."""
    start_of: Part | None = None
    """To the start of what it is taken; weeks start on Monday."""
    end_of: Part | None = None
    """To the end of what it is taken, its last microsecond."""
    format: Format = "iso"
    """How `text` is written: `iso`, `date`, `time`, `rfc2822`, or a format such as `%d.%m.%Y %H:%M`."""
    to: Moment | None = None
    """The other end of `between`."""
    holidays: Annotated[list[Annotated[str, Field(max_length=10)]], Field(max_length=1000)] | None = None
    """Days that are no business days, such as `2026-12-25`."""


class Parts(Output):
    year: int
    month: int
    day: int
    hour: int
    minute: int
    second: int
    weekday: int
    """1 is Monday."""
    week: int
    """Of ISO 8601, of `weekYear`."""
    week_year: int
    quarter: int
    day_of_year: int
    zone: str


class Between(Output):
    seconds: float
    """All of it in seconds; below 0 if it goes back."""
    days: float
    """All of it in days of 24 hours."""
    months: int
    """Whole months by the calendar: 12 of them are a year of age."""
    business_days: int
    """Monday to Friday but for `holidays`, the first day counted and the last not."""
    text: str
    """As a duration of ISO 8601: `P1DT2H`."""


class DateOutput(Output):
    date: str
    """What comes out, as RFC 3339."""
    text: str
    """The same in `format`."""
    unix: float
    """The same in seconds since 1970."""
    parts: Parts
    """The same in its parts."""
    between: Between
    """What lies between `date` and `to`, or what came out."""


@node(
    traits=(Trait.INSTANT, Trait.IDEMPOTENT),
    examples=(
        Example(
            with_={
                "date": "31.01.2026 09:30",
                "parse": "%d.%m.%Y %H:%M",
                "zone": "Europe/Berlin",
                "add": {"months": 1},
                "format": "%d.%m.%Y",
            },
            output={
                "date": "2026-02-28T09:30:00+01:00",
                "text": "28.02.2026",
                "unix": 1772267400,
                "parts": {
                    "year": 2026,
                    "month": 2,
                    "day": 28,
                    "hour": 9,
                    "minute": 30,
                    "second": 0,
                    "weekday": 6,
                    "week": 9,
                    "weekYear": 2026,
                    "quarter": 1,
                    "dayOfYear": 59,
                    "zone": "Europe/Berlin",
                },
                "between": {"seconds": 2419200, "days": 28, "months": 1, "businessDays": 20, "text": "P28D"},
            },
        ),
        Example(
            description="What lies between two dates.",
            with_={"date": "2026-11-21", "to": "2026-12-24T12:00:00Z", "holidays": ["2026-12-08"]},
            output={
                "date": "2026-11-21T00:00:00Z",
                "text": "2026-11-21T00:00:00Z",
                "unix": 1795219200,
                "parts": {
                    "year": 2026,
                    "month": 11,
                    "day": 21,
                    "hour": 0,
                    "minute": 0,
                    "second": 0,
                    "weekday": 6,
                    "week": 47,
                    "weekYear": 2026,
                    "quarter": 4,
                    "dayOfYear": 325,
                    "zone": "UTC",
                },
                "between": {"seconds": 2894400, "days": 33.5, "months": 1, "businessDays": 22, "text": "P33DT12H"},
            },
        ),
        Example(with_={"date": "21.11.2026"}, fails="InvalidDate"),
    ),
)
async def run(params: DateParams, ctx: Context) -> DateOutput:
    if params.start_of and params.end_of:
        raise NodeError("InvalidParameters", "give one of `startOf` and `endOf`")
    zone = moments.zone_of(params.zone)
    source = moments.zone_of(params.from_zone) if params.from_zone else zone
    holidays = {_day(text) for text in params.holidays or []}
    given = ctx.now() if params.date is None else moments.read_moment(params.date, params.parse, source)
    try:
        given = given.astimezone(zone)
        found = _stepped(given, params, holidays)
        other = found if params.to is None else moments.read_moment(params.to, params.parse, source).astimezone(zone)
        between = _between(given, other, holidays)
        return DateOutput(
            date=moments.rfc3339(found),
            text=_written(found, params.format),
            unix=found.timestamp(),
            parts=Parts(**moments.parts_of(found)),
            between=between,
        )
    except (OverflowError, ValueError):
        raise NodeError("OutOfRange", "it lies outside of the years 1 to 9999: move it by less") from None


def _stepped(moment: datetime, params: DateParams, holidays: AbstractSet[date]) -> datetime:
    if (add := params.add) is not None:
        passed = add.hours * 3600 + add.minutes * 60 + add.seconds
        moment = moments.moved(moment, add.years * 12 + add.months, add.weeks * 7 + add.days, passed)
        if add.business_days:
            day = moments.add_business_days(moment.date(), add.business_days, holidays)
            moment = moments.settled(datetime.combine(day, moment.timetz()))
    if params.start_of:
        return moments.start_of(moment, params.start_of)
    return moments.end_of(moment, params.end_of) if params.end_of else moment


def _between(start: datetime, end: datetime, holidays: AbstractSet[date]) -> Between:
    seconds = (end.astimezone(UTC) - start.astimezone(UTC)).total_seconds()  # as they are, clocks would be compared
    return Between(
        seconds=seconds,
        days=seconds / 86400,
        months=moments.whole_months(start, end),
        business_days=moments.business_days(start.date(), end.date(), holidays),
        text=moments.duration_text(seconds),
    )


def _written(moment: datetime, how: str) -> str:
    match how:
        case "iso":
            return moments.rfc3339(moment)
        case "date":
            return moment.date().isoformat()
        case "time":
            return moment.strftime("%H:%M:%S")
        case "rfc2822":
            return email.utils.format_datetime(moment)
    try:
        return moment.strftime(how)
    except ValueError:
        raise NodeError("InvalidFormat", f"{how!r} is no format: write it like %d.%m.%Y %H:%M") from None


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise NodeError("InvalidDate", f"`holidays` has {text!r}, which is no day: write it like 2026-12-25") from None
