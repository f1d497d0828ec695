"""Finds parts of an XML document by XPath 1.0.

Each expression gives a list: elements as the values that `xml` makes of them, attributes and texts as texts, and what a
function computes as one member. Prefixes in expressions are those of `namespaces`; an element in a default namespace is
found only by a prefix for it. Document types are refused.
"""

import asyncio
from typing import Annotated

from pydantic import Field

from headgate_core.formats.content import Encoding, Form
from headgate_node import Context, Example, Json, Output, Params, Trait, node

Name = Annotated[str, Field(min_length=1, max_length=100)]


class XmlFindParams(Params):
    text: Annotated[str, Field(max_length=10_000_000)]
    """Where to search."""
    find: Annotated[
        dict[Name, Annotated[str, Field(min_length=1, max_length=1_000)]], Field(min_length=1, max_length=50)
    ]
    """What to find: an expression under each name of your own."""
    namespaces: Annotated[dict[Name, Annotated[str, Field(max_length=1_000)]], Field(max_length=50)] | None = None
    """What the prefixes in the expressions stand for."""
    from_: Form = "text"
    """How `text` stands for bytes."""
    encoding: Encoding | None = None
    """Which letters the bytes are; without it, they say it themselves."""


class XmlFindOutput(Output):
    found: dict[str, list[Json]]
    """Under each name, what its expression found, in the order of the document."""


_FEED = '<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>One</title></entry><entry><title>Two</title></entry></feed>'


@node(
    traits=(Trait.LIGHT, Trait.IDEMPOTENT),
    examples=(
        Example(
            with_={
                "text": '<shop><item id="1"><name>Soap</name></item><item id="2"><name>Tea</name></item></shop>',
                "find": {"names": "//item/name/text()", "second": "//item[@id='2']", "count": "count(//item)"},
            },
            output={
                "found": {"names": ["Soap", "Tea"], "second": [{"@id": "2", "name": "Tea"}], "count": [2]},
            },
        ),
        Example(
            with_={
                "text": _FEED,
                "find": {"titles": "//a:title/text()"},
                "namespaces": {"a": "http://www.w3.org/2005/Atom"},
            },
            output={"found": {"titles": ["One", "Two"]}},
        ),
        Example(with_={"text": "<a/>", "find": {"x": "//["}}, fails="InvalidXPath"),
    ),
)
async def run(params: XmlFindParams, ctx: Context) -> XmlFindOutput:
    return await asyncio.to_thread(_find, params)


def _find(params: XmlFindParams) -> XmlFindOutput:
    from headgate_core.formats.xml_cost import measure  # noqa: PLC0415 - loads libxml2
    from headgate_core.formats.xml_reading import parse  # noqa: PLC0415
    from headgate_core.formats.xpath import Finder  # noqa: PLC0415

    root = parse(params.text, params.from_, params.encoding)
    finder = Finder(root, measure(root), params.namespaces or {})
    return XmlFindOutput(found={name: finder.find(name, path) for name, path in params.find.items()})
