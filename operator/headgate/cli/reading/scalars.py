"""Where in a source each character of a scalar stands: back through escapes, folding and indentation. `places` asks.

The scalar is read once more, by the rules of its style. If that does not give the same text, there is no answer rather
than a wrong one.
"""

from collections.abc import Generator, Iterator

from yaml.scanner import Scanner

from headgate.cli.reading.tree import Scalar

_BLANK = " \t"
_BREAK = "\r\n\x85"
Character = tuple[str, int]


def offsets(source: str, scalar: Scalar) -> list[int] | None:
    """The offset of each character of the scalar's text, and last the one behind it."""
    if scalar.style in ("|", ">"):
        read = list(_block(source, scalar))
    elif scalar.style in ("'", '"'):
        read = list(_flow(source, scalar.start + 1, scalar.end - 1, scalar.style))
    else:
        read = list(_flow(source, scalar.start, scalar.end, ""))
    # What follows is the last line break of a block, which its header may have chomped.
    read = read[: len(scalar.text)]
    if "".join(character for character, _ in read) != scalar.text:
        return None
    places = [offset for _, offset in read]
    return [*places, places[-1] + 1 if places else scalar.start]


def _flow(source: str, at: int, end: int, style: str) -> Iterator[Character]:
    """A plain or quoted text: one line break is a blank, more are one less, blanks around them are nothing."""
    while at < end:
        character = source[at]
        if character in _BLANK or character in _BREAK:
            gap = at
            while at < end and (source[at] in _BLANK or source[at] in _BREAK):
                at += 1
            yield from _fold(source, gap, at)
        elif character == "'" and style == "'":
            yield "'", at
            at += 2
        elif character == "\\" and style == '"':
            at = yield from _escape(source, at, end)
        else:
            yield character, at
            at += 1


def _fold(source: str, start: int, end: int) -> Iterator[Character]:
    breaks = _breaks(source, start, end)
    if not breaks:
        yield from ((source[at], at) for at in range(start, end))
    elif len(breaks) == 1:
        yield " ", breaks[0]
    else:
        yield from (("\n", at) for at in breaks[1:])


def _breaks(source: str, start: int, end: int) -> list[int]:
    return [at for at in range(start, end) if source[at] in _BREAK and source[at - 1 : at + 1] != "\r\n"]


def _escape(source: str, at: int, end: int) -> Generator[Character, None, int]:
    """One escape of a double-quoted text; gives back where the text goes on."""
    code = source[at + 1]
    if code in Scanner.ESCAPE_CODES:
        length = Scanner.ESCAPE_CODES[code]
        yield chr(int(source[at + 2 : at + 2 + length], 16)), at
        return at + 2 + length
    if code not in _BREAK:
        yield Scanner.ESCAPE_REPLACEMENTS[code], at
        return at + 2
    after = at + 1
    while after < end and (source[after] in _BLANK or source[after] in _BREAK):
        after += 1
    yield from (("\n", place) for place in _breaks(source, at + 1, after)[1:])
    return after


def _block(source: str, scalar: Scalar) -> Iterator[Character]:
    """A `|` or `>` text: its lines without indentation; `>` makes a blank of a break between two ordinary lines."""
    lines = _lines(source, source.find("\n", scalar.start, scalar.end) + 1 or scalar.end, scalar.end)
    indent = _indent(source, lines, scalar.text)
    folds = scalar.style == ">"
    previous = ""
    breaks: list[int] = []
    for start, end in lines:
        content = source[start + indent : end]
        if content:
            if folds and previous and previous[0] not in _BLANK and content[0] not in _BLANK:
                yield from [(" ", breaks[0])] if len(breaks) == 1 else [("\n", at) for at in breaks[1:]]
            else:
                yield from (("\n", at) for at in breaks)
            yield from zip(content, range(start + indent, end), strict=True)
            breaks, previous = [], content
        breaks.append(end)
    yield from (("\n", at) for at in breaks)


def _lines(source: str, start: int, end: int) -> list[tuple[int, int]]:
    found = []
    while start < end:
        newline = source.find("\n", start, end)
        stop = end if newline < 0 else newline
        found.append((start, stop - 1 if source[start:stop].endswith("\r") else stop))
        start = stop + 1
    return found


def _indent(source: str, lines: list[tuple[int, int]], text: str) -> int:
    """How deep the text is indented, told by its first line that is not blank, here and there."""
    for start, end in lines:
        line = source[start:end]
        if line.strip(_BLANK):
            first = text.lstrip("\n").split("\n", 1)[0]
            return (len(line) - len(line.lstrip(_BLANK))) - (len(first) - len(first.lstrip(_BLANK)))
    return 0
