"""Gives names to values.

Each parameter comes out under its own name and with its own type, so that other nodes can read a value that is computed
in one place: `with: {total: "${sum(order)}"}` is read as `${this.total}`.
"""

from headgate_node import Context, Example, Output, Params, Trait, TypeOf, node


class SetParams(Params, extra="allow"):
    """A value under a name of your own."""


@node(
    traits=(Trait.INSTANT, Trait.IDEMPOTENT),
    output_like=TypeOf("with"),
    examples=(
        Example(with_={"text": "Hello, world!"}, output={"text": "Hello, world!"}),
        Example(with_={"limits": {"cpu": 2, "names": ["a", "b"]}}, output={"limits": {"cpu": 2, "names": ["a", "b"]}}),
        Example(description="Nothing is a value too.", with_={}, output={}),
    ),
)
async def run(params: SetParams, ctx: Context) -> Output:
    return Output.of(params.model_extra or {})
