"""What a formula comes to, in decimals or in doubles. Used by `calculator`.

Decimals have 34 digits, as IEEE 754's decimal128: money and percents are exact. What has no exact decimal (`sin`) is
computed as a double there.
"""

import decimal
import math
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Literal

from headgate_core.formula import NEGATIVE, Call, InvalidFormulaError, Name, Number, Step
from headgate_lang.near import did_you_mean
from headgate_node import NodeError

Kind = Literal["decimal", "double"]
Values = Mapping[str, Any]
"""By name a number, or a list of numbers."""

_DIGITS = decimal.Context(
    prec=34, Emax=6144, Emin=-6143, traps=[decimal.InvalidOperation, decimal.DivisionByZero, decimal.Overflow]
)
_NAMED = {"pi": Decimal("3.141592653589793238462643383279503"), "e": Decimal("2.718281828459045235360287471352662")}
MOST_FACTORIAL = 170


def compute(steps: Sequence[Step], source: str, values: Values, kind: Kind) -> Decimal | float:
    """Raises NodeError: the formula's own faults with their place, and what has no result."""
    shown = f"`{source[:200]}`"
    with decimal.localcontext(_DIGITS):
        try:
            found = _run(steps, source, values, _DECIMALS if kind == "decimal" else _DOUBLES)
        except (ZeroDivisionError, decimal.DivisionByZero):
            raise NodeError("DivisionByZero", f"{shown} divides by zero") from None
        except (OverflowError, decimal.Overflow):
            raise NodeError("OutOfRange", f"{shown} is too large a number") from None
        except (ValueError, decimal.InvalidOperation):
            told = f"{shown} is no real number: look at roots, logarithms, powers and remainders"
            raise NodeError("OutOfRange", told) from None
    if isinstance(found, list):
        raise NodeError("InvalidExpression", f"{shown} is a list: write sum(…), max(…) or another function of it")
    if not math.isfinite(found):
        raise NodeError("OutOfRange", f"{shown} is too large a number")
    return found  # type: ignore[no-any-return]  # a number of the arithmetic that was asked for


def _run(steps: Sequence[Step], source: str, values: Values, functions: "Functions") -> Any:
    make = functions["number"]
    stack: list[Any] = []
    for step in steps:
        if isinstance(step, Number):
            stack.append(make(step.value))
        elif isinstance(step, Name):
            held = _named(step, source, values)
            stack.append([make(one) for one in held] if isinstance(held, list) else make(held))
        else:
            given = stack[len(stack) - step.count :]
            del stack[len(stack) - step.count :]
            stack.append(_called(step, given, source, functions))
    return stack[0]


def _named(step: Name, source: str, values: Values) -> Any:
    if step.name in values:
        return values[step.name]
    if step.name in _NAMED:
        return _NAMED[step.name]
    near = did_you_mean(step.name, [*values, *_NAMED]) or "hand it over in `args`"
    raise InvalidFormulaError(source, step.at, f"there is no `{step.name}`: {near}")


def _called(step: Call, given: list[Any], source: str, functions: "Functions") -> Any:
    function = functions.get(step.name)
    if function is None or step.name == "number":
        near = did_you_mean(step.name, FUNCTIONS) or f"there are {', '.join(sorted(FUNCTIONS))}"
        raise InvalidFormulaError(source, step.at, f"there is no function `{step.name}`: {near}")
    if step.name in _OF_LISTS:
        given = [one for held in given for one in (held if isinstance(held, list) else [held])]
    elif any(isinstance(one, list) for one in given):
        raise InvalidFormulaError(source, step.at, f"`{step.name}` takes numbers, and this is a list")
    least, most = _TAKE.get(step.name, (1, 1))
    if not least <= len(given) <= most:
        wanted = f"{least}" if least == most else f"at least {least}" if most > 9 else f"{least} or {most}"
        raise InvalidFormulaError(source, step.at, f"`{step.name}` takes {wanted} and was given {len(given)}")
    return function(*given)


Functions = Mapping[str, Callable[..., Any]]
_MANY = (1, 10**6)
_TAKE: Mapping[str, tuple[int, int]] = {
    **dict.fromkeys(("+", "-", "*", "/", "//", "%", "^", "atan2", "hypot", "mod", "pow"), (2, 2)),
    **dict.fromkeys(("round", "log"), (1, 2)),
    **dict.fromkeys(("max", "mean", "min"), _MANY),
    "sum": (0, 10**6),
}
_OF_LISTS = frozenset({"max", "mean", "min", "sum"})


def _factorial(value: Any) -> int:
    if value != int(value) or not 0 <= value <= MOST_FACTORIAL:
        raise OverflowError if value > MOST_FACTORIAL else ValueError
    return math.factorial(int(value))


def _round(value: Decimal, digits: Any = 0) -> Decimal:
    """Away from zero from the half on, as people do it."""
    places = max(-50, min(int(digits), 50))
    if not value or value.adjusted() + places >= 33:
        return value
    return value.quantize(Decimal(1).scaleb(-places), rounding=decimal.ROUND_HALF_UP)


def _logarithm(value: Decimal, base: Decimal | None = None) -> Decimal:
    return value.ln() if base is None else value.ln() / base.ln()


def _mean(values: Sequence[Any]) -> Any:
    return sum(values[1:], values[0]) / len(values)


def _divided(value: Any, by: Any) -> Any:
    if not by:
        raise ZeroDivisionError  # of decimals, 0 / 0 would be another error
    return value / by


def _modulo(value: Decimal, by: Decimal) -> Decimal:
    """With the sign of what it is divided by, as doubles have it here."""
    if not by:
        raise ZeroDivisionError
    rest = value % by
    return rest + by if rest and (rest < 0) != (by < 0) else rest


def _quotient(value: Decimal, by: Decimal) -> Decimal:
    return ((value - _modulo(value, by)) / by).to_integral_value()


def _sign(value: Any) -> int:
    return int(value > 0) - int(value < 0)


_PLAIN: Functions = {
    NEGATIVE: lambda a: -a,
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": _divided,
    "abs": abs,
    "max": lambda *values: max(values),
    "mean": lambda *values: _mean(values),
    "min": lambda *values: min(values),
}
_BY_DOUBLES: Functions = {
    "acos": math.acos,
    "asin": math.asin,
    "atan": math.atan,
    "atan2": math.atan2,
    "cos": math.cos,
    "degrees": math.degrees,
    "hypot": math.hypot,
    "radians": math.radians,
    "sin": math.sin,
    "tan": math.tan,
}


def _as_double(function: Callable[..., float]) -> Callable[..., Decimal]:
    return lambda *values: Decimal(repr(function(*map(float, values))))


_DECIMALS: Functions = {
    **_PLAIN,
    **{name: _as_double(function) for name, function in _BY_DOUBLES.items()},
    "number": Decimal,
    "//": _quotient,
    "%": _modulo,
    "mod": _modulo,
    "^": lambda a, b: a**b,
    "pow": lambda a, b: a**b,
    "ceil": lambda a: a.to_integral_value(decimal.ROUND_CEILING),
    "exp": Decimal.exp,
    "factorial": lambda a: Decimal(_factorial(a)),
    "floor": lambda a: a.to_integral_value(decimal.ROUND_FLOOR),
    "ln": Decimal.ln,
    "log": _logarithm,
    "log10": Decimal.log10,
    "round": _round,
    "sign": lambda a: Decimal(_sign(a)),
    "sqrt": Decimal.sqrt,
    "sum": lambda *values: sum(values, Decimal(0)),
    "trunc": lambda a: a.to_integral_value(decimal.ROUND_DOWN),
}
_DOUBLES: Functions = {
    **_PLAIN,
    **_BY_DOUBLES,
    "number": float,
    "//": lambda a, b: a // b,
    "%": lambda a, b: a % b,
    "mod": lambda a, b: a % b,
    "^": math.pow,
    "pow": math.pow,
    "ceil": lambda a: float(math.ceil(a)),
    "exp": math.exp,
    "factorial": lambda a: float(_factorial(a)),
    "floor": lambda a: float(math.floor(a)),
    "ln": math.log,
    "log": lambda a, base=math.e: math.log(a, base),
    "log10": math.log10,
    "round": lambda a, digits=0: float(_round(Decimal(repr(a)), digits)),
    "sign": lambda a: float(_sign(a)),
    "sqrt": math.sqrt,
    "sum": lambda *values: math.fsum(values),
    "trunc": lambda a: float(math.trunc(a)),
}
FUNCTIONS = frozenset(name for name in _DECIMALS if name.isidentifier()) - {"number"}
