"""Guesses about lines: tabs, indentation, a missing space, a line that is nothing. Part of the chain in `explain`."""

import math
import re

from headgate.cli.reading.explain.stumble import Guess, Stumble
from headgate.cli.reading.reasons import FileReason
from headgate.cli.reading.source import Place

_NO_SPACE = re.compile(r"^[ ]*(?:-[ ]+)?(?P<key>[A-Za-z_][\w.-]*):(?P<value>[^\s:/].*)$")
_DASHES = re.compile(r"(?P<indent> *)(?:- +)*")


def guess_tab(stumble: Stumble) -> Guess | None:
    indent = stumble.line[: len(stumble.line) - len(stumble.line.lstrip())]
    if "\t" not in indent:
        return None
    start = stumble.line_start + indent.index("\t")
    tabs = len(indent) - len(indent.replace("\t", ""))
    message = "this line is indented with a tab"
    return Guess(FileReason.TAB, message, "YAML is indented with spaces", Place(start, start + tabs))


def guess_space(stumble: Stumble) -> Guess | None:
    if not stumble.problem.startswith(("mapping values", "could not find expected ':'")):
        return None
    for candidate in (stumble.line_number, stumble.line_number - 1):
        line = stumble.source.line(candidate) if candidate else ""
        match = _NO_SPACE.match(line)
        if match is not None:
            start = stumble.source.start_of(candidate) + match.end("key")
            remedy = f"write `{match['key']}: {match['value'].strip()}`"
            message = f"after `{match['key']}:` there is no space, so it is no key"
            return Guess(FileReason.MISSING_SPACE, message, remedy, Place(start, start + 1))
    return None


def guess_indentation(stumble: Stumble) -> Guess | None:
    in_block = stumble.context in ("while parsing a block mapping", "while parsing a block collection")
    if not in_block and not stumble.problem.startswith("mapping values"):
        return None
    place = Place(stumble.line_start + stumble.indent, stumble.source.line_end(stumble.at))
    columns = _columns_above(stumble)
    if stumble.indent not in columns:
        near = min(columns, key=lambda column: (abs(column - stumble.indent), -column), default=0)
        remedy = f"indent it by {near}, like line {columns.get(near, 1)}"
        message = f"this line is indented by {stumble.indent}, and nothing above it is"
        return Guess(FileReason.BAD_INDENTATION, message, remedy, place)
    if stumble.context.endswith("collection"):
        deeper = min((column for column in columns if column > stumble.indent), default=stumble.indent + 2)
        remedy = f"begin the item with `- `, or indent this by {deeper} to go on with the one above"
        return Guess(FileReason.BAD_INDENTATION, "a list goes on with `- `", remedy, place)
    return None


def _columns_above(stumble: Stumble) -> dict[int, int]:
    """Where the entries of the blocks that are still open here stand: indentation → the nearest line with it."""
    found: dict[int, int] = {}
    limit = math.inf
    for number in range(stumble.line_number - 1, 0, -1):
        line = stumble.source.line(number)
        dashes = _DASHES.match(line)
        if not line.strip() or dashes is None:
            continue
        for column in (dashes.end(), dashes.end("indent")):
            if column < limit:
                found.setdefault(column, number)
        limit = min(limit, dashes.end("indent"))
        if limit == 0:
            break
    return found


def guess_entry(stumble: Stumble) -> Guess | None:
    if stumble.problem.startswith("could not find expected ':'"):
        start = stumble.since
    elif stumble.problem.startswith("mapping values") and stumble.line_number > 1:
        above = stumble.line_number - 1
        start = stumble.source.start_of(above) + stumble.indent_of(above)
    else:
        return None
    place = Place(start, stumble.source.line_end(start))
    return Guess(FileReason.INVALID_YAML, "this line is no entry", "write `key: value`, or quote the text", place)
