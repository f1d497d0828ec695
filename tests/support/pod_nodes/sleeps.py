"""Takes its time, and may not want to stop."""

import asyncio
import time
from contextlib import suppress

from headgate_node import Context, Example, Output, Params, Trait, node


class SleepsParams(Params):
    seconds: float
    stubborn: bool = False
    blocking: bool = False
    until_cancelled: bool = False


class SleepsOutput(Output):
    slept: bool
    told: bool


@node(
    traits=(Trait.LIGHT, Trait.IDEMPOTENT),
    examples=(
        Example(with_={"seconds": 0}, output={"slept": True, "told": False}),
        Example(with_={"seconds": 0.0}, output={"slept": True, "told": False}),
    ),
)
async def run(params: SleepsParams, ctx: Context) -> SleepsOutput:
    if params.blocking:
        time.sleep(params.seconds)  # noqa: ASYNC251 - on purpose
    elif params.until_cancelled:
        await ctx.cancelled.wait()
    elif params.stubborn:
        end = time.monotonic() + params.seconds
        while time.monotonic() < end:
            with suppress(asyncio.CancelledError):
                await asyncio.sleep(0.01)
    else:
        await asyncio.sleep(params.seconds)
    return SleepsOutput(slept=True, told=ctx.cancelled.is_set())
