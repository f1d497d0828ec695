"""Writes a value as YAML that old and new readers understand alike: whatever could be mistaken is quoted."""

import asyncio
from typing import Annotated

from pydantic import Field

from headgate_core.formats.content import MAX_BYTES
from headgate_node import Context, Example, Json, NodeError, Output, Params, Trait, node


class YamlWriteParams(Params):
    value: Json
    """What to write."""
    indent: Annotated[int, Field(ge=2, le=8)] = 2
    """Spaces a level."""
    sort: bool = False
    """Whether names are sorted, so that equal values give equal texts."""
    all_: bool = False
    """Whether each member of the list is written as a document of its own."""


class YamlWriteOutput(Output):
    text: str
    """The YAML."""


@node(
    traits=(Trait.LIGHT, Trait.IDEMPOTENT),
    examples=(
        Example(
            with_={"value": {"name": "shop", "ports": [80], "country": "no", "zip": "01067"}},
            output={"text": "name: shop\nports:\n- 80\ncountry: 'no'\nzip: '01067'\n"},
        ),
        Example(
            with_={"value": [{"b": 1, "a": "x\ny\n"}, "z"], "all": True, "sort": True},
            output={"text": "a: |\n  x\n  y\nb: 1\n---\nz\n"},
        ),
    ),
)
async def run(params: YamlWriteParams, ctx: Context) -> YamlWriteOutput:
    if params.all_ and not isinstance(params.value, list):
        raise NodeError("InvalidParameters", "value: `all` writes the members of a list, and this is none")
    text = await asyncio.to_thread(_write, params)
    if len(text) > MAX_BYTES:
        raise NodeError("TooLarge", f"the text has {len(text):,} letters, at most {MAX_BYTES:,} are given: write less")
    return YamlWriteOutput(text=text)


def _write(params: YamlWriteParams) -> str:
    from headgate_core.formats.yaml_writing import write_document  # noqa: PLC0415 - loads libyaml

    documents = params.value if params.all_ else [params.value]
    return "---\n".join(write_document(one, sort=params.sort, indent=params.indent) for one in documents)
