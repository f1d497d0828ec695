"""Fails unless a value has the given JSON Schema.

The value comes out as it went in, and has the type of the schema for whoever reads it. Drafts 4, 6, 7, 2019-09 and
2020-12, told by `$schema`; 2020-12 without it. Nothing is fetched: `$ref` leads into the schema or to one of `schemas`.
All that is wrong is told at once, up to 20 problems. To go on in spite of it, write `onError: Continue` and read
`.error`.
"""

from typing import Annotated

from pydantic import Field

from headgate_node import Context, Example, Json, NodeError, Output, Params, SchemaOf, Trait, node


class ValidateParams(Params):
    value: Json
    """What is checked."""
    schema_: Annotated[dict[str, Json], Field(max_length=1000)]
    """The JSON Schema."""
    formats: bool = True
    """Whether `format` is checked as well: date, date-time, email, ipv4, ipv6, regex, uuid and others."""
    schemas: Annotated[dict[str, dict[str, Json]], Field(max_length=100)] | None = None
    """Other schemas that `$ref` may lead to: URI → schema."""


class ValidateOutput(Output):
    value: Annotated[Json, SchemaOf("with.schema")]
    """The value, now with this type."""


@node(
    traits=(Trait.LIGHT, Trait.IDEMPOTENT),
    timeout="30s",
    examples=(
        Example(with_={"value": 7, "schema": {"type": "integer"}}, output={"value": 7}),
        Example(
            with_={
                "value": {"name": "Ana", "age": 7},
                "schema": {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]},
            },
            output={"value": {"name": "Ana", "age": 7}},
        ),
        Example(with_={"value": "7", "schema": {"type": "integer"}}, fails="Invalid"),
    ),
)
async def run(params: ValidateParams, ctx: Context) -> ValidateOutput:
    from headgate_core.confined import ask  # noqa: PLC0415 - starts processes; other nodes need none

    job = {
        "value": params.value,
        "schema": params.schema_,
        "schemas": params.schemas or {},
        "formats": params.formats,
    }
    problems = await ask("schema", job, ctx.remaining())
    if problems:
        told = "; ".join(f"{path}: {message}" for path, message in problems)
        raise NodeError("Invalid", f"it has not the schema: {told}"[:4000])
    return ValidateOutput(value=params.value)
