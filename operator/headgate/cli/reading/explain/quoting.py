"""Values that YAML takes for something else because they are not quoted. The remedy is the quoted value."""

import re

from headgate.cli.reading.explain.stumble import Guess, Stumble
from headgate.cli.reading.reasons import FileReason
from headgate.cli.reading.source import Place
from headgate_lang import template

_VALUE_BEGINS = re.compile(r"(?:^|(?<=\s))(?:-[ ]+|[\w.\"'-]+:[ ]+)")
_ENTRY_BEGINS = re.compile(r"[{\[,]\s*(?:[\w.\"'-]+:\s+)?")
_ENTRY = re.compile(r"[\w.-]+\s*:(?:\s|$)")
_SCANNING = tuple(f"while scanning {what}" for what in ("an alias", "an anchor", "a block scalar", "a tag"))


def quoted(value: str) -> str:
    """The value as YAML takes it literally."""
    if '"' in value or "\\" in value:
        return "'" + value.replace("'", "''") + "'"
    return f'"{value}"'


def guess_quoting(stumble: Stumble) -> Guess | None:
    """The one guess about all values that want quotes."""
    column = stumble.column
    expression = _expression_around(stumble.line, column)
    if expression is not None:
        return _expression(stumble, column, expression)
    char = stumble.line[column : column + 1]
    if "cannot start any token" in stumble.problem or stumble.context.startswith(_SCANNING):
        column = stumble.since - stumble.line_start if stumble.context.startswith(_SCANNING) else column
        return _text(stumble, column, column, "a text may not begin with {}")
    if stumble.problem.endswith(("sequence entries are not allowed in this context", "entries are not allowed here")):
        return _text(stumble, column, column, "a {} behind a key begins no list: quote the text")
    if stumble.line[:column].rstrip().endswith(('"', "'")) and char not in ("", ":", "#"):
        return None if _ENTRY.match(stumble.line, column) else _after_quote(stumble, column)
    if stumble.problem.startswith("mapping values") or (stumble.in_flow and char in ("{", ":")):
        begin = _value_begin(stumble.line, column, stumble.in_flow)
        if 0 < begin < column:
            return _text(stumble, begin, column, "a {} inside a text starts a map: quote the text")
    return None


def _expression(stumble: Stumble, column: int, expression: tuple[int, int]) -> Guess:
    start, end = expression
    in_flow = stumble.in_flow or stumble.line[column] in "{}[]"
    what = "a `{` inside braces" if stumble.line[column] == "{" else f"a `{stumble.line[column]}` inside a plain text"
    begin = _value_begin(stumble.line, start, in_flow)
    value = stumble.line[begin : _value_end(stumble.line, end, in_flow)].rstrip()
    place = Place(stumble.line_start + start, stumble.line_start + end)
    message = f"{what} starts a map: quote the expression"
    return Guess(FileReason.QUOTE_EXPRESSION, message, f"write {quoted(value)}", place)


def _text(stumble: Stumble, begin: int, column: int, message: str) -> Guess:
    value = stumble.line[begin : _value_end(stumble.line, column, stumble.in_flow)].rstrip()
    place = Place(stumble.line_start + begin, stumble.line_start + begin + max(len(value), 1))
    char = stumble.line[column]
    message = message.format("a backtick" if char == "`" else f"`{char}`")
    return Guess(FileReason.QUOTE_TEXT, message, f"write {quoted(value)}", place)


def _after_quote(stumble: Stumble, column: int) -> Guess:
    value = stumble.line[column : _value_end(stumble.line, column, stumble.in_flow)].rstrip()
    place = Place(stumble.at, stumble.at + max(len(value), 1))
    remedy = "put the quotes around all of it, and double those inside: 'it''s'"
    return Guess(FileReason.QUOTE_TEXT, "the text goes on after its closing quote", remedy, place)


def _expression_around(line: str, column: int) -> tuple[int, int] | None:
    """The `${…}` of this line that holds the column."""
    start = line.rfind("${", 0, column + 1)
    if start < 0 or column >= len(line):
        return None
    expression = next(template.parse(line[start:]).expressions, None)
    end = start + expression.end + 1 if expression else len(line)
    return (start, end) if column < end else None


def _value_begin(line: str, column: int, in_flow: bool) -> int:
    pattern = _ENTRY_BEGINS if in_flow else _VALUE_BEGINS
    begin = 0
    for match in pattern.finditer(line, 0, column):
        begin = match.end()
        if not in_flow and line[match.start()] != "-":
            break
    return begin


def _value_end(line: str, column: int, in_flow: bool) -> int:
    """Where a value ends that goes on at this column: in braces at the next `,` or bracket, else with the line."""
    if not in_flow:
        comment = line.find(" #", column)
        return len(line) if comment < 0 else comment
    depth = 0
    for end in range(column, len(line)):
        if depth == 0 and line[end] in ",}]":
            return end
        depth += {"{": 1, "[": 1, "}": -1, "]": -1}.get(line[end], 0)
    return len(line)
