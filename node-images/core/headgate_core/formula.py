"""Formulas such as `price * (1 + vat) ^ 2`, read into the steps of a pocket calculator. Used by `calculator`; what they
come to is in `computing`.

A Pratt parser: bounded in length and depth, and knowing of numbers, names, calls and operators only. Nothing of Python
is evaluated. The steps are in postfix order, `price 1 vat + 2 ^ *`: a long sum needs no deep stack.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from headgate_node import NodeError

MOST_DEPTH = 100


@dataclass(frozen=True, slots=True)
class Number:
    value: Decimal


@dataclass(frozen=True, slots=True)
class Name:
    name: str
    at: int


@dataclass(frozen=True, slots=True)
class Call:
    """A function, or an operator by its sign; `NEGATIVE` is the minus before a number."""

    name: str
    count: int
    """Of how many values before it."""
    at: int


Step = Number | Name | Call

_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?)"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)|(?P<sign>\*\*|//|[-+*/%^(),]))"
)
_BINDING = {"+": 10, "-": 10, "*": 20, "/": 20, "//": 20, "%": 20, "^": 40, "**": 40}
NEGATIVE = "±"
_NEGATIVE_BINDING = 30
"""Weaker than a power: -2 ^ 2 is -4, as in mathematics."""


class InvalidFormulaError(NodeError):
    def __init__(self, source: str, at: int, what: str) -> None:
        shown = f"{source[max(at - 30, 0) : at]}⟨here⟩{source[at : at + 30]}"
        super().__init__("InvalidExpression", f"`{shown}`: {what}")


def read_formula(source: str) -> Sequence[Step]:
    """Raises InvalidFormulaError, with the place."""
    return _Reader(source).whole()


class _Reader:
    def __init__(self, source: str) -> None:
        self._source = source
        self._tokens = list(self._split())
        self._next = 0
        self._steps: list[Step] = []

    def _split(self) -> list[tuple[str, str, int]]:
        tokens: list[tuple[str, str, int]] = []
        at, end = 0, len(self._source.rstrip())
        while at < end:
            found = _TOKEN.match(self._source, at)
            if found is None:
                at = len(self._source) - len(self._source[at:].lstrip())
                raise InvalidFormulaError(self._source, at, f"`{self._source[at]}` means nothing here")
            kind = str(found.lastgroup)
            tokens.append((kind, found[kind], found.start(kind)))
            at = found.end()
        return [*tokens, ("end", "", end)]

    def whole(self) -> Sequence[Step]:
        self._read(0, 0)
        kind, text, at = self._tokens[self._next]
        if kind != "end":
            missing = "write an operator before it" if kind != "sign" else "there is one too many"
            raise InvalidFormulaError(self._source, at, f"`{text}` does not belong here: {missing}")
        return self._steps

    def _take(self) -> tuple[str, str, int]:
        token = self._tokens[self._next]
        self._next = min(self._next + 1, len(self._tokens) - 1)
        return token

    def _read(self, binding: int, depth: int) -> None:
        """What stands here, with all operators that bind more strongly than the one before it."""
        if depth > MOST_DEPTH:
            raise InvalidFormulaError(self._source, self._tokens[self._next][2], "it is nested too deep here")
        self._operand(depth)
        while _BINDING.get(sign := self._tokens[self._next][1], 0) > binding:
            at = self._take()[2]
            power = sign in ("^", "**")
            self._read(_BINDING[sign] - 1 if power else _BINDING[sign], depth + 1)  # powers from the right
            self._steps.append(Call("^" if power else sign, 2, at))

    def _operand(self, depth: int) -> None:
        kind, text, at = self._take()
        if kind == "number":
            self._steps.append(Number(Decimal(text)))
        elif kind == "name" and self._tokens[self._next][1] == "(":
            self._call(text, at, depth)
        elif kind == "name":
            self._steps.append(Name(text, at))
        elif text == "(":
            self._read(0, depth + 1)
            self._expect(")")
        elif text in ("-", "+"):
            self._read(_NEGATIVE_BINDING, depth + 1)
            if text == "-":
                self._steps.append(Call(NEGATIVE, 1, at))
        else:
            what = "it ends too early" if kind == "end" else f"a number or a name is missing before `{text}`"
            raise InvalidFormulaError(self._source, at, what)

    def _call(self, name: str, at: int, depth: int) -> None:
        self._expect("(")
        count = 0
        if self._tokens[self._next][1] != ")":
            self._read(0, depth + 1)
            count = 1
            while self._tokens[self._next][1] == ",":
                self._take()
                self._read(0, depth + 1)
                count += 1
        self._expect(")")
        self._steps.append(Call(name, count, at))

    def _expect(self, sign: str) -> None:
        _, text, at = self._take()
        if text != sign:
            raise InvalidFormulaError(self._source, at, f"`{sign}` is missing")
