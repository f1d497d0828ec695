"""What the engine says, in words that a newcomer can act on.

Its messages are no contract: whatever is not recognized here is passed on as it was said.
"""

import re
from dataclasses import dataclass
from typing import NamedTuple

from headgate_lang.flaw import Flaw
from headgate_lang.functions import function_meant
from headgate_lang.overloads import no_overload
from headgate_lang.values import ExpressionError

_COMPILE_ERROR = re.compile(
    r"ERROR: <input>:(?P<line>-?\d+):(?P<column>-?\d+): (?P<said>.*?)(?: \[[A-Z_]+\])?$", re.MULTILINE
)
_STATUS = re.compile(r"^[A-Z_]+: (?P<said>.*?)(?: \[[A-Z_]+\])?$", re.DOTALL)
_TOO_DEEP = re.compile(
    r"CANCELLED: Expression recursion limit|ERROR: <input>:-?\d+:-?\d+: Exceeded max recursion depth"
)
_LOOK = "look at what stands there"


def flaws(said: str, source: str) -> tuple[Flaw, ...]:
    """What is wrong with an expression that does not parse: the first error, since the others follow from it."""
    if _TOO_DEEP.search(said):
        remedy = "write it in steps: a `set` node can hold a part of it"
        return (Flaw("NestedTooDeep", "more than 32 parts stand inside one another", remedy, 0, len(source)),)
    errors = compile_errors(said, source)
    return (flaw_of(errors[0], source) if errors else Flaw("ExpressionSyntax", _plain(said), _LOOK, 0, len(source)),)


@dataclass(frozen=True, slots=True)
class CompileError:
    """One thing that the parser or the checker said, and of which place in the source."""

    said: str
    at: int


def compile_errors(said: str, source: str) -> list[CompileError]:
    lines = source.split("\n")
    errors = []
    for error in _COMPILE_ERROR.finditer(said):
        before = sum(len(line) + 1 for line in lines[: int(error["line"]) - 1])
        at = before + int(error["column"]) - 1  # the engine counts from 1, and in characters
        errors.append(CompileError(error["said"], max(0, min(len(source), at))))
    return errors


def flaw_of(error: CompileError, source: str) -> Flaw:
    """One error of the parser or the checker, as people read it."""
    span = _span(source, error.at)
    for words in _SAID_BY_COMPILER:
        if match := re.search(words.pattern, error.said, re.DOTALL):
            message, remedy = words.filled(match)
            if words.reason == "UnknownFunction":
                remedy = function_meant(match["name"])
            return Flaw(words.reason, message, remedy, *span)
    if overload := no_overload(error.said):
        return Flaw("TypeMismatch", *overload, *span)
    return Flaw("ExpressionSyntax", error.said.removeprefix("Syntax error: "), _LOOK, *span)


def evaluation_error(said: str) -> ExpressionError:
    """Why an expression that compiles has no value."""
    plain = _plain(said)
    for words in _SAID_BY_EVALUATION:
        if match := re.search(words.pattern, plain, re.DOTALL):
            return ExpressionError(*words.filled(match))
    return ExpressionError(*(no_overload(plain) or (plain[:300], "")))


class _Words(NamedTuple):
    """What the engine says, and how people say it. Groups of the pattern are filled in by name."""

    pattern: str
    message: str
    remedy: str = ""
    reason: str = "ExpressionSyntax"

    def filled(self, match: re.Match[str]) -> tuple[str, str]:
        return self.message.format(**match.groupdict()), self.remedy.format(**match.groupdict())


_BEFORE = "is an operator, a comma or a quote missing before it?"
_OTHER_WORDS = "write `&&`, `||`, `!`, `==` or `a ? b : c`"
_SAID_BY_COMPILER = (
    _Words(r"reserved identifier: (?P<name>\w+)", "`{name}` is a reserved word", "take another name"),
    _Words(r"'(?P<name>and|or|not|is|then|if|else)'", "`{name}` is no word here", _OTHER_WORDS),
    _Words(r"recognition error at: '=", "`=` compares nothing", "write `==`"),
    _Words(r"recognition error at: '(?P<sign>[|&])", "`{sign}` alone is no operator", "write `{sign}{sign}`"),
    _Words(r"recognition error at: '[rRbB]?['\"]", "a string has no end", "write the quote at its end"),
    _Words(
        r"recognition error at: '(?P<text>.*?)'?$",
        "`{text}` is no sign of an expression",
        "take it out, or put it in quotes if it is text",
    ),
    _Words(r"'<EOF>' expecting", "the expression ends too early", "write what is missing: a value, a name, a bracket"),
    _Words(
        r"input '\.(?P<name>in|true|false|null)'",
        "`{name}` cannot follow a dot",
        'write `["{name}"]` in place of `.{name}`',
    ),
    _Words(r"(?:input|alternative at input) '(?P<text>.*?)'(?: expecting|$)", "`{text}` is not expected here", _BEFORE),
    _Words(r"undeclared reference to '(?P<name>[^']*)'", "there is no function `{name}`", "", "UnknownFunction"),
    _Words(r"simple literal arguments must be numeric", "it takes numbers only", "give it numbers", "TypeMismatch"),
)

_COPY = "can be copied by a plain path, not computed with"
_SAID_BY_EVALUATION = (
    _Words(r'Key not found in map : "?(?P<key>.*?)"?$', "there is no `{key}`"),
    _Words(r"index=(?P<index>-?\d+) size=(?P<size>\d+)", "there is no item {index}", "the list has {size}"),
    _Words(r"No value with name \"(?P<name>.*?)\"", "there is no `{name}`"),
    _Words(r"Applying SELECT to non-message", "a field is read of something that is no object"),
    _Words(r"Iteration budget", "it takes more than 9,999 steps", "a node can go through longer lists"),
    _Words(r"TextWithNul", f"a text with U+0000 {_COPY}"),
    _Words(r"TextWithSurrogate", f"a text that is no valid Unicode {_COPY}"),
    _Words(r"HugeNumber", f"a number beyond 64 bits {_COPY}"),
    _Words(r"DeeplyNested", f"a document nested deeper than 100 {_COPY}"),
    _Words(r"optional.none\(\) dereference", "an optional that is absent is read", "write `.orValue(…)`"),
    _Words(
        r"conversion error from '(?P<kind>[^']*)' to 'optional",
        "an optional is wanted, not {kind}",
        "write `.?` before the last name",
    ),
    _Words(r"String to Timestamp", "a text is no time", "write it like 2026-11-21T05:30:58Z"),
    _Words(r"String to Duration", "a text is no duration", "write it like 1h30m: here there is no `d`"),
    _Words(r"bad_alloc", "it needs more memory than there is", "a node can do it in steps"),
)

_WORD = re.compile(r"\w+|&&|\|\||[=!<>]=|.", re.DOTALL)
_NAME_BEFORE = re.compile(r"(\w+)\s*$")


def _span(source: str, at: int) -> tuple[int, int]:
    """The word or sign at a place. Of a call the engine points at the bracket, people look at the name before it."""
    if source[at : at + 1] == "(" and (name := _NAME_BEFORE.search(source[:at])):
        return name.span(1)
    word = _WORD.match(source, at)
    return word.span() if word else (max(0, len(source) - 1), len(source))


def _plain(said: str) -> str:
    """Without the engine's status words."""
    match = _STATUS.match(said.strip())
    return match["said"] if match else said.strip()
