"""Makes HTML from strangers harmless: only text, its structure, links and images are left.

Scripts, styles, forms, frames, handlers and everything else goes; what stands inside of an element that is not known
stays. Links lead only to `http`, `https`, `mailto`, `tel` or places on the same site. Images tell their server who
looks at them: `images: false` leaves them out.
"""

import asyncio
from typing import Annotated

from pydantic import Field

from headgate_node import Context, Example, Output, Params, Trait, node


class HtmlCleanParams(Params):
    text: Annotated[str, Field(max_length=5_000_000)]
    """The HTML, a page or a part of one."""
    images: bool = True
    """Whether images stay."""


class HtmlCleanOutput(Output):
    text: str
    """The HTML that is left."""


@node(
    traits=(Trait.LIGHT, Trait.IDEMPOTENT),
    examples=(
        Example(
            with_={"text": '<p onclick="x()">Hi <b>you</b><script>x()</script> <blink>& all</blink></p>'},
            output={"text": "<p>Hi <b>you</b> &amp; all</p>"},
        ),
        Example(
            with_={"text": '<q cite="javascript:x()">a</q><a href="/b">b</a><img src="c.png">', "images": False},
            output={"text": '<q>a</q><a href="/b" rel="nofollow noopener noreferrer">b</a>'},
        ),
    ),
)
async def run(params: HtmlCleanParams, ctx: Context) -> HtmlCleanOutput:
    return HtmlCleanOutput(text=await asyncio.to_thread(_clean, params))


def _clean(params: HtmlCleanParams) -> str:
    from headgate_core.formats.html_cleaning import clean  # noqa: PLC0415 - at use
    from headgate_core.formats.html_reading import parse  # noqa: PLC0415 - loads libxml2

    root = parse(params.text)
    return "" if root is None else clean(root, images=params.images)
