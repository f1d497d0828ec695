"""Takes a message, unless it is about what cannot be told."""

from headgate_node import Context, Example, NodeError, Output, Params, node


class Message(Params, extra="allow"):
    text: str = ""
    summary: str = ""


class Sent(Output):
    id: str


@node(traits=(), examples=(Example(output={"id": "m1"}),))
async def run(params: Message, ctx: Context) -> Sent:
    if "0.9" in params.summary:
        raise NodeError("HttpStatus", "nobody is on call", status=500)
    ctx.log.info(params.text or params.summary)
    return Sent(id="m1")
