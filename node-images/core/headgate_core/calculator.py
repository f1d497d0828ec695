"""Computes a formula.

`expression` is arithmetic and nothing else: `+ - * / // % ^`, parentheses, `pi`, `e`, functions, and the numbers that
`args` names. Functions: abs, ceil, exp, factorial, floor, ln, log, log10, mod, pow, round, sign, sqrt, trunc; of any
number of values or of a list max, mean, min, sum; acos, asin, atan, atan2, cos, degrees, hypot, radians, sin, tan.

Numbers are decimals of 34 digits, so that 0.1 + 0.2 is 0.3; `arithmetic: double` computes as most programs do. `text`
has all digits, `value` as many as a JSON number keeps. Hand amounts over as texts, `"0.10"`, to keep every digit.
"""

import decimal
import math
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from headgate_core.bounds import MOST_ITEMS
from headgate_core.computing import Kind, compute
from headgate_core.formula import read_formula
from headgate_node import Context, Example, NodeError, Output, Params, Trait, node

Amount = float | Annotated[str, Field(max_length=100)]


class CalculatorParams(Params):
    expression: Annotated[str, Field(min_length=1, max_length=2000)]
    """The formula, such as `price * (1 + vat)`."""
    args: (
        Annotated[dict[str, Amount | Annotated[list[Amount], Field(max_length=MOST_ITEMS)]], Field(max_length=100)]
        | None
    ) = None
    """The numbers that it reads by name; a list for `sum` and the like."""
    arithmetic: Kind = "decimal"
    """As what numbers are computed."""


class CalculatorOutput(Output):
    value: float
    """What it comes to."""
    text: str
    """The same with all its digits."""


@node(
    traits=(Trait.INSTANT, Trait.IDEMPOTENT),
    examples=(
        Example(
            with_={"expression": "round(price * (1 + vat), 2)", "args": {"price": "19.99", "vat": "0.19"}},
            output={"value": 23.79, "text": "23.79"},
        ),
        Example(with_={"expression": "0.1 + 0.2"}, output={"value": 0.3, "text": "0.3"}),
        Example(
            with_={"expression": "sum(prices) / 4", "args": {"prices": [1, 2, 3]}},
            output={"value": 1.5, "text": "1.5"},
        ),
        Example(with_={"expression": "1 / (2 - 2)"}, fails="DivisionByZero"),
    ),
)
async def run(params: CalculatorParams, ctx: Context) -> CalculatorOutput:
    given = (params.args or {}).items()
    args = {name: [_number(one, name) for one in v] if isinstance(v, list) else _number(v, name) for name, v in given}
    found = compute(read_formula(params.expression), params.expression, args, params.arithmetic)
    return CalculatorOutput(value=_double(found), text=_text(found))


def _number(value: float | str, name: str) -> Decimal:
    """A double by the digits that it is written with."""
    try:
        number = Decimal(value if isinstance(value, str) else repr(value))
    except ArithmeticError:
        number = Decimal("NaN")
    if not number.is_finite() or abs(number.adjusted()) > 6000:
        raise NodeError("NotANumber", f'`args.{name}` is {str(value)[:60]!r}, no number: write it like 12 or "0.10"')
    return number


def _double(value: Decimal | float) -> float:
    if not math.isfinite(found := float(value)):
        raise NodeError("OutOfRange", f"{_text(value)} is more than a number of JSON can be")
    return found + 0.0  # never -0


def _text(value: Decimal | float) -> str:
    """Without zeros at the end, and with an exponent only where it would be very long."""
    number = value if isinstance(value, Decimal) else Decimal(repr(value))
    number = number.normalize(_WIDE) if number else Decimal(0)
    return f"{number:f}" if -20 <= number.adjusted() <= 40 else f"{number:e}"


_WIDE = decimal.Context(prec=200)
