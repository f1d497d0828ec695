"""Cuts a text into a list of texts.

`by` says where: at a `separator`, at each match of a `pattern` of RE2, at line breaks, at blanks (`words`), or after
every `length` characters; `by: matches` gives what the pattern matches, and leaves out what lies between. Pieces of a
`length` may overlap, as pieces for a language model often should. To cut a list there is `array` with `chunk`.
"""

import re
from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from headgate_core.bounds import MOST_TEXT, Text, check_items, wanted
from headgate_core.patterns import Pattern, compile_pattern, find_all
from headgate_node import Context, Example, NodeError, Output, Params, Trait, node


class SplitParams(Params):
    text: Text
    """What is cut."""
    by: Literal["separator", "pattern", "matches", "lines", "words", "length"] = "separator"
    """Where it is cut."""
    separator: Annotated[str, Field(min_length=1, max_length=1000)] = ","
    """The text between the pieces."""
    pattern: Pattern | None = None
    """What `pattern` cuts at, or `matches` finds: of its first group, if it has one."""
    ignore_case: bool = False
    """Whether capitals count in `pattern`."""
    length: Annotated[int, Field(ge=1, le=MOST_TEXT)] | None = None
    """How many characters a piece has at most."""
    overlap: Annotated[int, Field(ge=0)] = 0
    """How many characters of a piece of this `length` the next one begins with again."""
    limit: Annotated[int, Field(ge=1)] | None = None
    """How many pieces there are at most; the last has all the rest."""
    trim: bool = False
    """Whether blanks around the pieces are taken away."""
    drop_empty: bool = False
    """Whether pieces with nothing in them are left out."""


class SplitOutput(Output):
    parts: list[str]
    """The pieces, in their order."""
    count: int
    """How many there are."""


@node(
    traits=(Trait.INSTANT, Trait.IDEMPOTENT),
    examples=(
        Example(with_={"text": "a, b", "trim": True}, output={"parts": ["a", "b"], "count": 2}),
        Example(
            with_={"text": "#12 and #7", "by": "matches", "pattern": "#([0-9]+)"},
            output={"parts": ["12", "7"], "count": 2},
        ),
        Example(
            with_={"text": "abcdef", "by": "length", "length": 4, "overlap": 2},
            output={"parts": ["abcd", "cdef"], "count": 2},
        ),
    ),
)
async def run(params: SplitParams, ctx: Context) -> SplitOutput:
    parts = _pieces(params)
    if params.trim:
        parts = [part.strip() for part in parts]
    if params.drop_empty:
        parts = [part for part in parts if part]
    check_items(len(parts))
    return SplitOutput(parts=parts, count=len(parts))


def _pieces(params: SplitParams) -> list[str]:
    text, most = params.text, (params.limit or 0) - 1
    match params.by:
        case "separator":
            check_items(text.count(params.separator))
            return text.split(params.separator, most)
        case "lines":
            return _lines(text, most)
        case "words":
            return text.split(None, most)
        case "length":
            return _of_length(text, params)
    if params.pattern is None:
        raise NodeError("InvalidParameters", f"`pattern` is missing: `by: {params.by}` needs it")
    pattern = compile_pattern(params.pattern, params.ignore_case)
    if params.by == "matches":
        found = (match.group(1 if pattern.groups else 0) or "" for match in find_all(pattern, text))
        return [one for one, _ in zip(found, range(params.limit or MOST_TEXT), strict=False)]
    return list(_between(pattern, text, params.limit))


def _lines(text: str, most: int) -> list[str]:
    """A line break at the end ends the last line, and begins none."""
    lines = _BREAK.split(text, maxsplit=max(most, 0)) if most else [text]
    return lines[:-1] if len(lines) > 1 and not lines[-1] else lines


_BREAK = re.compile(r"\r\n|\n|\r")


def _between(pattern: object, text: str, limit: int | None) -> Iterator[str]:
    """As `re.split`, but that empty matches cut nothing off at the ends and groups are left out."""
    done, count = 0, 1
    for match in find_all(pattern, text):
        if count == limit:
            break
        if match.end() == match.start() in (0, len(text)):
            continue
        yield text[done : match.start()]
        done, count = match.end(), count + 1
    yield text[done:]


def _of_length(text: str, params: SplitParams) -> list[str]:
    if params.length is None:
        raise wanted("length", "length")
    step = params.length - params.overlap
    if step < 1:
        told = f"`overlap` is {params.overlap} and `length` {params.length}: it must be less, or nothing is ever done"
        raise NodeError("InvalidParameters", told)
    check_items(len(text) // step)
    starts = range(0, max(len(text) - params.overlap, 1), step)
    if params.limit is not None and len(starts) > params.limit:
        raise NodeError("TooLarge", f"there are {len(starts)} pieces, `limit` is {params.limit}: make `length` larger")
    if len(text) * params.length // step > 2 * MOST_TEXT:
        raise NodeError("TooLarge", "the pieces overlap so much that they are larger than what a node gives")
    return [text[start : start + params.length] for start in starts]
