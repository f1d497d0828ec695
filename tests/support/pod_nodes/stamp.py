"""Tells when it runs, by the clock that all processes of a machine share."""

import time

from headgate_node import Context, Example, Output, Params, Trait, node


class StampParams(Params):
    pass


class StampOutput(Output):
    moment: float


@node(
    traits=(Trait.INSTANT,),
    examples=(Example(output={"moment": 1.5}, needs="network"), Example(output={"moment": 2.5}, needs="network")),
)
async def run(params: StampParams, ctx: Context) -> StampOutput:
    return StampOutput(moment=time.monotonic())
