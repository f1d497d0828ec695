"""Writes a value as XML, by the rule by which `xml` reads it.

Members `@name` become attributes, `#text` text, all others elements, and a list several of them. Numbers and booleans
are written as texts; what is absent is left out.
"""

import asyncio
from typing import Annotated

from pydantic import Field

from headgate_node import Context, Example, Json, Output, Params, Trait, node

Name = Annotated[str, Field(min_length=1, max_length=1_000)]


class XmlWriteParams(Params):
    name: Name
    """The name of the outermost element."""
    value: Json
    """What is in it."""
    namespaces: Annotated[dict[str, Annotated[str, Field(max_length=1_000)]], Field(max_length=50)] | None = None
    """What prefixes stand for; the empty one for names without."""
    indent: Annotated[int, Field(ge=0, le=8)] = 0
    """Spaces a level; 0 writes all on one line."""
    declaration: bool = True
    """Whether it begins with `<?xml …?>`."""


class XmlWriteOutput(Output):
    text: str
    """The XML."""


@node(
    traits=(Trait.LIGHT, Trait.IDEMPOTENT),
    examples=(
        Example(
            with_={
                "name": "order",
                "value": {"@id": 7, "item": ["Soap", {"@n": 2, "#text": "Tea & milk"}], "paid": True},
                "declaration": False,
            },
            output={
                "text": '<order id="7"><item>Soap</item><item n="2">Tea &amp; milk</item><paid>true</paid></order>'
            },
        ),
        Example(
            with_={
                "name": "feed",
                "value": {"dc:title": "News"},
                "namespaces": {"": "http://www.w3.org/2005/Atom", "dc": "http://purl.org/dc/elements/1.1/"},
                "indent": 2,
            },
            output={
                "text": '<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom" '
                'xmlns:dc="http://purl.org/dc/elements/1.1/">\n  <dc:title>News</dc:title>\n</feed>\n'
            },
        ),
        Example(with_={"name": "a", "value": {"two words": 1}}, fails="InvalidName"),
    ),
)
async def run(params: XmlWriteParams, ctx: Context) -> XmlWriteOutput:
    from headgate_core.formats.xml_writing import Writer  # noqa: PLC0415 - at use

    writer = Writer(params.namespaces or {}, params.indent)
    text = await asyncio.to_thread(writer.write, params.name, params.value)
    start = '<?xml version="1.0" encoding="UTF-8"?>\n' if params.declaration else ""
    return XmlWriteOutput(text=start + text + ("\n" if params.indent else ""))
