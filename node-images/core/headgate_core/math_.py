"""Rounds and compares numbers, and tells what a list of them comes to.

Operations on one number take `value`, operations on a list `values`. `round` takes decimals as they are written, so
that 2.675 rounded to two digits is 2.68. `percentile` lies between the two nearest values, in proportion; `variance`
and `deviation` are those of a sample, unless `population`. For formulas there is `calculator`.
"""

import math
from collections import Counter
from collections.abc import Callable, Mapping
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_UP, Decimal
from decimal import Context as Digits
from typing import Annotated, Literal

from pydantic import Field

from headgate_core.arithmetic import finite, mean, median, percentile, total, variance
from headgate_core.bounds import MOST_ITEMS, wanted
from headgate_node import Context, Example, NodeError, Output, Params, Trait, node

OfOne = Literal["abs", "ceil", "clamp", "floor", "mod", "pow", "round", "sign", "sqrt", "trunc"]
OfList = Literal["count", "deviation", "max", "mean", "median", "min", "mode", "percentile", "product", "range"]
OfMany = OfList | Literal["sum", "variance"]


class MathParams(Params):
    operation: OfOne | OfMany
    """What is computed."""
    value: float | None = None
    """The number, for operations on one."""
    values: Annotated[list[float], Field(max_length=MOST_ITEMS)] | None = None
    """The numbers, for operations on a list."""
    digits: Annotated[int, Field(ge=-15, le=15)] = 0
    """How many digits after the point `round` leaves; below 0, it rounds to tens, hundreds, …"""
    rounding: Literal["halfUp", "halfEven", "up", "down", "ceiling", "floor"] = "halfUp"
    """Which way `round` goes: `halfUp` away from zero from the half on, `halfEven` as banks do."""
    minimum: float | None = None
    """The least that `clamp` gives."""
    maximum: float | None = None
    """The most that `clamp` gives."""
    by: float | None = None
    """What `mod` divides by, and the exponent of `pow`."""
    percent: Annotated[float, Field(ge=0, le=100)] | None = None
    """Which `percentile`: 50 is the median."""
    population: bool = False
    """Whether `values` are all there are, and not a sample."""


class MathOutput(Output):
    value: float
    """What it comes to."""


@node(
    traits=(Trait.INSTANT, Trait.IDEMPOTENT),
    examples=(
        Example(with_={"operation": "round", "value": 2.675, "digits": 2}, output={"value": 2.68}),
        Example(with_={"operation": "percentile", "values": [1, 2, 3, 4], "percent": 75}, output={"value": 3.25}),
        Example(with_={"operation": "clamp", "value": 12, "minimum": 0, "maximum": 10}, output={"value": 10}),
        Example(with_={"operation": "mean", "values": []}, fails="NoValues"),
    ),
)
async def run(params: MathParams, ctx: Context) -> MathOutput:
    if params.operation in _OF_ONE:
        if params.value is None:
            raise wanted("value", params.operation)
        return MathOutput(value=finite(_OF_ONE[params.operation](params.value, params), "the result"))
    if params.values is None:
        raise wanted("values", params.operation)
    if not params.values and params.operation not in ("count", "sum", "product"):
        raise NodeError("NoValues", f"there is no {params.operation} of no numbers: skip the node if the list is empty")
    return MathOutput(value=finite(_OF_MANY[params.operation](params.values, params), "the result"))


_ROUNDINGS = {
    "halfUp": ROUND_HALF_UP,
    "halfEven": ROUND_HALF_EVEN,
    "up": ROUND_UP,
    "down": ROUND_DOWN,
    "ceiling": ROUND_CEILING,
    "floor": ROUND_FLOOR,
}


def _round(value: float, params: MathParams) -> float:
    written, unit = Decimal(repr(value)), Decimal(1).scaleb(-params.digits)
    if not written or written.adjusted() + params.digits > 20:  # beyond what a double tells apart
        return value
    return float(written.quantize(unit, rounding=_ROUNDINGS[params.rounding], context=Digits(prec=40)))


def _clamp(value: float, params: MathParams) -> float:
    least = -math.inf if params.minimum is None else params.minimum
    most = math.inf if params.maximum is None else params.maximum
    if least > most:
        raise NodeError("InvalidParameters", f"`minimum` {least:g} is more than `maximum` {most:g}: exchange them")
    return min(max(value, least), most)


def _by(params: MathParams) -> float:
    if params.by is None:
        raise wanted("by", params.operation)
    return params.by


def _mod(value: float, params: MathParams) -> float:
    if not (by := _by(params)):
        raise NodeError("DivisionByZero", "`by` is 0: nothing can be divided by it")
    return value % by


def _pow(value: float, params: MathParams) -> float:
    try:
        return math.pow(value, _by(params))
    except OverflowError:
        return math.inf
    except ValueError:
        raise NodeError("OutOfRange", f"{value:g} to the power of {params.by:g} is no real number") from None


def _sqrt(value: float, params: MathParams) -> float:
    if value < 0:
        raise NodeError("OutOfRange", f"the square root of {value:g} is no real number")
    return math.sqrt(value)


_OF_ONE: Mapping[str, Callable[[float, MathParams], float]] = {
    "abs": lambda value, params: abs(value),
    "ceil": lambda value, params: math.ceil(value),
    "clamp": _clamp,
    "floor": lambda value, params: math.floor(value),
    "mod": _mod,
    "pow": _pow,
    "round": _round,
    "sign": lambda value, params: (value > 0) - (value < 0),
    "sqrt": _sqrt,
    "trunc": lambda value, params: math.trunc(value),
}


def _percentile(values: list[float], params: MathParams) -> float:
    if params.percent is None:
        raise wanted("percent", "percentile")
    return percentile(values, params.percent)


def _variance(values: list[float], params: MathParams) -> float:
    if len(values) < 2 and not params.population:
        raise NodeError("NoValues", "one number has no variance as a sample: give more, or write `population: true`")
    return variance(values, params.population)


_OF_MANY: Mapping[str, Callable[[list[float], MathParams], float]] = {
    "count": lambda values, params: len(values),
    "deviation": lambda values, params: math.sqrt(_variance(values, params)),
    "max": lambda values, params: max(values),
    "mean": lambda values, params: mean(values),
    "median": lambda values, params: median(values),
    "min": lambda values, params: min(values),
    "mode": lambda values, params: Counter(values).most_common(1)[0][0],
    "percentile": _percentile,
    "product": lambda values, params: math.prod(values),
    "range": lambda values, params: max(values) - min(values),
    "sum": lambda values, params: total(values),
    "variance": _variance,
}
