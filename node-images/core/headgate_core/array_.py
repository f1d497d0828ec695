"""Cuts, joins and compares lists.

`items` is the list that it works on, `other` a second one for `concat`, `zip` and the operations on sets. Values are
equal if they are as JSON: `1` is `1.0`. `indexOf` gives the positions of `value`, none where it is not there. To keep
items by a condition there is `filter`, to order them `sort`, to group them `aggregate`.
"""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from headgate_core.bounds import MOST_ITEMS, Items, check_items, wanted
from headgate_core.ordering import MOST_DEPTH, identity, unique
from headgate_core.paths import ABSENT, Path, get, parse_path
from headgate_node import Context, Example, Json, NodeError, Output, Params, Trait, node

Whole = Annotated[int, Field(ge=-(10**9), le=10**9)]


class ArrayParams(Params):
    operation: Literal[
        "chunk",
        "compact",
        "concat",
        "difference",
        "flatten",
        "indexOf",
        "intersection",
        "pluck",
        "range",
        "reverse",
        "slice",
        "union",
        "unique",
        "zip",
    ]
    """What is done. `compact` leaves out null and empty items; `pluck` takes `path` of each item."""
    items: Items | None = None
    """The list; every operation but `range` needs it."""
    other: Items | None = None
    """The second list of `concat`, `zip`, `union`, `intersection` and `difference`."""
    size: Annotated[int, Field(ge=1, le=MOST_ITEMS)] | None = None
    """How many items a piece of `chunk` has."""
    depth: Annotated[int, Field(ge=1, le=MOST_DEPTH)] = 1
    """How many levels `flatten` takes away."""
    start: Whole | None = None
    """Where `slice` begins, counted from 0, or from the end if it is below 0; the first number of `range`."""
    end: Whole | None = None
    """Before which place `slice` ends; before which number `range` ends."""
    step: Whole = 1
    """The distance from one to the next, of `slice` and `range`."""
    path: Path | None = None
    """What `pluck` takes of each item, such as `address.city`; items without it are left out."""
    value: Json | None = None
    """What `indexOf` looks for."""


class ArrayOutput(Output):
    items: list[Json]
    """The list that comes out."""
    count: int
    """How many items it has."""


@node(
    traits=(Trait.INSTANT, Trait.IDEMPOTENT),
    examples=(
        Example(
            with_={"operation": "chunk", "items": [1, 2, 3], "size": 2}, output={"items": [[1, 2], [3]], "count": 2}
        ),
        Example(
            with_={"operation": "zip", "items": ["a", "b"], "other": [1, 2]},
            output={"items": [["a", 1], ["b", 2]], "count": 2},
        ),
        Example(with_={"operation": "range", "start": 0, "end": 10, "step": 5}, output={"items": [0, 5], "count": 2}),
        Example(
            with_={"operation": "indexOf", "items": ["a", "b", "a"], "value": "a"},
            output={"items": [0, 2], "count": 2},
        ),
    ),
)
async def run(params: ArrayParams, ctx: Context) -> ArrayOutput:
    found = _OPERATIONS[params.operation](params)
    check_items(len(found))
    return ArrayOutput(items=found, count=len(found))


def _items(params: ArrayParams) -> list[Any]:
    if params.items is None:
        raise wanted("items", params.operation)
    return params.items


def _other(params: ArrayParams) -> list[Any]:
    if params.other is None:
        raise wanted("other", params.operation)
    return params.other


def _step(params: ArrayParams) -> int:
    if not params.step:
        raise NodeError("InvalidParameters", "`step` is 0: with it nothing would ever end")
    return params.step


def _chunk(params: ArrayParams) -> list[Any]:
    items, size = _items(params), params.size
    if size is None:
        raise wanted("size", params.operation)
    return [items[at : at + size] for at in range(0, len(items), size)]


def _range(params: ArrayParams) -> list[Any]:
    if params.end is None:
        raise wanted("end", params.operation)
    numbers = range(params.start or 0, params.end, _step(params))
    check_items(len(numbers))
    return list(numbers)


def _slice(params: ArrayParams) -> list[Any]:
    return _items(params)[params.start : params.end : _step(params)]


def _flatten(params: ArrayParams) -> list[Any]:
    found = _items(params)
    for _ in range(params.depth):
        check_items(sum(len(item) if isinstance(item, list) else 1 for item in found))
        if not any(isinstance(item, list) for item in found):
            break
        found = [one for item in found for one in (item if isinstance(item, list) else [item])]
    return found


def _pluck(params: ArrayParams) -> list[Any]:
    if params.path is None:
        raise wanted("path", params.operation)
    keys = parse_path(params.path)
    return [value for item in _items(params) if (value := get(item, keys)) is not ABSENT]


def _index_of(params: ArrayParams) -> list[Any]:
    if params.value is None:
        raise wanted("value", params.operation)
    looked_for = identity(params.value)
    return [index for index, item in enumerate(_items(params)) if identity(item) == looked_for]


def _zip(params: ArrayParams) -> list[Any]:
    items, other = _items(params), _other(params)
    if len(items) != len(other):
        told = f"`items` has {len(items)} and `other` has {len(other)}: cut one by `operation: slice`"
        raise NodeError("DifferentLengths", told)
    return [list(pair) for pair in zip(items, other, strict=True)]


def _compare(params: ArrayParams, keep_common: bool) -> list[Any]:
    other = {identity(item) for item in _other(params)}
    return unique(item for item in _items(params) if (identity(item) in other) == keep_common)


_OPERATIONS: Mapping[str, Callable[[ArrayParams], list[Any]]] = {
    "chunk": _chunk,
    "compact": lambda params: [item for item in _items(params) if item not in (None, "", [], {})],
    "concat": lambda params: [*_items(params), *_other(params)],
    "difference": lambda params: _compare(params, keep_common=False),
    "flatten": _flatten,
    "indexOf": _index_of,
    "intersection": lambda params: _compare(params, keep_common=True),
    "pluck": _pluck,
    "range": _range,
    "reverse": lambda params: _items(params)[::-1],
    "slice": _slice,
    "union": lambda params: unique([*_items(params), *_other(params)]),
    "unique": lambda params: unique(_items(params)),
    "zip": _zip,
}
