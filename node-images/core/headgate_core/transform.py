"""Picks and reshapes values by a JMESPath or jq program.

Give one of `jmespath` and `jq`. Both run in a process of their own without files, network or environment, and are ended
after 10 seconds. A program gives exactly one value: where jq gives several, write `[ … ]` around it. The value `null`
is none: say what stands for it, as in `.name // "nobody"` or `` name || `"nobody"` ``.

jq computes with doubles, so integers beyond 2⁵³ are refused rather than changed; JMESPath keeps them.
"""

from typing import Annotated

from pydantic import Field

from headgate_node import Context, Example, Json, NodeError, Output, Params, Trait, node

Program = Annotated[str, Field(min_length=1, max_length=20_000)]


class TransformParams(Params):
    data: Json
    """What it works on."""
    jmespath: Program | None = None
    """A JMESPath expression, such as `items[?price > `10`].name`."""
    jq: Program | None = None
    """A jq program, such as `[.items[] | select(.price > 10) | .name]`."""
    variables: dict[str, Json] | None = None
    """Values that a jq program reads as `$name`: never write them into the program itself."""


class TransformOutput(Output):
    value: Json
    """What the program gave."""


@node(
    traits=(Trait.LIGHT, Trait.IDEMPOTENT),
    timeout="30s",
    examples=(
        Example(with_={"data": {"items": [{"id": 7}]}, "jmespath": "items[].id"}, output={"value": [7]}),
        Example(
            description="jq, with a value from elsewhere.",
            with_={
                "data": [{"name": "pen", "price": 2}, {"name": "ink", "price": 12}],
                "jq": "[.[] | select(.price > $least) | .name]",
                "variables": {"least": 10},
            },
            output={"value": ["ink"]},
        ),
        Example(
            description="There is no null: the program says what stands for it.",
            with_={"data": {"a": 1}, "jq": ".b"},
            fails="NoValue",
        ),
    ),
)
async def run(params: TransformParams, ctx: Context) -> TransformOutput:
    from headgate_core.confined import ask  # noqa: PLC0415 - starts processes; other nodes need none

    job = {"data": params.data, "program": params.jq or params.jmespath, "variables": params.variables or {}}
    if (params.jq is None) == (params.jmespath is None):
        raise NodeError("InvalidParameters", "give one of `jmespath` and `jq`")
    if params.variables and params.jq is None:
        raise NodeError("InvalidParameters", "JMESPath has no variables: write `jq`, or put the values into `data`")
    value = await ask("jmespath" if params.jq is None else "jq", job, ctx.remaining())
    if value is None:
        hint = '`// "…"`' if params.jq else '`` || `"…"` ``'
        raise NodeError("NoValue", f"the program gives null, which is no value: say what stands for it, {hint}")
    return TransformOutput(value=value)
