"""`date`: zones and changes of clocks as zoneinfo has them, months as dateutil counts them."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from dateutil.relativedelta import relativedelta  # type: ignore[import-untyped]  # it has no stubs
from hypothesis import given
from hypothesis import strategies as st

from headgate_node.testing import run_node
from support.node_calls import fail, give

ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia"]
MOMENTS = st.datetimes(datetime(1950, 1, 1), datetime(2080, 1, 1)).map(lambda naive: naive.replace(tzinfo=UTC))  # noqa: DTZ001
UNITS = ["years", "months", "weeks", "days"]


def came_out(given_: Any = None, /, **options: Any) -> datetime:
    """The moment, with the offset that it was written with."""
    return datetime.fromisoformat(give("date", date=given_, **options)["date"])


@given(MOMENTS, st.sampled_from(ZONES))
def test_a_moment_stays_the_same_in_every_zone(moment: datetime, zone: str) -> None:
    found = give("date", date=moment.isoformat(), zone=zone)
    there = moment.astimezone(ZoneInfo(zone))
    assert datetime.fromisoformat(found["date"]) == moment
    assert found["date"].removesuffix("Z") == there.isoformat().removesuffix("+00:00")
    assert found["unix"] == pytest.approx(moment.timestamp())
    assert (found["parts"]["hour"], found["parts"]["dayOfYear"]) == (there.hour, there.timetuple().tm_yday)
    parts = found["parts"]
    assert (parts["weekYear"], parts["week"], parts["weekday"]) == tuple(there.isocalendar())


@given(MOMENTS, st.sampled_from(UNITS), st.integers(-200, 200))
def test_calendars_are_moved_as_dateutil_moves_them(moment: datetime, unit: str, count: int) -> None:
    count = count if unit != "years" else count // 10
    assert came_out(moment.isoformat(), add={unit: count}) == moment + relativedelta(**{unit: count})


@given(MOMENTS, MOMENTS)
def test_months_between_are_those_of_dateutil(one: datetime, other: datetime) -> None:
    one, other = sorted((one, other))
    between = give("date", date=one.isoformat(), to=other.isoformat())["between"]
    difference = relativedelta(other, one)
    assert between["months"] == difference.years * 12 + difference.months
    assert between["seconds"] == (other - one).total_seconds()


@given(MOMENTS, st.sampled_from(ZONES), st.sampled_from(["year", "quarter", "month", "week", "day", "hour", "minute"]))
def test_the_start_and_the_end_enclose_the_moment(moment: datetime, zone: str, part: str) -> None:
    start = came_out(moment.isoformat(), zone=zone, startOf=part)
    end = came_out(moment.isoformat(), zone=zone, endOf=part)
    assert start <= moment <= end
    assert came_out(start.isoformat(), zone=zone, startOf=part) == start
    after = came_out((end + timedelta(microseconds=1)).isoformat(), zone=zone, startOf=part)
    assert after == end + timedelta(microseconds=1)


@given(
    st.dates(date(2020, 1, 1), date(2026, 1, 1)),
    st.integers(-30, 30),
    st.sets(st.dates(date(2019, 11, 1), date(2026, 3, 1)), max_size=8),
)
def test_business_days_are_counted_one_by_one(day: date, count: int, holidays: set[date]) -> None:
    def is_free(one: date) -> bool:
        return one.weekday() > 4 or one in holidays

    free = [one.isoformat() for one in holidays]
    found = came_out(day.isoformat(), add={"businessDays": count}, holidays=free).date()
    assert not is_free(found) or not count
    step = 1 if count > 0 else -1
    passed = [day + timedelta(days=n * step) for n in range(1, abs((found - day).days) + 1)]
    assert sum(not is_free(one) for one in passed) == abs(count)
    between = give("date", date=day.isoformat(), to=found.isoformat(), holidays=free)["between"]["businessDays"]
    first, last = sorted((day, found))
    days = (first + timedelta(days=n) for n in range((last - first).days))
    assert abs(between) == sum(not is_free(one) for one in days)


@pytest.mark.parametrize(
    ("given_", "options", "found"),
    [
        # clocks go forward at 2:00 on 2026-03-29, back at 3:00 on 2026-10-25
        ("2026-03-28T02:30:00", {"add": {"days": 1}}, "2026-03-29T03:30:00+02:00"),
        ("2026-03-28T12:00:00", {"add": {"days": 1}}, "2026-03-29T12:00:00+02:00"),
        ("2026-03-28T12:00:00", {"add": {"hours": 24}}, "2026-03-29T13:00:00+02:00"),
        ("2026-10-25T02:30:00", {}, "2026-10-25T02:30:00+02:00"),
        ("2026-10-25T02:30:00+01:00", {"startOf": "hour"}, "2026-10-25T02:00:00+01:00"),
        ("2026-10-25T12:00:00", {"startOf": "day"}, "2026-10-25T00:00:00+02:00"),
        ("2026-10-25T12:00:00", {"endOf": "day"}, "2026-10-25T23:59:59.999999+01:00"),
        ("2024-02-29", {"add": {"years": 1}}, "2025-02-28T00:00:00+01:00"),
        ("2026-05-31", {"add": {"months": -3, "days": 1}}, "2026-03-01T00:00:00+01:00"),
    ],
)
def test_changes_of_clocks(given_: str, options: dict[str, Any], found: str) -> None:
    assert give("date", date=given_, zone="Europe/Berlin", **options)["date"] == found


@pytest.mark.parametrize(
    ("given_", "parse", "found"),
    [
        ("2026-11-21", "iso", "2026-11-21T00:00:00Z"),
        ("2026-11-21t05:30:58.5z", "iso", "2026-11-21T05:30:58.500000Z"),
        (1795239058, "iso", "2026-11-21T05:30:58Z"),
        ("1795239058", "unix", "2026-11-21T05:30:58Z"),
        (1795239058500, "unixMs", "2026-11-21T05:30:58.500000Z"),
        (-1.5, "unix", "1969-12-31T23:59:58.500000Z"),
        ("Sat, 21 Nov 2026 06:30:58 +0100", "rfc2822", "2026-11-21T05:30:58Z"),
        ("21/11/26 5pm", "%d/%m/%y %I%p", "2026-11-21T17:00:00Z"),
        ("2026-11-21 07:00 +0200", "%Y-%m-%d %H:%M %z", "2026-11-21T05:00:00Z"),
    ],
)
def test_ways_to_write_a_date(given_: Any, parse: str, found: str) -> None:
    assert give("date", date=given_, parse=parse)["date"] == found


def test_a_date_without_a_zone_is_in_the_one_that_is_said() -> None:
    given_ = {"date": "2026-11-21T12:00:00", "fromZone": "America/New_York", "zone": "Europe/Berlin"}
    assert give("date", given_)["date"] == "2026-11-21T18:00:00+01:00"
    assert give("date", {**given_, "zone": "+05:30"})["date"] == "2026-11-21T22:30:00+05:30"


@pytest.mark.parametrize(
    ("format_", "text"),
    [
        ("iso", "2026-11-21T05:30:58Z"),
        ("date", "2026-11-21"),
        ("time", "05:30:58"),
        ("rfc2822", "Sat, 21 Nov 2026 05:30:58 +0000"),
        ("%A %d. %B, week %V", "Saturday 21. November, week 47"),
    ],
)
def test_formats(format_: str, text: str) -> None:
    assert give("date", date="2026-11-21T05:30:58Z", format=format_)["text"] == text


def test_without_a_date_it_is_now() -> None:
    now = datetime(2026, 11, 21, 5, 30, tzinfo=UTC)
    output = asyncio.run(run_node("date", {"add": {"hours": 1}}, now=lambda: now))
    assert output["date"] == "2026-11-21T06:30:00Z"
    assert output["between"]["text"] == "PT1H"


@pytest.mark.parametrize(
    ("to", "text"),
    [
        ("2026-01-01", "PT0S"),
        ("2026-01-02T03:04:05", "P1DT3H4M5S"),
        ("2025-12-31T23:59:59.5", "-PT0.5S"),
        ("2026-02-01", "P31D"),
    ],
)
def test_durations(to: str, text: str) -> None:
    assert give("date", date="2026-01-01", to=to)["between"]["text"] == text


@pytest.mark.parametrize(
    ("given_", "reason", "said"),
    [
        ({"date": "21.11.2026"}, "InvalidDate", "'21.11.2026' is no date: write it like 2026-11-21"),
        ({"date": "2026-02-30"}, "InvalidDate", "'2026-02-30'"),
        ({"date": "x", "parse": "%d%d"}, "InvalidDate", "the format '%d%d'"),
        ({"date": 5, "parse": "%d"}, "InvalidDate", "5 is no date"),
        ({"date": 1e18}, "InvalidDate", "1e+18 is no date"),
        ({"date": "nan", "parse": "unix"}, "InvalidDate", "'nan'"),
        ({"date": "2026-01-01", "zone": "Europe/Bonn"}, "UnknownZone", "'Europe/Bonn'"),
        ({"date": "2026-01-01", "zone": "Europe"}, "UnknownZone", "'Europe'"),
        ({"date": "2026-01-01", "zone": "../../etc/passwd"}, "UnknownZone", "etc/passwd"),
        ({"date": "2026-01-01", "zone": "+99:00"}, "UnknownZone", "+99:00"),
        ({"date": "2026-01-01", "add": {"years": 9000}}, "OutOfRange", "the years 1 to 9999"),
        ({"date": "0001-01-01T00:00:00Z", "zone": "America/New_York"}, "OutOfRange", "the years 1 to 9999"),
        ({"date": "9999-12-31", "endOf": "year"}, "OutOfRange", "the years 1 to 9999"),
        ({"date": "2026-01-01", "holidays": ["1.1.2026"]}, "InvalidDate", "`holidays` has '1.1.2026'"),
        ({"date": "2026-01-01", "startOf": "day", "endOf": "day"}, "InvalidParameters", "give one of"),
        ({"date": "2026-01-01", "add": {"fortnights": 1}}, "InvalidParameters", "add.fortnights"),
    ],
)
def test_what_is_wrong_is_said(given_: dict[str, Any], reason: str, said: str) -> None:
    error = fail("date", given_)
    assert (error.reason, said in error.message) == (reason, True), error.message
