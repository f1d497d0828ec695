"""Groups a list and counts, sums or collects what is in each group.

`by` names the columns of a group and where their values are: `{city: address.city}`. `values` names what is computed:
`{total: {operation: sum, path: price}}`. Without `by` all items are one group. Groups come in the order in which they
are met, an item without a field is in the group without it, and a value that an item lacks is not counted; a mean of
nothing is left out.
"""

from collections.abc import Callable, Hashable, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from headgate_core.arithmetic import mean, median, number_of, total
from headgate_core.bounds import Items
from headgate_core.ordering import identity, rank, unique
from headgate_core.paths import ABSENT, Path, get, parse_path
from headgate_node import Context, Example, Json, NodeError, Output, Params, Trait, node


class Value(Params):
    operation: Literal["count", "sum", "mean", "median", "min", "max", "first", "last", "collect", "unique"]
    """What is done with the values of a group. `min` and `max` compare texts too; `unique` collects each once."""
    path: Path | None = None
    """Where the value is in an item; without it, the item itself."""


class AggregateParams(Params):
    items: Items
    """What is grouped."""
    by: Annotated[dict[str, Path], Field(max_length=10)] | None = None
    """The columns that make a group: name → path."""
    values: Annotated[dict[str, Value], Field(min_length=1, max_length=20)]
    """What is computed for each group: name → operation."""


class AggregateOutput(Output):
    groups: list[dict[str, Json]]
    """An object for each group: the columns of `by` and those of `values`."""
    count: int
    """How many groups there are."""


@node(
    traits=(Trait.INSTANT, Trait.IDEMPOTENT),
    examples=(
        Example(
            with_={
                "items": [{"city": "Bonn", "price": 2}, {"city": "Kiel", "price": 5}, {"city": "Bonn", "price": 3}],
                "by": {"city": "city"},
                "values": {"orders": {"operation": "count"}, "total": {"operation": "sum", "path": "price"}},
            },
            output={
                "groups": [{"city": "Bonn", "orders": 2, "total": 5}, {"city": "Kiel", "orders": 1, "total": 5}],
                "count": 2,
            },
        ),
        Example(
            description="Without `by`, one group of all.",
            with_={"items": [3, 1], "values": {"least": {"operation": "min"}, "all": {"operation": "collect"}}},
            output={"groups": [{"least": 1, "all": [3, 1]}], "count": 1},
        ),
    ),
)
async def run(params: AggregateParams, ctx: Context) -> AggregateOutput:
    by = {name: parse_path(path) for name, path in (params.by or {}).items()}
    if both := sorted(by.keys() & params.values.keys()):
        raise NodeError("InvalidParameters", f"`{both[0]}` is in `by` and in `values`: give one of them another name")
    groups: dict[Hashable, tuple[dict[str, Any], list[tuple[int, Any]]]] = {} if by else {(): ({}, [])}
    for index, item in enumerate(params.items):
        columns = {name: get(item, path) for name, path in by.items()}
        key = tuple(identity(value) for value in columns.values())
        there = {name: value for name, value in columns.items() if value is not ABSENT}
        groups.setdefault(key, (there, []))[1].append((index, item))
    paths = {name: parse_path(value.path) if value.path else () for name, value in params.values.items()}
    found = []
    for columns, members in groups.values():
        row = dict(columns)
        for name, value in params.values.items():
            held = [(i, one) for i, item in members if (one := get(item, paths[name])) is not ABSENT]
            row[name] = _computed(value, held)
        found.append({name: value for name, value in row.items() if value is not None})
    return AggregateOutput(groups=found, count=len(found))


def _computed(value: Value, held: list[tuple[int, Any]]) -> Any:
    """One value of one group; None where there is none."""
    if value.operation in _OF_NUMBERS:
        numbers = [number_of(one, (index, value.path)) for index, one in held]
        return _OF_NUMBERS[value.operation](numbers) if numbers or value.operation == "sum" else None
    if value.operation in ("min", "max"):
        extreme = min if value.operation == "min" else max
        ranked = ((rank(one, "auto", False, (index, value.path)), one) for index, one in held)
        return extreme(ranked, key=lambda pair: pair[0], default=(None, None))[1]
    return _OF_ANY[value.operation]([one for _, one in held])


_OF_NUMBERS: Mapping[str, Callable[[list[int | float]], Any]] = {
    "sum": total,
    "mean": mean,
    "median": median,
}
_OF_ANY: Mapping[str, Callable[[list[Any]], Any]] = {
    "count": len,
    "first": lambda held: held[0] if held else None,
    "last": lambda held: held[-1] if held else None,
    "collect": list,
    "unique": unique,
}
