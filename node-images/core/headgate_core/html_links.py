"""Lists the links of an HTML page, whole: relative ones are resolved against `base`, or the page's own `<base>`.

Only links to `http`, `https`, `mailto` and `tel` are listed, each once, in their order.
"""

import asyncio
from typing import Annotated, Any
from urllib.parse import urljoin, urlsplit

from pydantic import Field

from headgate_node import Context, Example, Output, Params, Trait, node

MAX_LINKS = 10_000
_SCHEMES = frozenset(["", "http", "https", "mailto", "tel"])


class HtmlLinksParams(Params):
    text: Annotated[str, Field(max_length=5_000_000)]
    """The page."""
    base: Annotated[str, Field(max_length=2_000)] = ""
    """Where the page was found; without it, relative links stay relative."""


class Link(Output):
    href: str
    """Where it leads."""
    text: str
    """What people see of it."""


class HtmlLinksOutput(Output):
    links: list[Link]
    """The links, at most 10,000."""


@node(
    traits=(Trait.LIGHT, Trait.IDEMPOTENT),
    examples=(
        Example(
            with_={"text": '<a href="/a?b=1">One</a> <a href="x">Two</a>', "base": "https://a.example/p/"},
            output={
                "links": [
                    {"href": "https://a.example/a?b=1", "text": "One"},
                    {"href": "https://a.example/p/x", "text": "Two"},
                ]
            },
        ),
        Example(
            with_={"text": '<a href="javascript:x()">No</a> <a href="mailto:a@a.example">Mail</a>'},
            output={"links": [{"href": "mailto:a@a.example", "text": "Mail"}]},
        ),
    ),
)
async def run(params: HtmlLinksParams, ctx: Context) -> HtmlLinksOutput:
    return HtmlLinksOutput(links=await asyncio.to_thread(_read, params))


def _read(params: HtmlLinksParams) -> list[Link]:
    from headgate_core.formats.html_reading import parse, text_of  # noqa: PLC0415 - loads libxml2

    root = parse(params.text)
    if root is None:
        return []
    own = root.find(".//base[@href]")
    base = params.base if own is None else _join(params.base, own) or params.base
    found: dict[str, Link] = {}
    for element in root.iter("a", "area"):
        href = _join(base, element)
        if href and href not in found and len(found) < MAX_LINKS:
            found[href] = Link(href=href, text=text_of(element))
    return list(found.values())


def _join(base: str, element: Any) -> str | None:
    """A whole address, or None if it is none that leads somewhere."""
    try:
        href = urljoin(base, "".join((element.get("href") or "").split()))
        return href if href and urlsplit(href).scheme in _SCHEMES else None
    except ValueError:
        return None
