"""`math` and `calculator`: Python's statistics and decimals as oracles, and no formula that hangs."""

import math
import re
import statistics
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.node_calls import fail, give

NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?")
FLOATS = st.floats(-1e6, 1e6, allow_nan=False)
LISTS = st.lists(FLOATS | st.integers(-1000, 1000), min_size=2, max_size=15)


def of(values: Any, operation: str, **options: Any) -> float:
    name = "values" if isinstance(values, list) else "value"
    return float(give("math", {name: values, "operation": operation, **options})["value"])


@given(LISTS)
def test_statistics_are_pythons(values: list[float]) -> None:
    assert of(values, "sum") == pytest.approx(math.fsum(values))
    assert of(values, "mean") == pytest.approx(statistics.fmean(values), abs=1e-9)
    assert of(values, "median") == pytest.approx(statistics.median(values))
    assert of(values, "range") == max(values) - min(values)
    assert of(values, "variance") == pytest.approx(statistics.variance(values), rel=1e-9, abs=1e-6)
    assert of(values, "deviation", population=True) == pytest.approx(statistics.pstdev(values), abs=1e-3)
    quartiles = statistics.quantiles(values, n=4, method="inclusive")
    assert [of(values, "percentile", percent=p) for p in (25, 50, 75)] == pytest.approx(quartiles)
    assert of(values, "mode") == statistics.mode(values)


@given(FLOATS, st.integers(-3, 6))
def test_rounding_is_that_of_the_decimals_as_written(value: float, digits: int) -> None:
    expected = Decimal(repr(value)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    assert of(value, "round", digits=digits) == float(expected)


@pytest.mark.parametrize(
    ("value", "operation", "options", "found"),
    [
        (2.5, "round", {}, 3),
        (-2.5, "round", {}, -3),
        (2.5, "round", {"rounding": "halfEven"}, 2),
        (1.005, "round", {"digits": 2}, 1.01),
        (1234, "round", {"digits": -2}, 1200),
        (1.1, "round", {"rounding": "up"}, 2),
        (1e300, "round", {"digits": 2}, 1e300),
        (5e-324, "round", {"digits": 15}, 0),
        (-1.5, "floor", {}, -2),
        (-1.5, "ceil", {}, -1),
        (-1.5, "trunc", {}, -1),
        (-7, "mod", {"by": 3}, 2),
        (2, "pow", {"by": 10}, 1024),
        (2, "sqrt", {}, math.sqrt(2)),
        (-3, "sign", {}, -1),
        (-3, "abs", {}, 3),
        (3, "clamp", {"minimum": 5}, 5),
        ([], "sum", {}, 0),
        ([], "product", {}, 1),
        ([2, 3], "count", {}, 2),
        ([2, 3, 4], "product", {}, 24),
        ([7], "variance", {"population": True}, 0),
        ([1, 5], "min", {}, 1),
        ([1, 5], "max", {}, 5),
    ],
)
def test_operations(value: Any, operation: str, options: dict[str, Any], found: float) -> None:
    assert of(value, operation, **options) == found


@pytest.mark.parametrize(
    ("given_", "reason"),
    [
        ({"operation": "round", "values": [1]}, "InvalidParameters"),
        ({"operation": "sum", "value": 1}, "InvalidParameters"),
        ({"operation": "mod", "value": 1, "by": 0}, "DivisionByZero"),
        ({"operation": "sqrt", "value": -1}, "OutOfRange"),
        ({"operation": "pow", "value": 10, "by": 1000}, "OutOfRange"),
        ({"operation": "pow", "value": -8, "by": 0.5}, "OutOfRange"),
        ({"operation": "sum", "values": [1.7e308, 1.7e308]}, "OutOfRange"),
        ({"operation": "product", "values": [1e200, 1e200]}, "OutOfRange"),
        ({"operation": "max", "values": []}, "NoValues"),
        ({"operation": "variance", "values": [1]}, "NoValues"),
        ({"operation": "percentile", "values": [1]}, "InvalidParameters"),
        ({"operation": "clamp", "value": 1, "minimum": 2, "maximum": 1}, "InvalidParameters"),
        ({"operation": "abs", "value": True}, "InvalidParameters"),
        ({"operation": "abs", "value": "1"}, "InvalidParameters"),
        ({"operation": "abs", "value": 10**400}, "InvalidParameters"),
    ],
)
def test_what_has_no_result_is_refused(given_: dict[str, Any], reason: str) -> None:
    assert fail("math", given_).reason == reason


def calculate(expression: str, **given_: Any) -> tuple[float, str]:
    found = give("calculator", expression=expression, **given_)
    return found["value"], found["text"]


NUMBERS = st.integers(0, 50).map(str) | st.decimals(0, 50, places=2).map(str)
FORMULAS = st.recursive(
    NUMBERS,
    lambda inner: (
        st.tuples(inner, st.sampled_from("+-*"), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})")
        | inner.map(lambda t: f"-{t}")
        | st.tuples(inner, st.sampled_from("+-*"), inner).map(lambda t: f"{t[0]}{t[1]}{t[2]}")
    ),
    max_leaves=6,
)


@given(FORMULAS)
def test_a_formula_comes_to_what_python_makes_of_it(formula: str) -> None:
    fractions = eval(NUMBER.sub(r"Fraction('\g<0>')", formula), {"Fraction": Fraction})
    value, text = calculate(formula)
    assert value == float(fractions)
    assert Fraction(text) == fractions


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("0.1 + 0.2", "0.3"),
        ("1 / 3", "0.3333333333333333333333333333333333"),
        ("2 + 3 * 4 ^ 2 / 8 - 1", "7"),
        ("2 ^ 3 ^ 2", "512"),
        ("2 ** 3", "8"),
        ("-2 ^ 2", "-4"),
        ("2 ^ -1", "0.5"),
        ("-7 // 2", "-4"),
        ("-7 % 3", "2"),
        ("7 % -3", "-2"),
        ("1.5e3", "1500"),
        ("round(2.345, 2)", "2.35"),
        ("round(-0.5)", "-1"),
        ("max(1, xs, 3) + min(xs) + sum(xs) + mean(xs)", "24"),
        ("sum()", "0"),
        ("sqrt(16) + abs(-2) + ceil(1.2) + floor(1.8) + trunc(-1.8) + sign(-9)", "7"),
        ("log(8, 2)", "3"),
        ("log10(1000) + ln(e)", "4"),
        ("factorial(5) / mod(17, 5)", "60"),
        ("round(sin(pi / 6), 10)", "0.5"),
        ("price * (1 + vat)", "23.7881"),
        ("exact", "0.1000000000000000000000000000000001"),
    ],
)
def test_formulas(expression: str, text: str) -> None:
    args = {"xs": [2, "4", 6], "price": "19.99", "vat": 0.19, "exact": "0.1000000000000000000000000000000001"}
    assert calculate(expression, args=args)[1] == text


def test_doubles_are_there_for_who_asks() -> None:
    assert calculate("0.1 + 0.2", arithmetic="double") == (0.1 + 0.2, "0.30000000000000004")
    assert calculate("7 // 2 + 2 ^ 0.5", arithmetic="double")[0] == 3 + math.sqrt(2)
    assert calculate("hypot(3, 4) + round(2.675, 2)", arithmetic="double")[0] == 7.68


@pytest.mark.parametrize(
    ("expression", "reason", "said"),
    [
        ("1 +", "InvalidExpression", "`1 +⟨here⟩`: it ends too early"),
        ("1 2", "InvalidExpression", "write an operator before it"),
        ("(1", "InvalidExpression", "`)` is missing"),
        ("1)", "InvalidExpression", "there is one too many"),
        ("1 + $", "InvalidExpression", "`$` means nothing here"),
        ("prise * 2", "InvalidExpression", "did you mean `price`?"),
        ("__import__('os')", "InvalidExpression", "means nothing here"),
        ("number(1)", "InvalidExpression", "there is no function `number`"),
        ("negative(1)", "InvalidExpression", "there is no function `negative`"),
        ("sine(1)", "InvalidExpression", "did you mean `sin`?"),
        ("round(1, 2, 3)", "InvalidExpression", "takes 1 or 2 and was given 3"),
        ("xs", "InvalidExpression", "is a list"),
        ("xs + 1", "InvalidExpression", "takes numbers, and this is a list"),
        ("(" * 200 + "1" + ")" * 200, "InvalidExpression", "nested too deep"),
        ("1 / 0", "DivisionByZero", "divides by zero"),
        ("0 / 0", "DivisionByZero", "divides by zero"),
        ("sqrt(-1)", "OutOfRange", "no real number"),
        ("9 ^ 9 ^ 9 ^ 9", "OutOfRange", "too large"),
        ("factorial(1e30)", "OutOfRange", "too large"),
        ("1.0000001 ^ 1e6000", "OutOfRange", "too large"),
    ],
)
@pytest.mark.parametrize("arithmetic", ["decimal", "double"])
def test_what_is_no_formula_is_told_with_its_place(expression: str, reason: str, said: str, arithmetic: str) -> None:
    error = fail("calculator", expression=expression, args={"xs": [1], "price": 1}, arithmetic=arithmetic)
    assert (error.reason, said in error.message) == (reason, True), error.message


def test_a_long_sum_needs_no_deep_stack() -> None:
    assert calculate("+".join(["1"] * 1000))[0] == 1000


@pytest.mark.parametrize("bad", ["x", "nan", "inf", "1e99999", ""])
def test_what_is_no_number_is_no_argument(bad: str) -> None:
    assert fail("calculator", expression="a", args={"a": bad}).reason == "NotANumber"
