"""Guesses about pairs: quotes, braces and brackets without their other half, what stands in them, and escapes.

Part of the chain in `explain`.
"""

from headgate.cli.reading.explain.stumble import Guess, Stumble
from headgate.cli.reading.reasons import FileReason
from headgate.cli.reading.source import Place


def guess_quote(stumble: Stumble) -> Guess | None:
    if stumble.context != "while scanning a quoted scalar":
        return None
    quote = stumble.source.text[stumble.since]
    inside = r"\"" if quote == '"' else "''"
    place = Place(stumble.since, stumble.since + 1)
    message = f"this {quote} is never closed"
    return Guess(FileReason.UNBALANCED, message, f"close it; inside of it, {inside} is the quote itself", place)


def guess_escape(stumble: Stumble) -> Guess | None:
    if stumble.problem not in ("found unknown escape character", "did not find expected hexdecimal number"):
        return None
    backslash = stumble.source.text.rfind("\\", 0, stumble.at + 1)
    place = Place(backslash, backslash + 2)
    escape = stumble.source.text[place.start : place.end]
    remedy = f"write \\{escape}, or put the text in single quotes"
    return Guess(FileReason.UNKNOWN_ESCAPE, f"`{escape}` is no escape", remedy, place)


def guess_bracket(stumble: Stumble) -> Guess | None:
    char = stumble.line[stumble.column : stumble.column + 1]
    if stumble.context == "while parsing a flow node" and stumble.is_at_end:
        last = max(stumble.source.text.rfind(bracket, 0, stumble.at) for bracket in "{[")
        return _unclosed(stumble, last) if last >= 0 else None
    if char and char in "}]" and not stumble.in_flow:
        place = Place(stumble.at, stumble.at + 1)
        return Guess(FileReason.UNBALANCED, f"this {char} closes nothing", "take it out, or quote the text", place)
    if not stumble.in_flow:
        return None
    opened = stumble.source.position(stumble.since).line
    is_below = stumble.line_number > opened and stumble.indent <= stumble.indent_of(opened)
    if stumble.is_at_end or is_below or char in "}]":
        return _unclosed(stumble, stumble.since)
    return _missing_comma(stumble, char)


def _unclosed(stumble: Stumble, start: int) -> Guess:
    bracket = stumble.source.text[start]
    remedy = f"close it with {'}' if bracket == '{' else ']'}"
    return Guess(FileReason.UNBALANCED, f"this {bracket} is never closed", remedy, Place(start, start + 1))


def _missing_comma(stumble: Stumble, char: str) -> Guess:
    message = "two entries stand here without a comma between them"
    if char != ":":
        return Guess(FileReason.MISSING_COMMA, message, "write a `,` before this", Place(stumble.at, stumble.at + 1))
    end = stumble.source.line_end(stumble.source.start_of(stumble.line_number - 1))
    return Guess(FileReason.MISSING_COMMA, message, "write a `,` here", Place(end, end + 1))
