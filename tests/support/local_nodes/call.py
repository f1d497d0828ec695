"""Succeeds if it is told to."""

from headgate_node import Context, Example, NodeError, Output, Params, Trait, node


class Told(Params):
    good: bool = True


class Given(Output):
    value: str


@node(traits=(Trait.LIGHT, Trait.INTERNET), examples=(Example(output={"value": "x"}),))
async def run(params: Told, ctx: Context) -> Given:
    if not params.good:
        raise NodeError("Broken", f"{ctx.instance} was told to fail")
    return Given(value=str(ctx.instance))
