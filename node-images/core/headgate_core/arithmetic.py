"""Arithmetic over lists of numbers, for `math` and `aggregate`: exact where numbers are whole, and always finite."""

import math
import sys
from collections.abc import Sequence
from typing import Any

from headgate_core.paths import Place, spell_place
from headgate_lang.paths import kind_of
from headgate_node import NodeError

Numbers = Sequence[int | float]
_MOST = sys.float_info.max


def number_of(value: Any, place: Place) -> int | float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        if not -_MOST <= value <= _MOST:
            raise NodeError("OutOfRange", f"{spell_place(place)} is beyond the largest number, 1.8e308")
        return value
    raise NodeError(
        "NotANumber", f"{spell_place(place)} is {kind_of(value)}, not a number: `convert` makes one of a text"
    )


def finite(value: float, what: str) -> float:
    """A double. Raises NodeError for what is beyond it."""
    try:
        found = float(value)
    except OverflowError:
        found = math.inf
    if not math.isfinite(found):
        raise NodeError("OutOfRange", f"{what} is beyond the largest number, 1.8e308: work with smaller ones")
    return found


def total(values: Numbers, what: str = "the sum") -> int | float:
    """The sum without rounding in between."""
    if all(isinstance(value, int) for value in values):
        return sum(values)
    try:
        return finite(math.fsum(values), what)
    except OverflowError:
        return finite(math.inf, what)


def mean(values: Numbers) -> float:
    summed = total(values)
    return summed / len(values)


def median(values: Numbers) -> float:
    return percentile(values, 50)


def percentile(values: Numbers, percent: float) -> float:
    """Between the two nearest values, in proportion."""
    ordered = sorted(values)
    place = (len(ordered) - 1) * percent / 100
    low = min(math.floor(place), len(ordered) - 1)
    high = min(low + 1, len(ordered) - 1)
    share = place - low
    return (
        float(ordered[low])
        if not share
        else finite(ordered[low] * (1 - share) + ordered[high] * share, "the percentile")
    )


def variance(values: Numbers, population: bool) -> float:
    middle = mean(values)
    squares = [(value - middle) * (value - middle) for value in values]  # `**` raises where this is infinite
    return finite(total(squares, "the variance"), "the variance") / (len(values) - (0 if population else 1))
