"""Sorts a list by one or more fields.

The sort is stable: what is equal by all keys stays in its order. Items that lack a field come last, in both directions,
unless `missing: first`. `compare: auto` puts numbers before texts before booleans; `natural` puts `file2` before
`file10`; `number` reads numbers written as texts; `time` compares RFC 3339 times across zones. Texts are compared by
code points.
"""

from typing import Annotated, Any, Literal

from pydantic import Field

from headgate_core.bounds import Items
from headgate_core.ordering import Compare, rank
from headgate_core.paths import ABSENT, Path, get, parse_path
from headgate_node import Context, Example, Json, Output, Params, Trait, TypeOf, node


class Key(Params):
    path: Path | None = None
    """The field, such as `address.city`; without it, the item itself."""
    descending: bool = False
    """The largest first."""
    compare: Compare = "auto"
    """As what the values are compared."""
    ignore_case: bool = False
    """Whether `b` comes between `A` and `C`."""
    missing: Literal["first", "last"] = "last"
    """Where items without the field go."""


class SortParams(Params):
    items: Items
    """What is sorted."""
    by: Annotated[list[Key], Field(min_length=1, max_length=5)] | None = None
    """The keys, the most important first; without them, the items themselves are compared."""


class SortOutput(Output):
    items: Annotated[list[Json], TypeOf("with.items")]
    """The items in order."""


@node(
    traits=(Trait.INSTANT, Trait.IDEMPOTENT),
    examples=(
        Example(with_={"items": [3, 1, 2]}, output={"items": [1, 2, 3]}),
        Example(
            with_={
                "items": [{"name": "b", "age": 7}, {"name": "a", "age": 7}, {"name": "c"}, {"name": "d", "age": 9}],
                "by": [{"path": "age", "descending": True}, {"path": "name"}],
            },
            output={
                "items": [{"name": "d", "age": 9}, {"name": "a", "age": 7}, {"name": "b", "age": 7}, {"name": "c"}]
            },
        ),
        Example(
            with_={"items": ["file10", "file2"], "by": [{"compare": "natural"}]}, output={"items": ["file2", "file10"]}
        ),
    ),
)
async def run(params: SortParams, ctx: Context) -> SortOutput:
    numbered = list(enumerate(params.items))
    for key in reversed(params.by or [Key()]):  # the last key first: each sort keeps the order of the one before
        numbered = _sorted(numbered, key)
    return SortOutput(items=[item for _, item in numbered])


def _sorted(numbered: list[tuple[int, Any]], key: Key) -> list[tuple[int, Any]]:
    keys = parse_path(key.path) if key.path else ()
    present: list[tuple[Any, tuple[int, Any]]] = []
    missing: list[tuple[int, Any]] = []
    for index, item in numbered:
        value = get(item, keys)
        if value is ABSENT:
            missing.append((index, item))
        else:
            present.append((rank(value, key.compare, key.ignore_case, (index, key.path)), (index, item)))
    present.sort(key=lambda pair: pair[0], reverse=key.descending)
    found = [one for _, one in present]
    return [*missing, *found] if key.missing == "first" else [*found, *missing]
