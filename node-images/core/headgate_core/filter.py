"""Keeps the items of a list for which a condition is true.

`where` is CEL, the language of `${…}`, but written without these: it is asked of each `item` in turn. It reads `item`,
`index` and what is handed over in `args`, which is how a value of another node gets into it:
`where: "item.price > args.least"` with `args: {least: "${inputs.least}"}`.

A field that some items lack is written `item.?price.orValue(0.0)`.
"""

from typing import Annotated

from pydantic import Field

from headgate_node import Context, Example, Json, Output, Params, Trait, TypeOf, node


class FilterParams(Params):
    items: Annotated[list[Json], Field(max_length=50_000)]
    """What is filtered."""
    where: Annotated[str, Field(min_length=1, max_length=4000)]
    """The condition, in CEL: `item.age >= 18 && item.name != ''`."""
    args: dict[str, Json] | None = None
    """Values that the condition reads as `args.name`."""


class FilterOutput(Output):
    items: Annotated[list[Json], TypeOf("with.items")]
    """Those for which it is true, in their order."""
    others: Annotated[list[Json], TypeOf("with.items")]
    """The rest, in their order."""
    count: int
    """How many it is true for."""


@node(
    traits=(Trait.LIGHT, Trait.IDEMPOTENT),
    timeout="30s",
    examples=(
        Example(
            with_={"items": [1, 5, 3], "where": "item > args.most / 2", "args": {"most": 5}},
            output={"items": [5, 3], "others": [1], "count": 2},
        ),
        Example(
            with_={
                "items": [{"name": "Ana", "age": 7}, {"name": "Bob"}],
                "where": "item.?age.orValue(0) < 18 && index > 0",
            },
            output={"items": [{"name": "Bob"}], "others": [{"name": "Ana", "age": 7}], "count": 1},
        ),
        Example(with_={"items": [{"name": "Ana"}], "where": "item.age > 1"}, fails="ExpressionError"),
    ),
)
async def run(params: FilterParams, ctx: Context) -> FilterOutput:
    from headgate_core.confined import ask  # noqa: PLC0415 - starts processes; other nodes need none

    job = {"items": params.items, "where": params.where, "args": params.args or {}}
    chosen = await ask("condition", job, ctx.remaining())
    kept = [item for item, holds in zip(params.items, chosen, strict=True) if holds]
    others = [item for item, holds in zip(params.items, chosen, strict=True) if not holds]
    return FilterOutput(items=kept, others=others, count=len(kept))
