"""Gives back what it is given."""

from headgate_node import Context, Example, Output, Params, Trait, TypeOf, node


class EchoParams(Params, extra="allow"):
    """Anything."""


@node(
    traits=(Trait.INSTANT, Trait.IDEMPOTENT),
    output_like=TypeOf("with"),
    examples=(Example(output={}), Example(with_={"a": 1}, output={"a": 1})),
)
async def run(params: EchoParams, ctx: Context) -> Output:
    return Output.of(params.model_extra or {})
