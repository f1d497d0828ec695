"""Takes parts out of an HTML page by CSS selectors.

Each selector finds the first element, or with `all` a list. It gives its text as people see it, its HTML, or an
attribute; with `fields` an object, whose members are found inside of it. What is not there is absent. `html-text`,
`html-links` and `html-tables` take what one mostly wants of a page.
"""

import asyncio
from typing import Annotated, Any, Literal

from pydantic import Field

from headgate_node import Context, Example, Json, NodeError, Output, Params, Trait, node

MAX_FOUND = 10_000

Name = Annotated[str, Field(min_length=1, max_length=100)]
Css = Annotated[str, Field(min_length=1, max_length=500)]


class Part(Params):
    css: Css
    """A CSS selector."""
    take: Literal["text", "html"] = "text"
    """What of the element to give."""
    attribute: Name | None = None
    """Which attribute of the element to give instead."""
    all_: bool = False
    """Whether every element is given, as a list."""


class Selector(Part):
    fields: Annotated[dict[Name, Part], Field(max_length=50)] | None = None
    """What to find inside of the element, by names of your own; then it gives an object."""


class HtmlParams(Params):
    text: Annotated[str, Field(max_length=5_000_000)]
    """The page."""
    find: Annotated[dict[Name, Selector], Field(min_length=1, max_length=50)]
    """What to find, by names of your own."""


class HtmlOutput(Output):
    found: dict[str, Json]
    """What was found, by its names."""


@node(
    traits=(Trait.LIGHT, Trait.IDEMPOTENT),
    examples=(
        Example(
            with_={
                "text": '<h1>Shop</h1><a class="next" href="/2">more</a><p>One</p><p>Two <b>and</b> a half</p>',
                "find": {
                    "title": {"css": "h1"},
                    "next": {"css": "a.next", "attribute": "href"},
                    "lines": {"css": "p", "all": True},
                    "price": {"css": ".price"},
                },
            },
            output={"found": {"title": "Shop", "next": "/2", "lines": ["One", "Two and a half"]}},
        ),
        Example(
            with_={
                "text": '<li id="1"><b>Soap</b> <i>1.20</i></li><li id="2"><b>Tea</b></li>',
                "find": {"items": {"css": "li", "all": True, "fields": {"name": {"css": "b"}, "price": {"css": "i"}}}},
            },
            output={"found": {"items": [{"name": "Soap", "price": "1.20"}, {"name": "Tea"}]}},
        ),
        Example(with_={"text": "<p>", "find": {"x": {"css": "p["}}}, fails="InvalidSelector"),
    ),
)
async def run(params: HtmlParams, ctx: Context) -> HtmlOutput:
    return await asyncio.to_thread(_find, params)


def _find(params: HtmlParams) -> HtmlOutput:
    from headgate_core.formats.html_reading import parse  # noqa: PLC0415 - loads libxml2

    root = parse(params.text)
    if root is None:
        return HtmlOutput(found={name: [] for name, selector in params.find.items() if selector.all_})
    finder = _Finder(root)
    return HtmlOutput(found=finder.find_each(root, params.find, "find"))


class _Finder:
    def __init__(self, root: Any) -> None:
        from headgate_core.formats.xml_cost import measure  # noqa: PLC0415 - loads libxml2

        self._extent = measure(root)
        self._left = MAX_FOUND

    def find_each(self, element: Any, parts: dict[str, Any], place: str) -> dict[str, Json]:
        found = {name: self._find(element, part, f"{place}.{name}") for name, part in parts.items()}
        return {name: value for name, value in found.items() if value is not None}

    def _find(self, element: Any, part: Part, place: str) -> Json:
        from headgate_core.formats.css import select  # noqa: PLC0415 - loads cssselect

        elements = select(element, part.css, place, self._extent)
        if not part.all_:
            return self._give(elements[0], part, place) if elements else None
        values = [self._give(one, part, place) for one in elements]
        return [value for value in values if value is not None]

    def _give(self, element: Any, part: Part, place: str) -> Json:
        from lxml import etree  # noqa: PLC0415 - heavy

        from headgate_core.formats.html_reading import text_of  # noqa: PLC0415 - loads libxml2

        self._left -= 1
        if self._left < 0:
            raise NodeError("TooLarge", f"{place}: there are more than {MAX_FOUND:,} elements: find fewer")
        if isinstance(part, Selector) and part.fields:
            return self.find_each(element, part.fields, place)
        if part.attribute is not None:
            return element.get(part.attribute)
        if part.take == "html":
            return etree.tostring(element, encoding="unicode", method="html", with_tail=False)
        return text_of(element)
