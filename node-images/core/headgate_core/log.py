"""Writes a line to the log of the Run.

The line carries node, instance and attempt, and `data` as values beside the text, so that it can be searched for. What
is secret in the pod is masked in it. Write no personal data that the log need not hold: it is kept as long as logs are.
"""

from typing import Annotated, Literal

from pydantic import Field

from headgate_core.bounds import check_size
from headgate_lang.text import compact
from headgate_node import Context, Example, Json, NodeError, Output, Params, Trait, node

MOST_DATA = 20_000


class LogParams(Params):
    message: Annotated[str, Field(max_length=20_000)]
    """What is written."""
    level: Literal["debug", "info", "warning", "error"] = "info"
    """How much it matters."""
    data: Json | None = None
    """A value that is written with it: at most 20,000 characters as JSON."""


class LogOutput(Output):
    """Nothing: it is only written."""


@node(
    traits=(Trait.INSTANT, Trait.IDEMPOTENT),
    examples=(
        Example(with_={"message": "37 of 200"}, output={}),
        Example(with_={"message": "slow answer", "level": "warning", "data": {"ms": 2310}}, output={}),
    ),
)
async def run(params: LogParams, ctx: Context) -> LogOutput:
    values = {}
    if params.data is not None:
        _check(params.data)
        values["data"] = params.data
    getattr(ctx.log, params.level)(params.message, **values)
    return LogOutput()


def _check(data: Json) -> None:
    check_size(data, MOST_DATA, "`data`")
    try:
        size = len(compact(data))
    except RecursionError:
        raise NodeError("TooDeep", "`data` is nested too deep for a log: write a part of it") from None
    if size > MOST_DATA:
        raise NodeError("TooLarge", f"`data` has {size:,} characters, a line takes {MOST_DATA:,}: write a part of it")
