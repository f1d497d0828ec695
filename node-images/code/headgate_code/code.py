"""Runs a short program of one's own, shut in.

The program reads `args` and returns an object with the fields that `returns` names:

    use: code
    with:
      args: {prices: "${fetch.body.prices}"}
      returns: {total: {type: number}}
      source: |
        return {"total": sum(args["prices"])}

It has its language's own library and nothing else: no network, no other processes, no files but a few of its own, which
are gone after it, and nothing of the pod. What it prints is in the log. It may take as long as the node's `timeout`.
"""

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from headgate_node import Context, Example, FieldsOf, Json, NodeError, Output, Params, Trait, node

if TYPE_CHECKING:
    from sandbox.run import Answer, Failure

MOST_TOLD = 10
PRINTED_CHARACTERS = 16_000


class CodeParams(Params):
    language: Literal["python", "javascript"] = "python"
    """What it is written in."""
    source: Annotated[str, Field(max_length=60_000)]
    """The program; it reads `args` and returns a value for each field of `returns`."""
    args: dict[str, Json] | None = None
    """What it is given."""
    returns: Annotated[dict[str, Json], Field(min_length=1, max_length=50)]
    """What it gives: name → JSON Schema."""
    memory: Annotated[int, Field(ge=64, le=4096)] = 256
    """How much it may need, in MiB. The pod's own limit must be well above that."""


@node(
    traits=(Trait.USER_CODE,),
    timeout="60s",
    output_like=FieldsOf("with.returns"),
    examples=(
        Example(
            with_={
                "source": "return {'sum': args['a'] + args['b']}",
                "args": {"a": 1, "b": 2},
                "returns": {"sum": {"type": "integer"}},
            },
            output={"sum": 3},
        ),
        Example(
            with_={
                "language": "javascript",
                "source": "return {names: args.people.map(one => one.name)}",
                "args": {"people": [{"name": "Ana"}, {"name": "Bea"}]},
                "returns": {"names": {"type": "array", "items": {"type": "string"}}},
            },
            output={"names": ["Ana", "Bea"]},
        ),
        Example(
            description="There is no way out.",
            with_={
                "source": "import socket\nsocket.create_connection(('10.96.0.1', 443))",
                "returns": {"x": {"type": "string"}},
            },
            fails="CodeError",
        ),
    ),
)
async def run(params: CodeParams, ctx: Context) -> Output:
    from headgate_lang.schema import check_fields, check_form  # noqa: PLC0415 - a pod pays for what it runs
    from sandbox.run import Failure  # noqa: PLC0415 - as above

    if faults := check_form(params.returns):
        raise NodeError("InvalidParameters", "; ".join(f"returns.{fault}" for fault in faults[:MOST_TOLD]))
    found = await _run_shut_in(params, ctx)
    if found.stdout:
        ctx.log.info("the code printed", printed=found.stdout[:PRINTED_CHARACTERS])
    if isinstance(found, Failure):
        raise NodeError(found.reason, found.message)
    result = found.result
    if faults := check_fields(result, params.returns):
        told = "; ".join(f"result.{fault}" if fault.path else f"result {fault}" for fault in faults[:MOST_TOLD])
        raise NodeError("InvalidOutput", f"the code does not return what `returns` says: {told}")
    return Output.of({name: value for name, value in result.items() if value is not None})


async def _run_shut_in(params: CodeParams, ctx: Context) -> "Answer | Failure":
    from sandbox.run import Limits, Request, run  # noqa: PLC0415 - as above

    remaining = ctx.remaining()
    seconds = remaining - min(0.5, remaining / 10)  # so that it is told what it printed until then
    request = Request(params.source, {"args": params.args or {}}, params.language, form="body")
    return await run(request, limits=Limits(seconds=seconds, memory_bytes=params.memory << 20), scratch=ctx.scratch)
