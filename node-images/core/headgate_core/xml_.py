"""Reads XML into a value, by a simple rule.

An element becomes an object: attributes are its members `@name`, elements inside it members by their names, text beside
them `#text`. An element with nothing but text is that text. What is there more than once becomes a list; what may be
there more than once is named in `lists`, so that it is a list even when it is there once. The order of elements of
different names, remarks and processing instructions get lost. Document types are refused: nothing is fetched, and no
entity unfolds.
"""

import asyncio
from typing import Annotated

from pydantic import Field

from headgate_core.formats.content import Encoding, Form
from headgate_node import Context, Example, Json, Output, Params, Trait, node


class XmlParams(Params):
    text: Annotated[str, Field(max_length=10_000_000)]
    """What to read."""
    lists: Annotated[list[str], Field(max_length=1_000)] | None = None
    """Names of elements that are always lists."""
    prefixes: bool = True
    """Whether names keep the prefix of their namespace, as in `dc:title`."""
    trim: bool = True
    """Whether blanks around texts are cut off."""
    from_: Form = "text"
    """How `text` stands for bytes."""
    encoding: Encoding | None = None
    """Which letters the bytes are; without it, they say it themselves."""


class XmlOutput(Output):
    name: str
    """The name of the outermost element."""
    value: Json
    """What is in it."""


@node(
    traits=(Trait.LIGHT, Trait.IDEMPOTENT),
    examples=(
        Example(
            with_={"text": '<order id="7"><item>Soap</item><item n="2">Tea</item><note/></order>'},
            output={
                "name": "order",
                "value": {"@id": "7", "item": ["Soap", {"@n": "2", "#text": "Tea"}], "note": ""},
            },
        ),
        Example(
            with_={"text": "<order><item>Soap</item></order>", "lists": ["item"]},
            output={"name": "order", "value": {"item": ["Soap"]}},
        ),
        Example(with_={"text": "<order><item></order>"}, fails="NotXml"),
    ),
)
async def run(params: XmlParams, ctx: Context) -> XmlOutput:
    return await asyncio.to_thread(_read, params)


def _read(params: XmlParams) -> XmlOutput:
    from headgate_core.formats.xml_reading import Converter, parse  # noqa: PLC0415 - loads libxml2

    root = parse(params.text, params.from_, params.encoding)
    converter = Converter(params.lists or (), trim=params.trim, prefixes=params.prefixes)
    return XmlOutput(name=converter.name(root), value=converter.convert(root))
