"""Ends in every way that is none."""

import asyncio
import ctypes
import os
import sys
from typing import Any, Literal

from headgate_node import Context, Example, Output, Params, Trait, node


class BreaksParams(Params):
    how: Literal["raise", "sys.exit", "os._exit", "segfault", "garbage", "nan", "none", "cancel", "memory", "report"]


class BreaksOutput(Output):
    value: Any = None


@node(
    traits=(Trait.LIGHT,),
    examples=(Example(with_={"how": "raise"}, fails="NodeCrashed"), Example(with_={"how": "none"}, output={})),
)
async def run(params: BreaksParams, ctx: Context) -> BreaksOutput:
    match params.how:
        case "raise":
            raise ValueError("what a surprise")
        case "sys.exit":
            sys.exit(3)
        case "os._exit":
            print("last words", flush=True)
            os._exit(3)
        case "segfault":
            ctypes.string_at(0)
        case "garbage":
            return {"not": "an output"}  # type: ignore[return-value]  # on purpose
        case "nan":
            return BreaksOutput(value=[float("nan")])
        case "cancel":
            raise asyncio.CancelledError
        case "memory":
            raise MemoryError
        case "report":
            root = os.environ["HEADGATE_ROOT"]
            with open(f"{root}/out/report", "w") as file:  # noqa: ASYNC230, PTH123 - on purpose
                file.write("garbage")
            os._exit(0)
    return BreaksOutput()
