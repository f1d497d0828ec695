"""Counts what it is given."""

from headgate_node import Context, Example, Json, Output, Params, node


class Rows(Params, extra="allow"):
    upsert: list[Json]


class Written(Output):
    rows: int


@node(traits=(), examples=(Example(with_={"upsert": []}, output={"rows": 0}),))
async def run(params: Rows, ctx: Context) -> Written:
    return Written(rows=len(params.upsert))
