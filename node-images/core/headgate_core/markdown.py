"""Reads Markdown (CommonMark, with tables and ~~struck~~ text): as HTML, as plain text, its headings, its front matter.

HTML inside it stays text, and links to `javascript:` and the like are no links, so that what comes out is safe whoever
wrote it. Front matter is YAML between two lines `---` at the very beginning.
"""

import asyncio
from typing import Annotated

from pydantic import Field

from headgate_node import Context, Example, Json, Output, Params, Trait, node


class MarkdownParams(Params):
    text: Annotated[str, Field(max_length=300_000)]
    """The Markdown."""


class Heading(Output):
    level: int
    """From 1 to 6."""
    text: str
    """What it says."""
    id: str
    """Its `id` in the HTML, to which a link can lead."""


class MarkdownOutput(Output):
    html: str
    """The same as HTML."""
    text: str
    """The same as plain text, a line for each block."""
    headings: list[Heading]
    """The headings, in their order."""
    front_matter: dict[str, Json]
    """What stands in the front matter; empty if there is none."""


@node(
    traits=(Trait.LIGHT, Trait.IDEMPOTENT),
    examples=(
        Example(
            with_={"text": "---\ntags: [a]\n---\n# Hello *you*\n\nOne [link](/x) & <b>.\n"},
            output={
                "html": '<h1 id="hello-you">Hello <em>you</em></h1>\n'
                '<p>One <a href="/x">link</a> &amp; &lt;b&gt;.</p>\n',
                "text": "Hello you\nOne link & <b>.",
                "headings": [{"level": 1, "text": "Hello you", "id": "hello-you"}],
                "frontMatter": {"tags": ["a"]},
            },
        ),
        Example(
            with_={"text": "- [x](javascript:alert(1))\n- `a < b`\n"},
            output={
                "html": "<ul>\n<li>[x](javascript:alert(1))</li>\n<li><code>a &lt; b</code></li>\n</ul>\n",
                "text": "[x](javascript:alert(1))\na < b",
                "headings": [],
                "frontMatter": {},
            },
        ),
        Example(with_={"text": "---\na: [\n---\n"}, fails="NotYaml"),
    ),
)
async def run(params: MarkdownParams, ctx: Context) -> MarkdownOutput:
    return await asyncio.to_thread(_read, params.text)


def _read(text: str) -> MarkdownOutput:
    from headgate_core.formats.html_reading import parse, text_of  # noqa: PLC0415 - loads libxml2
    from headgate_core.formats.markdown_reading import read  # noqa: PLC0415 - heavy

    reading = read(text)
    root = parse(reading.html)
    return MarkdownOutput(
        html=reading.html,
        text="" if root is None else text_of(root),
        headings=[Heading(level=one.level, text=one.text, id=one.id) for one in reading.headings],
        front_matter=reading.front_matter,
    )
