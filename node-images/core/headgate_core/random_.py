"""Draws numbers, texts and choices by chance, and the same again from the same seed.

Without `seed`, it is the Run and the place in it: a retry draws the same, another Run something else. `seed` comes out,
so that a draw can be repeated exactly: whatever the machine or the version. Nothing of it is secret: for keys and
passwords there are others.
"""

import bisect
import itertools
import string
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from headgate_core.bounds import Items, check_text, wanted
from headgate_core.chance import Chance
from headgate_node import Context, Example, Json, NodeError, Output, Params, Trait, node

Whole = Annotated[int, Field(ge=-(1 << 53), le=1 << 53)]
_ALPHABETS = {
    "alphanumeric": string.ascii_letters + string.digits,
    "digits": string.digits,
    "hex": "0123456789abcdef",
    "letters": string.ascii_letters,
    "lower": string.ascii_lowercase,
    "readable": "23456789abcdefghjkmnpqrstuvwxyz",
    "upper": string.ascii_uppercase,
}


class RandomParams(Params):
    operation: Literal["boolean", "choice", "integer", "normal", "number", "sample", "shuffle", "string"]
    """What is drawn."""
    seed: Annotated[str, Field(max_length=1000)] | None = None
    """What it is drawn from: the same gives the same."""
    count: Annotated[int, Field(ge=1, le=10_000)] = 1
    """How many are drawn; of `sample`, how many different items."""
    minimum: float = 0
    """The least that `integer` and `number` give."""
    maximum: float | None = None
    """The most that `integer` gives; what `number` stays below (1)."""
    mean: float = 0
    """Around what `normal` lies."""
    deviation: Annotated[float, Field(ge=0)] = 1
    """How far `normal` spreads."""
    likelihood: Annotated[float, Field(ge=0, le=1)] = 0.5
    """How often `boolean` is true."""
    items: Items | None = None
    """What `choice`, `sample` and `shuffle` draw from."""
    weights: list[Annotated[float, Field(ge=0, le=1e9)]] | None = None
    """How likely `choice` takes each item, beside the others."""
    length: Annotated[int, Field(ge=1, le=10_000)] = 16
    """How many characters `string` has."""
    alphabet: Annotated[str, Field(min_length=1, max_length=1000)] = "alphanumeric"
    """Of what: alphanumeric, digits, hex, letters, lower, readable, upper, or the characters themselves."""


class RandomOutput(Output):
    value: Json
    """What was drawn; of several the first, of `sample` and `shuffle` the list."""
    values: list[Json]
    """All that was drawn."""
    seed: str
    """What it was drawn from: give it as `seed` to draw the same again."""


@node(
    traits=(Trait.INSTANT, Trait.IDEMPOTENT),
    examples=(
        Example(
            with_={"operation": "integer", "minimum": 1, "maximum": 6, "count": 3, "seed": "dice"},
            output={"value": 4, "values": [4, 5, 6], "seed": "dice"},
        ),
        Example(
            with_={"operation": "shuffle", "items": ["a", "b", "c"], "seed": "cards"},
            output={"value": ["c", "b", "a"], "values": ["c", "b", "a"], "seed": "cards"},
        ),
        Example(
            with_={"operation": "string", "length": 8, "alphabet": "readable", "seed": "name"},
            output={"value": "gbcyb9jw", "values": ["gbcyb9jw"], "seed": "name"},
        ),
        Example(with_={"operation": "choice", "items": []}, fails="NothingToDraw"),
    ),
)
async def run(params: RandomParams, ctx: Context) -> RandomOutput:
    seed = ctx.idempotency_key if params.seed is None else params.seed
    chance = Chance(seed, "random")
    if params.operation in ("sample", "shuffle"):
        drawn = _list(params, chance)
        return RandomOutput(value=drawn, values=drawn, seed=seed)
    draw = _ONE[params.operation](params)
    drawn = [draw(chance) for _ in range(params.count)]
    if drawn[0] is None:
        raise NodeError("NoValue", "a null was drawn, which is no value: leave nulls out of `items`")
    return RandomOutput(value=drawn[0], values=drawn, seed=seed)


def _items(params: RandomParams) -> list[Any]:
    if params.items is None:
        raise wanted("items", params.operation)
    if not params.items:
        raise NodeError("NothingToDraw", "`items` is empty: skip the node if there is nothing to draw from")
    return params.items


def _list(params: RandomParams, chance: Chance) -> list[Any]:
    items = list(_items(params))
    if params.operation == "shuffle":
        chance.shuffle(items)
        return items
    if params.count > len(items):
        raise NodeError("NothingToDraw", f"`count` is {params.count} and `items` has {len(items)}: each is drawn once")
    chance.shuffle(items, params.count)
    return items[: params.count]


def _integer(params: RandomParams) -> Callable[[Chance], Any]:
    if params.maximum is None:
        raise wanted("maximum", "integer")
    low, high = params.minimum, params.maximum
    if low != int(low) or high != int(high) or low > high or max(abs(low), abs(high)) > 1 << 53:
        told = f"`minimum` is {low:g} and `maximum` {high:g}: write two whole numbers up to 2⁵³, the smaller one first"
        raise NodeError("InvalidParameters", told)
    return lambda chance: int(low) + chance.below(int(high) - int(low) + 1)


def _number(params: RandomParams) -> Callable[[Chance], Any]:
    low, high = params.minimum, 1.0 if params.maximum is None else params.maximum
    if low > high or high - low == float("inf"):
        raise NodeError("InvalidParameters", f"`minimum` {low:g} is more than `maximum` {high:g}, or too far from it")
    return lambda chance: low + (high - low) * chance.share()


def _normal(params: RandomParams) -> Callable[[Chance], Any]:
    if max(abs(params.mean), params.deviation) > 1e300:
        raise NodeError("InvalidParameters", "`mean` and `deviation` are at most 1e300")
    return lambda chance: params.mean + params.deviation * chance.normal()


def _choice(params: RandomParams) -> Callable[[Chance], Any]:
    items, weights = _items(params), params.weights
    if weights is None:
        return lambda chance: items[chance.below(len(items))]
    if len(weights) != len(items) or not sum(weights):
        told = f"`weights` has {len(weights)} and `items` {len(items)}: give each a weight, and one more than 0"
        raise NodeError("InvalidParameters", told)
    bounds = list(itertools.accumulate(weights))
    return lambda chance: items[bisect.bisect_right(bounds, chance.share() * bounds[-1])]


def _string(params: RandomParams) -> Callable[[Chance], Any]:
    signs = _ALPHABETS.get(params.alphabet, params.alphabet)
    check_text(params.length * params.count, "what is drawn", most=200_000)
    return lambda chance: "".join(signs[chance.below(len(signs))] for _ in range(params.length))


_ONE: Mapping[str, Callable[[RandomParams], Callable[[Chance], Any]]] = {
    "boolean": lambda params: lambda chance: chance.share() < params.likelihood,
    "choice": _choice,
    "integer": _integer,
    "normal": _normal,
    "number": _number,
    "string": _string,
}
