"""Fails as often as it is told to, and then succeeds."""

from headgate_node import Context, Example, Json, NodeError, Output, Params, Trait, node


class FlakyParams(Params):
    times: int = 0
    reason: str = "Broken"
    status: int | None = None
    retry_after: float | None = None
    method: str = "GET"
    value: Json | None = None


class FlakyOutput(Output):
    attempt: int
    key: str
    value: Json | None = None


@node(
    traits=(Trait.LIGHT,),
    idempotent_when={"method": ["GET"]},
    examples=(Example(output={"attempt": 1, "key": "x"}), Example(with_={"times": 9}, fails="Broken")),
)
async def run(params: FlakyParams, ctx: Context) -> FlakyOutput:
    ctx.count(calls=1)
    if isinstance(params.value, list):
        params.value.append("changed")
    if ctx.attempt <= params.times:
        message = f"attempt {ctx.attempt} of {ctx.instance}"
        raise NodeError(params.reason, message, status=params.status, retry_after=params.retry_after)
    return FlakyOutput(attempt=ctx.attempt, key=ctx.idempotency_key, value=params.value)
