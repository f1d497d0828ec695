"""The syntax tree of an expression: what it reads, and what it may not hold. Read from the engine's own bytes.

Called by `cel` for every expression that is no plain path. The numbers are those of `cel/expr/syntax.proto`.
"""

import re
from collections.abc import Mapping

from headgate_lang.flaw import Flaw
from headgate_lang.paths import Reference, Step
from headgate_lang.wire import Message

MAX_NESTED_MACROS = 2

TYPE_NAMES = frozenset("bool bytes double dyn int list map null_type optional_type string type uint".split())
"""Names that CEL reads as a type where they stand alone."""

LIBRARY: Mapping[str, frozenset[str]] = {
    "base64": frozenset({"decode", "encode"}),
    "math": frozenset(
        "abs bitAnd bitNot bitOr bitShiftLeft bitShiftRight bitXor ceil floor isFinite isInf isNaN round sign sqrt "
        "trunc".split()
    ),
    "optional": frozenset({"none", "of", "ofNonZeroValue"}),
    "strings": frozenset({"quote"}),
}
"""Functions in a namespace: what stands before their dot is no reference, whatever a node is called."""

_CONST, _IDENT, _SELECT, _CALL, _LIST, _STRUCT, _COMPREHENSION = 3, 4, 5, 6, 7, 8, 9
_INDEX = {"_[_]": False, "_?._": True, "_[?_]": True}
"""The functions that are steps of a path, and whether the step is optional."""
_NO_LOOP = "#unused"
"""The variable of a comprehension that only binds a name: what `optMap` becomes."""

_Names = frozenset[str]


def read(serialized: bytes, source: str) -> tuple[tuple[Reference, ...], tuple[Flaw, ...]]:
    """Walk the tree that the engine serialized (a ParsedExpr in an Any)."""
    parsed = Message(serialized).one(2)
    positions = {entry.number(1): entry.number(2) for entry in parsed.one(3).all(4)}
    walk = _Walk(source, positions)
    walk.value(parsed.one(2), frozenset(), 0)
    return tuple(dict.fromkeys(walk.references)), tuple(dict.fromkeys(walk.flaws))


class _Walk:
    """One visit of one tree. `bound` are the variables of the macros around a part, `loops` how many of them loop."""

    def __init__(self, source: str, positions: Mapping[int, int]) -> None:
        self.source = source
        self.positions = positions
        self.references: list[Reference] = []
        self.flaws: list[Flaw] = []

    def value(self, part: Message, bound: _Names, loops: int) -> None:
        """Visit a part that is used as it is: a path ends here."""
        self.end(self.path(part, bound, loops), bound)

    def end(self, path: Reference | None, bound: _Names) -> None:
        if path and path.root not in bound and not (path.root in TYPE_NAMES and not path.steps):
            self.references.append(path)

    def path(self, part: Message, bound: _Names, loops: int) -> Reference | None:
        """Visit a part. If it is a path, it is handed back, since it may go on."""
        if _IDENT in part:
            name = part.one(_IDENT).text(1).removeprefix(".")
            start = self.positions.get(part.number(2), 0)
            return Reference(name, (), start, start + len(name))
        if _SELECT in part:
            select = part.one(_SELECT)
            operand = self.path(select.one(1), bound, loops)
            return operand and self.longer(operand, select.text(2), tested=bool(select.number(3)))
        if _CALL in part:
            return self.call(part.one(_CALL), bound, loops)
        if _CONST in part:
            self.constant(part)
        elif _LIST in part:
            for element in part.one(_LIST).all(1):
                self.value(element, bound, loops)
        elif _STRUCT in part:
            self.structure(part, bound, loops)
        elif _COMPREHENSION in part:
            self.comprehension(part, bound, loops)
        return None

    def call(self, call: Message, bound: _Names, loops: int) -> Reference | None:
        function, arguments = call.text(2), call.all(3)
        if function in _INDEX and len(arguments) == 2:
            operand = self.path(arguments[0], bound, loops)
            key = _literal(arguments[1])
            if key is None:
                self.value(arguments[1], bound, loops)
            return operand and self.longer(operand, key, optional=_INDEX[function])
        if 1 in call:
            target = self.path(call.one(1), bound, loops)
            if not (target and not target.steps and function in LIBRARY.get(target.root, ())):
                self.end(target, bound)
        for argument in arguments:
            self.value(argument, bound, loops)
        return None

    def comprehension(self, part: Message, bound: _Names, loops: int) -> None:
        macro = part.one(_COMPREHENSION)
        item, accumulator = macro.text(1), macro.text(3)
        self.value(macro.one(2), bound, loops)
        self.value(macro.one(4), bound, loops)
        if item != _NO_LOOP:
            loops += 1
        if loops > MAX_NESTED_MACROS:
            remedy = "a node before this one can do the inner part"
            self.flaw("NestedTooDeep", f"more than {MAX_NESTED_MACROS} macros stand inside one another", remedy, part)
            return
        inside = bound | {item, macro.text(8), accumulator}
        self.value(macro.one(5), inside, loops)
        self.value(macro.one(6), inside, loops)
        self.value(macro.one(7), bound | {accumulator}, loops)

    def structure(self, part: Message, bound: _Names, loops: int) -> None:
        struct = part.one(_STRUCT)
        if name := struct.text(1):
            self.flaw(
                "ExpressionSyntax", f"`{name}{{…}}` is no value here", 'write a map: `{"key": value}`', part, len(name)
            )
        for entry in struct.all(2):
            if 3 in entry:
                self.value(entry.one(3), bound, loops)
            self.value(entry.one(4), bound, loops)

    def constant(self, part: Message) -> None:
        if 1 in part.one(_CONST):
            remedy = "ask `has(a.b)`, or read `a.?b.orValue(…)`"
            self.flaw("NullLiteral", "there is no `null`: what is not there is absent", remedy, part, len("null"))

    def flaw(self, reason: str, message: str, remedy: str, part: Message, length: int = 1) -> None:
        start = self.positions.get(part.number(2), 0)
        self.flaws.append(Flaw(reason, message, remedy, start, start + length))

    def longer(self, path: Reference, key: str | int | None, optional: bool = False, tested: bool = False) -> Reference:
        """A path with one more step. Where it stands is read from the source: the tree only says where it acts."""
        found = _STEP.match(self.source, path.end)
        start, end = found.span("step") if found else (path.end, path.end)
        step = Step(key, optional, tested, start, end)
        return Reference(path.root, (*path.steps, step), path.start, path.root_end)


_STEP = re.compile(
    r"""\s* (?P<step> \.\s*\??\s*(?:[A-Za-z_][A-Za-z0-9_]*|`[^`]*`)
              | \[\s*\??\s*(?:"[^"\\]*"|'[^'\\]*'|[^\[\]"']*)\s*\] )""",
    re.VERBOSE,
)


def _literal(part: Message) -> str | int | None:
    """The key of a step, if it is written out."""
    if _CONST not in part:
        return None
    constant = part.one(_CONST)
    if 6 in constant:
        return constant.text(6)
    if 3 in constant and (number := constant.number(3)) < 1 << 63:
        return number
    return None
