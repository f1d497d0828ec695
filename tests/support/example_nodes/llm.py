"""Answers with what it was asked."""

from headgate_node import Context, Example, Output, Params, node


class Prompt(Params, extra="allow"):
    prompt: str


class Answer(Output):
    text: str


@node(traits=(), examples=(Example(with_={"prompt": "hi"}, output={"text": "On hi"}),))
async def run(params: Prompt, ctx: Context) -> Answer:
    return Answer(text=f"On {params.prompt}"[:60])
