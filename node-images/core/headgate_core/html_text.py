"""Gives the text of an HTML page as people see it: without scripts and tags, a line for each block."""

import asyncio
from typing import Annotated

from pydantic import Field

from headgate_node import Context, Example, Output, Params, Trait, node


class HtmlTextParams(Params):
    text: Annotated[str, Field(max_length=5_000_000)]
    """The page."""


class HtmlTextOutput(Output):
    text: str
    """What people see of it."""
    title: str
    """Its title; empty if it has none."""


@node(
    traits=(Trait.LIGHT, Trait.IDEMPOTENT),
    examples=(
        Example(
            with_={"text": "<title>Shop</title><h1>Today</h1><p>Soap &amp; <b>tea</b><script>x()</script><p>Milk"},
            output={"text": "Today\nSoap & tea\nMilk", "title": "Shop"},
        ),
        Example(
            with_={"text": "<table><tr><td>a</td><td>b</td></tr></table>One<br>two"},
            output={"text": "a\nb\nOne\ntwo", "title": ""},
        ),
    ),
)
async def run(params: HtmlTextParams, ctx: Context) -> HtmlTextOutput:
    return await asyncio.to_thread(_read, params.text)


def _read(text: str) -> HtmlTextOutput:
    from headgate_core.formats.html_reading import parse, text_of, title_of  # noqa: PLC0415 - loads libxml2

    root = parse(text)
    return (
        HtmlTextOutput(text="", title="") if root is None else HtmlTextOutput(text=text_of(root), title=title_of(root))
    )
