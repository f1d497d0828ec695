"""Renders a Jinja template: text with `{{ values }}`, `{% if %}`, `{% for %}`, filters and macros.

It sees `values` and nothing else: no files, no other templates, no attributes of Python. A value that is not there is
an error, unless `| default(…)` says what stands in its place. In text, `true` is `true`, `1.0` is `1`, and lists and
objects are JSON. With `escape: html`, values are escaped, unless `| safe` says otherwise. A line with nothing but a tag
is left out. What a template costs is counted, so that each one ends.
"""

import asyncio
from typing import Annotated, Literal

from pydantic import Field

from headgate_node import Context, Example, Json, Output, Params, Trait, node


class TemplateParams(Params):
    template: Annotated[str, Field(max_length=200_000)]
    """The template."""
    values: dict[str, Json]
    """What it can use, by name."""
    escape: Literal["none", "html"] = "none"
    """For which language values are escaped."""


class TemplateOutput(Output):
    text: str
    """What came out."""


@node(
    traits=(Trait.LIGHT, Trait.IDEMPOTENT),
    examples=(
        Example(
            with_={
                "template": "Dear {{ name }},\n{% for one in items %}\n- {{ one.n }} x {{ one.what }}\n{% endfor %}\n",
                "values": {"name": "Ana", "items": [{"n": 2, "what": "soap"}, {"n": 1, "what": "tea"}]},
            },
            output={"text": "Dear Ana,\n- 2 x soap\n- 1 x tea\n"},
        ),
        Example(
            with_={
                "template": "<p>{{ a | default('none') }}, {{ '%.2f' | format(price) }}, {{ tags | join(', ') }}</p>",
                "values": {"price": 3, "tags": ["a", "<b>"]},
                "escape": "html",
            },
            output={"text": "<p>none, 3.00, a, &lt;b&gt;</p>"},
        ),
        Example(with_={"template": "{{ nmae }}", "values": {"name": "Ana"}}, fails="UndefinedValue"),
    ),
)
async def run(params: TemplateParams, ctx: Context) -> TemplateOutput:
    from headgate_core.templating.rendering import render  # noqa: PLC0415 - loads Jinja

    text = await asyncio.to_thread(render, params.template, params.values, escape_html=params.escape == "html")
    return TemplateOutput(text=text)
