"""`convert`: exact, and never losing anything in silence."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate_core.units import UNITS
from support.node_calls import fail, give


def converted(value: Any, **options: Any) -> Any:
    return give("convert", value=value, **options)["value"]


@pytest.mark.parametrize(
    ("value", "type_", "found"),
    [
        ("42", "integer", 42),
        (" -7 ", "integer", -7),
        ("1e3", "integer", 1000),
        (3.0, "integer", 3),
        (True, "integer", 1),
        (str(10**30), "integer", 10**30),
        ("1,234,567", "integer", 1234567),
        ("1'234'567.5", "number", 1234567.5),
        ("1 234", "number", 1234),
        ("−2.5", "number", -2.5),
        ("0.1", "number", 0.1),
        ("12", "number", 12),
        ("YES", "boolean", True),
        (0, "boolean", False),
        ("off", "boolean", False),
        (1.0, "boolean", True),
        (1.0, "text", "1"),
        ({"b": 1, "a": [True]}, "text", '{"a":[true],"b":1}'),
        ("x", "text", "x"),
        ("x", "list", ["x"]),
        (["x"], "list", ["x"]),
    ],
)
def test_types(value: Any, type_: str, found: Any) -> None:
    result = converted(value, type=type_)
    assert (result, type(result)) == (found, type(found))


@pytest.mark.parametrize(
    ("text", "mark", "found"),
    [("1.234,56", ",", 1234.56), ("1,5", ",", 1.5), ("1 234,5", ",", 1234.5), ("1,234.56", ".", 1234.56)],
)
def test_decimal_marks(text: str, mark: str, found: float) -> None:
    assert converted(text, type="number", decimalMark=mark) == found


@pytest.mark.parametrize(
    ("value", "options", "said"),
    [
        ("1.5", {"type": "integer"}, "'1.5' is not whole"),
        ("maybe", {"type": "boolean"}, "no boolean"),
        (2, {"type": "boolean"}, "no boolean"),
        ("nan", {"type": "number"}, "no number"),
        ("1e999", {"type": "number"}, "beyond the largest number"),
        ("0x10", {"type": "integer"}, "no number"),
        ("1_000", {"type": "integer"}, "no number"),
        ("1,5", {"type": "number"}, "`decimalMark` says"),
        ("1.5", {"type": "number", "decimalMark": ","}, "decimal comma"),
        ("١٢", {"type": "integer"}, "no number"),
        ("", {"type": "number"}, "no number"),
        ([1], {"type": "number"}, "a list, no number"),
        ("1" * 2000, {"type": "number"}, "longer than 1000 digits"),
        ("12", {"base": {"from": 2, "to": 10}}, "no number of base 2"),
        ("1" * 1001, {"base": {"from": 2, "to": 10}}, "at most 1000 digits"),
        (1.5, {"base": {"to": 2}}, "no whole number"),
        ("5", {"unit": {"to": "km"}}, "no number with a unit"),
        ("0.3 B", {"bytes": "parse"}, "no whole number of bytes"),
    ],
)
def test_what_would_lose_something_is_refused(value: Any, options: dict[str, Any], said: str) -> None:
    error = fail("convert", value=value, **options)
    assert (error.reason, said in error.message) == ("NotConvertible", True), error.message


@pytest.mark.parametrize(
    ("value", "unit", "found", "text"),
    [
        (100, {"from": "C", "to": "F"}, 212, "212 F"),
        (0, {"from": "K", "to": "C"}, -273.15, "-273.15 C"),
        (-40, {"from": "F", "to": "C"}, -40, "-40 C"),
        ("3 mi", {"to": "km"}, 4.828032, "4.828032 km"),
        ("36km/h", {"to": "m/s"}, 10, "10 m/s"),
        ("20 °C", {"to": "K"}, 293.15, "293.15 K"),
        ("5 µs", {"to": "ns"}, 5000, "5000 ns"),
        (1, {"from": "kWh", "to": "J"}, 3600000, "3600000 J"),
        (8, {"from": "Mbit", "to": "MB"}, 1, "1 MB"),
        (90, {"from": "min", "to": "h"}, 1.5, "1.5 h"),
        (1, {"from": "in", "to": "cm"}, 2.54, "2.54 cm"),
        ("1,5 kg", {"to": "g"}, 1500, "1500 g"),
    ],
)
def test_units(value: Any, unit: dict[str, str], found: float, text: str) -> None:
    mark = "," if value == "1,5 kg" else "."
    assert give("convert", value=value, unit=unit, decimalMark=mark) == {"value": found, "text": text}


@given(st.integers(-(10**6), 10**6), st.data())
def test_there_and_back_is_where_it_was(value: int, data: st.DataObject) -> None:
    one = data.draw(st.sampled_from(sorted(UNITS)))
    other = data.draw(st.sampled_from([name for name, unit in UNITS.items() if unit.kind == UNITS[one].kind]))
    there = converted(value, unit={"from": one, "to": other})
    assert converted(there, unit={"from": other, "to": one}) == pytest.approx(value, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize(
    ("unit", "reason", "said"),
    [
        ({"from": "km", "to": "kg"}, "UnitMismatch", "`km` measures length, `kg` mass"),
        ({"from": "KM", "to": "m"}, "UnknownUnit", "write `km`"),
        ({"from": "parsec", "to": "m"}, "UnknownUnit", "there are units of angle, area"),
    ],
)
def test_units_that_do_not_go_together(unit: dict[str, str], reason: str, said: str) -> None:
    error = fail("convert", value=1, unit=unit)
    assert (error.reason, said in error.message) == (reason, True), error.message


@given(st.integers(-(10**40), 10**40), st.integers(2, 36), st.integers(2, 36))
def test_bases(value: int, source: int, target: int) -> None:
    written = converted(value, base={"to": source})
    assert int(written, source) == value
    assert int(converted(written, base={"from": source, "to": target}), target) == value


def test_prefixes_and_capitals_of_bases_are_read() -> None:
    assert converted("0xFF", base={"from": 16}) == "255"
    assert converted("-0b101", base={"from": 2}) == "-5"


@pytest.mark.parametrize(
    ("value", "how", "found"),
    [
        ("1.5 GiB", "parse", 1610612736),
        ("10kB", "parse", 10000),
        ("512", "parse", 512),
        (512, "parse", 512),
        (1536, "binary", "1.5 KiB"),
        (1500, "decimal", "1.5 kB"),
        (999, "decimal", "999 B"),
        (999_999, "decimal", "1 MB"),
        (1023.999 * 1024, "binary", "1 MiB"),
        (2**70, "binary", "1024 EiB"),
        (-2048, "binary", "-2 KiB"),
    ],
)
def test_sizes(value: Any, how: str, found: Any) -> None:
    assert converted(value, bytes=how) == found


def test_one_conversion_at_a_time() -> None:
    assert "there is none" in fail("convert", value=1).message
    assert "`type` and `bytes`" in fail("convert", value=1, type="text", bytes="parse").message
