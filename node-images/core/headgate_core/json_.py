"""Reads JSON, or JSON Lines: a document a line.

Numbers stay exact; what no document can hold is refused (`NaN`, numbers beyond a double). With `pointer` it gives only
a part: `/items/0/name`.
"""

import json
import math
import re
from typing import Annotated, NoReturn

from pydantic import Field

from headgate_core.formats.content import Encoding, Form, Letters, read_bytes, read_letters
from headgate_core.formats.pointer import find, read_pointer
from headgate_node import Context, Example, Json, NodeError, Output, Params, Trait, node

MAX_LINES = 200_000


class JsonParams(Params):
    text: Letters
    """What to read."""
    lines: bool = False
    """Whether each line is a document; then the value is a list of them."""
    pointer: Annotated[str, Field(max_length=2_000)] = ""
    """A JSON Pointer: which part to give."""
    from_: Form = "text"
    """How `text` stands for bytes."""
    encoding: Encoding = "utf-8"
    """Which letters the bytes are, if they are bytes."""


class JsonOutput(Output):
    value: Json
    """What was read."""


@node(
    traits=(Trait.INSTANT, Trait.IDEMPOTENT),
    examples=(
        Example(with_={"text": '{"a": [1, 2.5]}'}, output={"value": {"a": [1, 2.5]}}),
        Example(with_={"text": '{"a": [1, 2.5]}', "pointer": "/a/1"}, output={"value": 2.5}),
        Example(with_={"text": '{"n": 1}\n{"n": 2}\n', "lines": True}, output={"value": [{"n": 1}, {"n": 2}]}),
        Example(with_={"text": '{"a": 1,}'}, fails="NotJson"),
    ),
)
async def run(params: JsonParams, ctx: Context) -> JsonOutput:
    text = params.text
    if params.from_ != "text":
        text = read_letters(read_bytes(text, params.from_), params.encoding)
    value = _read_lines(text) if params.lines else _read(text)
    value = find(value, read_pointer(params.pointer, "pointer"), "pointer")
    if value is None:
        raise NodeError("NoValue", "it is null, and a document without a value gives none: ask for a part around it")
    return JsonOutput(value=value)


def _read_lines(text: str) -> list[Json]:
    lines = [(number, line) for number, line in enumerate(re.split(r"\r?\n", text), 1) if line.strip()]
    if len(lines) > MAX_LINES:
        raise NodeError("TooLarge", f"there are {len(lines):,} lines, at most {MAX_LINES:,} are read: give a part")
    return [_read(line, number) for number, line in lines]


def _read(text: str, line: int = 0) -> Json:
    try:
        return json.loads(text.removeprefix("\ufeff"), parse_float=_finite, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        place = f"line {line or error.lineno}, column {error.colno}"
        near = text[error.pos : error.pos + 20]
        found = f"at {near!r}" if near else "at its end"
        raise NodeError("NotJson", f"text: {place}: {error.msg[:1].lower()}{error.msg[1:]}, {found}") from None
    except (ValueError, RecursionError) as error:
        why = "it is nested too deep" if isinstance(error, RecursionError) else str(error)
        raise NodeError("NotJson", f"text: {f'line {line}: ' if line else ''}{why}") from None


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"the number {text[:40]} is beyond a double: write it as a text")
    return number


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON: leave it out, or write it as a text")
