"""Where `${…}` begins and ends in a text, by CEL's own lexing. Nothing here knows what an expression means.

Asked by the compiler for every value that may be computed, and by `resolve` in the pod.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from headgate_lang.flaw import Flaw

MAX_EXPRESSION_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Literal:
    """Text that stands for itself, `$${` already read as `${`."""

    text: str


@dataclass(frozen=True, slots=True)
class Expression:
    """One `${…}`. `source` is what stands between the braces; `start` and `end` are offsets of `source` in the text."""

    source: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Template:
    """A text taken apart. What could not be read is a flaw and no part."""

    parts: tuple[Literal | Expression, ...]
    flaws: tuple[Flaw, ...] = ()

    @property
    def whole(self) -> Expression | None:
        """The expression that is the whole value, with its type: one `${…}`, but for line breaks at its end."""
        match self.parts:
            case (Expression() as only,):
                return only
            case (Expression() as only, Literal(rest)) if not rest.strip("\r\n"):
                return only
            case _:
                return None

    @property
    def expressions(self) -> Iterator[Expression]:
        return (part for part in self.parts if isinstance(part, Expression))


def has_expression(text: str) -> bool:
    """Whether a text is more than itself: quick, and never false where `parse` would find something."""
    return "${" in text


def parse(text: str) -> Template:
    """Take a text apart, in one pass and linear time."""
    parts: list[Literal | Expression] = []
    flaws: list[Flaw] = []
    literal = ""
    done = 0
    while (opening := text.find("${", done)) >= 0:
        literal += text[done:opening]
        if text.startswith("$", opening - 1) and opening > done:
            literal += "{"
            done = opening + 2
            continue
        closing = _end_of_expression(text, opening + 2)
        if isinstance(closing, Flaw):
            return Template(tuple(parts), (*flaws, closing))
        done = closing + 1
        expression = Expression(text[opening + 2 : closing], opening + 2, closing)
        if flaw := _flaw_of(expression):
            flaws.append(flaw)
            continue
        if literal:
            parts.append(Literal(literal))
            literal = ""
        parts.append(expression)
    literal += text[done:]
    if literal:
        parts.append(Literal(literal))
    return Template(tuple(parts), tuple(flaws))


_TOKEN = re.compile(
    r"""
      //[^\n]*
    | (?<![A-Za-z0-9_]) (?:[rR][bB]?|[bB][rR]) (?: '''.*?''' | \"{3}.*?\"{3} | '[^'\r\n]*' | "[^"\r\n]*" )
    | '''(?:[^\\]|\\.)*?''' | \"{3}(?:[^\\]|\\.)*?\"{3}
    | '(?!'') (?:[^'\\\r\n]|\\[^\r\n])* ' | "(?!"") (?:[^"\\\r\n]|\\[^\r\n])* "
    | (?P<quote>['"]) | (?P<open>\{) | (?P<close>\})
    """,
    re.VERBOSE | re.DOTALL,
)
"""What may hide a brace, or is one: comments, raw strings, strings in triple and in single quotes. A quote that begins
none of them has no end."""


def _end_of_expression(text: str, start: int) -> int | Flaw:
    """The offset of the `}` that ends the expression, or why there is none."""
    depth = 0
    for token in _TOKEN.finditer(text, start):
        if token["quote"]:
            remedy = f"write {token['quote']} at its end"
            return Flaw("UnclosedString", "a string inside `${…}` has no end", remedy, token.start(), token.end())
        if token["open"]:
            depth += 1
        elif token["close"]:
            if depth == 0:
                return token.start()
            depth -= 1
    remedy = "write `}` at its end, or `$${` for the text"
    return Flaw("UnclosedExpression", "`${` has no `}`", remedy, start - 2, start)


def _flaw_of(expression: Expression) -> Flaw | None:
    source, start, end = expression.source, expression.start, expression.end
    if (nested := source.find("${")) >= 0:
        remedy = "inside `${…}` a value is written by its name alone: `a.b`"
        return Flaw("NestedExpression", "`${` stands inside `${…}`", remedy, start + nested, start + nested + 2)
    if flaw := too_long(source):
        return flaw.moved(start)
    if not _COMMENT.sub("", source).strip():
        return Flaw("EmptyExpression", "`${}` is empty", "write what it should read: `${inputs.x}`", start - 2, end + 1)
    return None


def too_long(source: str, most: int = MAX_EXPRESSION_BYTES) -> Flaw | None:
    """An expression that nobody reads to its end."""
    size = len(source.encode(errors="replace"))
    if size <= most:
        return None
    message = f"an expression of {size:,} bytes, at most {MAX_EXPRESSION_BYTES:,} are read"
    return Flaw("ExpressionTooLong", message, "what is so long is the work of a node", 0, len(source))


_COMMENT = re.compile(r"^\s*//.*$", re.MULTILINE)
