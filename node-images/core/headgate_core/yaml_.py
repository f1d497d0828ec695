"""Reads YAML, by the rules of YAML 1.2: `no` and `on` are texts, `010` is ten, and dates stay texts.

Anchors, aliases and `<<` work; what they repeat is counted, so that a short text cannot become an endless value. Keys
are texts, also where they look like numbers. Tags that JSON cannot hold, doubled keys, `.inf` and `.nan` are refused.
"""

import asyncio
from typing import Annotated

from pydantic import Field

from headgate_node import Context, Example, Json, NodeError, Output, Params, Trait, node

MAX_LETTERS = 2_000_000


class YamlParams(Params):
    text: Annotated[str, Field(max_length=MAX_LETTERS)]
    """What to read."""
    all_: bool = False
    """Whether there may be several documents; then the value is a list of them."""


class YamlOutput(Output):
    value: Json
    """What was read."""


@node(
    traits=(Trait.LIGHT, Trait.IDEMPOTENT),
    examples=(
        Example(
            with_={"text": "name: shop\nports: [80, 0x1F]\ncountry: no\n"},
            output={"value": {"name": "shop", "ports": [80, 31], "country": "no"}},
        ),
        Example(
            with_={"text": "base: &base {a: 1, b: 2}\nmore: {<<: *base, b: 3}\n"},
            output={"value": {"base": {"a": 1, "b": 2}, "more": {"a": 1, "b": 3}}},
        ),
        Example(with_={"text": "a: 1\n---\na: 2\n", "all": True}, output={"value": [{"a": 1}, {"a": 2}]}),
        Example(with_={"text": "a: [1\nb: 2\n"}, fails="NotYaml"),
    ),
)
async def run(params: YamlParams, ctx: Context) -> YamlOutput:
    from headgate_core.formats.yaml_reading import read_documents  # noqa: PLC0415 - loads libyaml

    documents = await asyncio.to_thread(read_documents, params.text)
    if params.all_:
        return YamlOutput(value=documents)
    if len(documents) > 1:
        message = f"text: there are {len(documents)} documents: write `all: true`, and the value is a list of them"
        raise NodeError("NotYaml", message)
    if not documents or documents[0] is None:
        raise NodeError("NoValue", "text: there is nothing in it but blanks, remarks or null: give a document")
    return YamlOutput(value=documents[0])
