"""A line of a file with carets under what is meant. The columns of a terminal are not characters: some take two, some
none."""

import unicodedata

from headgate.cli.printing.paint import safe
from headgate.cli.reading.source import Place, Source

MAX_WIDTH = 160
_CONTEXT = 60
_CUT = "…"


def snippet(source: Source, place: Place) -> tuple[int, str, str]:
    """The number of the line, the line as it may be shown, and the carets below it."""
    number = source.position(place.start).line
    line, first = source.line(number), place.start - source.start_of(number)
    last = min(place.end, source.line_end(place.start)) - source.start_of(number)
    before, marked, after = line[:first], line[first:last], line[last:]
    if len(line) > MAX_WIDTH:
        before = before if len(before) <= _CONTEXT else _CUT + before[-_CONTEXT:]
        marked = marked if len(marked) <= _CONTEXT else marked[:_CONTEXT] + _CUT
        after = after if len(after) <= _CONTEXT else after[:_CONTEXT] + _CUT
    before, marked = safe(before), safe(marked)
    return number, before + marked + safe(after), " " * width(before) + "^" * max(width(marked), 1)


def width(text: str) -> int:
    """How many columns of a terminal the text takes."""
    return sum(_width(character) for character in text)


def _width(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
