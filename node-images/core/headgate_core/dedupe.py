"""Leaves out items that are there already.

Two items are the same if the fields named in `by` are, or, without it, if they are equal as a whole: `1` is `1.0`, and
the order of keys does not count. An item that lacks a field is the same as another that lacks it.
"""

from collections.abc import Hashable
from typing import Annotated, Any, Literal

from pydantic import Field

from headgate_core.bounds import Items
from headgate_core.ordering import identity
from headgate_core.paths import Path, get, parse_path
from headgate_node import Context, Example, Json, Output, Params, Trait, TypeOf, node


class DedupeParams(Params):
    items: Items
    """What may hold something twice."""
    by: Annotated[list[Path], Field(min_length=1, max_length=10)] | None = None
    """The fields that tell items apart, such as `email`."""
    keep: Literal["first", "last"] = "first"
    """Which of those that are the same stays."""
    ignore_case: bool = False
    """Whether `Ana` is `ana`."""


class DedupeOutput(Output):
    items: Annotated[list[Json], TypeOf("with.items")]
    """What stays, in its order."""
    duplicates: Annotated[list[Json], TypeOf("with.items")]
    """What was left out, in its order."""
    removed: int
    """How many were left out."""


@node(
    traits=(Trait.INSTANT, Trait.IDEMPOTENT),
    examples=(
        Example(with_={"items": [1, 2, 1.0, 3]}, output={"items": [1, 2, 3], "duplicates": [1.0], "removed": 1}),
        Example(
            with_={
                "items": [{"email": "ana@example.com", "n": 1}, {"email": "Ana@example.com", "n": 2}],
                "by": ["email"],
                "keep": "last",
                "ignoreCase": True,
            },
            output={
                "items": [{"email": "Ana@example.com", "n": 2}],
                "duplicates": [{"email": "ana@example.com", "n": 1}],
                "removed": 1,
            },
        ),
    ),
)
async def run(params: DedupeParams, ctx: Context) -> DedupeOutput:
    paths = [parse_path(path) for path in params.by or []]
    kept: dict[Hashable, int] = {}
    for index, item in enumerate(params.items):
        key = _key(item, paths, params.ignore_case)
        if params.keep == "last" or key not in kept:
            kept[key] = index
    stays = set(kept.values())
    return DedupeOutput(
        items=[item for index, item in enumerate(params.items) if index in stays],
        duplicates=[item for index, item in enumerate(params.items) if index not in stays],
        removed=len(params.items) - len(stays),
    )


def _key(item: Any, paths: list[tuple[str | int, ...]], ignore_case: bool) -> Hashable:
    values = [get(item, path) for path in paths] if paths else [item]
    return tuple(identity(value.casefold() if ignore_case and isinstance(value, str) else value) for value in values)
