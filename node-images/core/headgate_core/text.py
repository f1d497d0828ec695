"""Trims, replaces, cuts and joins text.

Lengths count characters. `replace` takes either `find`, as it is written, or `pattern`, a regular expression of RE2;
then `\\1` in `replace` is its first group. `slug` makes `Größe & Maß` to `grosse-mass`. To cut a text into a list there
is `split`, and for texts with many values in them `template`.
"""

import unicodedata
from collections.abc import Callable, Mapping
from typing import Annotated, Literal

from pydantic import Field

from headgate_core import words
from headgate_core.bounds import MOST_ITEMS, MOST_TEXT, Text, check_text, wanted
from headgate_core.patterns import Pattern, compile_pattern, replace_all
from headgate_node import Context, Example, NodeError, Output, Params, Trait, node


class TextParams(Params):
    text: Text | Annotated[list[Text], Field(max_length=MOST_ITEMS)]
    """What to work on; for `join` a list of texts."""
    operation: Literal[
        "camel",
        "capitalize",
        "collapse",
        "join",
        "kebab",
        "lower",
        "normalize",
        "pad",
        "plain",
        "repeat",
        "replace",
        "reverse",
        "slug",
        "snake",
        "title",
        "trim",
        "truncate",
        "upper",
    ]
    """What to do with it. `collapse` makes one blank of several, `plain` takes accents away."""
    find: Annotated[str, Field(min_length=1, max_length=10_000)] | None = None
    """What `replace` looks for, as it is written."""
    pattern: Pattern | None = None
    """What `replace` looks for, as a regular expression."""
    replace: Annotated[str, Field(max_length=10_000)] = ""
    """What `replace` puts there."""
    limit: Annotated[int, Field(ge=1)] | None = None
    """How many places `replace` replaces at most."""
    ignore_case: bool = False
    """Whether capitals count in `find` and `pattern`."""
    length: Annotated[int, Field(ge=0, le=MOST_TEXT)] | None = None
    """How long `truncate` and `pad` make it."""
    suffix: Annotated[str, Field(max_length=100)] = "…"
    """What `truncate` puts at the end of what it has cut; it counts."""
    whole_words: bool = False
    """Whether `truncate` cuts between words only."""
    side: Literal["start", "end", "both"] | None = None
    """Where `trim` (both) and `pad` (end) work."""
    characters: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    """What `trim` takes away, blanks if nothing is said, and what `pad` fills with."""
    separator: Annotated[str, Field(max_length=100)] | None = None
    """What `join` puts between texts (nothing), `repeat` between copies (nothing), and `slug` between words (`-`)."""
    times: Annotated[int, Field(ge=0, le=100_000)] | None = None
    """How often `repeat` writes it."""
    form: Literal["NFC", "NFD", "NFKC", "NFKD"] = "NFC"
    """The form of Unicode that `normalize` makes."""


class TextOutput(Output):
    text: str
    """What came out."""
    length: int
    """How many characters it has."""
    replaced: int
    """How many places `replace` has replaced."""


@node(
    traits=(Trait.INSTANT, Trait.IDEMPOTENT),
    examples=(
        Example(with_={"text": " a ", "operation": "trim"}, output={"text": "a", "length": 1, "replaced": 0}),
        Example(
            with_={
                "text": "2026-11-21",
                "operation": "replace",
                "pattern": r"(\d+)-(\d+)-(\d+)",
                "replace": r"\3.\2.\1",
            },
            output={"text": "21.11.2026", "length": 10, "replaced": 1},
        ),
        Example(
            with_={"text": "Größe & Maß", "operation": "slug"},
            output={"text": "grosse-mass", "length": 11, "replaced": 0},
        ),
        Example(
            with_={"text": ["a", "b"], "operation": "join", "separator": ", "},
            output={"text": "a, b", "length": 4, "replaced": 0},
        ),
        Example(
            with_={"text": "The quick brown fox", "operation": "truncate", "length": 12, "wholeWords": True},
            output={"text": "The quick…", "length": 10, "replaced": 0},
        ),
    ),
)
async def run(params: TextParams, ctx: Context) -> TextOutput:
    text, replaced = params.text, 0
    if isinstance(text, list):
        text = _join(text, params)
    elif params.operation == "join":
        raise NodeError("InvalidParameters", "`text` is one text, and `join` takes a list of texts: write [ … ]")
    elif params.operation == "replace":
        text, replaced = _replace(text, params)
    else:
        text = _OPERATIONS[params.operation](text, params)
    check_text(len(text))
    return TextOutput(text=text, length=len(text), replaced=replaced)


def _join(texts: list[str], params: TextParams) -> str:
    if params.operation != "join":
        told = f"`text` is a list, and `{params.operation}` takes one text: write `forEach`, or `operation: join`"
        raise NodeError("InvalidParameters", told)
    separator = params.separator or ""
    check_text(sum(map(len, texts)) + len(separator) * len(texts))
    return separator.join(texts)


def _replace(text: str, params: TextParams) -> tuple[str, int]:
    if (params.find is None) == (params.pattern is None):
        raise NodeError("InvalidParameters", "`operation: replace` needs one of `find` and `pattern`")
    most = params.limit or MOST_TEXT
    if params.pattern is not None:
        return replace_all(compile_pattern(params.pattern, params.ignore_case), params.replace, text, most)
    find = params.find or ""
    if params.ignore_case:
        import re2  # type: ignore[import-untyped,unused-ignore] # noqa: PLC0415 - as in `patterns`

        literal = params.replace.replace("\\", r"\\")
        return replace_all(compile_pattern(re2.escape(find), ignore_case=True), literal, text, most)
    count = min(text.count(find), most)
    check_text(len(text) + count * (len(params.replace) - len(find)))
    return text.replace(find, params.replace, count), count


def _trim(text: str, params: TextParams) -> str:
    trims = {"start": text.lstrip, "end": text.rstrip}
    return trims.get(params.side or "both", text.strip)(params.characters)


def _pad(text: str, params: TextParams) -> str:
    fill = params.characters or " "
    if params.length is None:
        raise wanted("length", params.operation)
    if len(fill) != 1:
        raise NodeError("InvalidParameters", f"`characters` is {fill!r}, and `pad` fills with one character")
    pads = {"start": text.rjust, "both": text.center}
    return pads.get(params.side or "end", text.ljust)(params.length, fill)


def _truncate(text: str, params: TextParams) -> str:
    if params.length is None:
        raise wanted("length", params.operation)
    if len(text) <= params.length:
        return text
    room = params.length - len(params.suffix)
    if room <= 0:
        return text[: params.length]
    cut = text[:room]
    if params.whole_words and not text[room].isspace() and len(whole := cut.rsplit(maxsplit=1)) > 1:
        cut = whole[0] if not cut[-1].isspace() else cut
    return f"{cut.rstrip() if params.whole_words else cut}{params.suffix}"


def _repeat(text: str, params: TextParams) -> str:
    if params.times is None:
        raise wanted("times", params.operation)
    separator = params.separator or ""
    check_text((len(text) + len(separator)) * params.times)
    return separator.join([text] * params.times)


_OPERATIONS: Mapping[str, Callable[[str, TextParams], str]] = {
    "camel": lambda text, params: words.camel(words.words_of(text)),
    "capitalize": lambda text, params: text[:1].upper() + text[1:],
    "collapse": lambda text, params: " ".join(text.split()),
    "kebab": lambda text, params: "-".join(words.words_of(text)).lower(),
    "lower": lambda text, params: text.lower(),
    "normalize": lambda text, params: unicodedata.normalize(params.form, text),
    "pad": _pad,
    "plain": lambda text, params: words.plain(text),
    "repeat": _repeat,
    "reverse": lambda text, params: text[::-1],
    "slug": lambda text, params: words.slug(text, "-" if params.separator is None else params.separator),
    "snake": lambda text, params: "_".join(words.words_of(text)).lower(),
    "title": lambda text, params: words.title(text),
    "trim": _trim,
    "truncate": _truncate,
    "upper": lambda text, params: text.upper(),
}
