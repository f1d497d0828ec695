"""Writes a value as JSON, or a list as JSON Lines: a document a line."""

import json
from typing import Annotated

from pydantic import Field

from headgate_core.formats.content import MAX_BYTES
from headgate_node import Context, Example, Json, NodeError, Output, Params, Trait, node


class JsonWriteParams(Params):
    value: Json
    """What to write."""
    indent: Annotated[int, Field(ge=0, le=8)] = 0
    """Spaces a level; 0 writes all on one line, without blanks."""
    sort: bool = False
    """Whether names are sorted, so that equal values give equal texts."""
    lines: bool = False
    """Whether each member of the list is written on a line of its own."""
    ascii_: bool = False
    """Whether every other letter is escaped."""


class JsonWriteOutput(Output):
    text: str
    """The JSON."""


@node(
    traits=(Trait.INSTANT, Trait.IDEMPOTENT),
    examples=(
        Example(with_={"value": {"b": [1, "ä"], "a": True}}, output={"text": '{"b":[1,"ä"],"a":true}'}),
        Example(
            with_={"value": {"b": 1, "a": 2}, "indent": 2, "sort": True},
            output={"text": '{\n  "a": 2,\n  "b": 1\n}\n'},
        ),
        Example(with_={"value": [{"n": 1}, {"n": 2}], "lines": True}, output={"text": '{"n":1}\n{"n":2}\n'}),
    ),
)
async def run(params: JsonWriteParams, ctx: Context) -> JsonWriteOutput:
    if not params.lines:
        text = _write(params.value, params) + ("\n" if params.indent else "")
    elif not isinstance(params.value, list):
        raise NodeError("InvalidParameters", "value: `lines` writes the members of a list, and this is none")
    elif params.indent:
        raise NodeError("InvalidParameters", "indent: a document of JSON Lines is one line: leave it out")
    else:
        text = "".join(f"{_write(one, params)}\n" for one in params.value)
    if len(text) > MAX_BYTES:
        raise NodeError("TooLarge", f"the text has {len(text):,} letters, at most {MAX_BYTES:,} are given: write less")
    return JsonWriteOutput(text=text)


def _write(value: Json, params: JsonWriteParams) -> str:
    try:
        return json.dumps(
            value,
            ensure_ascii=params.ascii_,
            allow_nan=False,
            indent=params.indent or None,
            separators=(",", ": ") if params.indent else (",", ":"),
            sort_keys=params.sort,
        )
    except RecursionError:
        raise NodeError("InvalidParameters", "value: it is nested too deep: write a part of it") from None
