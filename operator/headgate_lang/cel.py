"""Google's CEL engine behind three functions: `compile_expression`, `references`, `evaluate`.

The operator compiles and asks for references; only pods evaluate. The engine is loaded at the first expression that is
no plain path. Bounds are of LANGUAGE §3.7.8; its 100 ms cannot be held from inside, since the engine heeds no signal:
the runtime runs the evaluation in a process that it can end.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from headgate_lang import engine, engine_words, paths, syntax
from headgate_lang.flaw import Flaw
from headgate_lang.paths import Reference
from headgate_lang.template import MAX_EXPRESSION_BYTES, too_long
from headgate_lang.values import ABSENT, ExpressionError, from_engine

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MAX_COPYING_MACROS = 4
"""`optMap` and `optFlatMap` write what stands before them twice, so a chain of them doubles with every link."""


class InvalidExpressionError(Exception):
    """An expression that is none, with everything that is wrong with it."""

    def __init__(self, flaws: tuple[Flaw, ...]) -> None:
        super().__init__("; ".join(str(flaw) for flaw in flaws))
        self.flaws = flaws


Way = tuple[str, ...]
"""A root and the fields from there: a part of a document that an expression reads in whole."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """An expression ready to be evaluated, and what it reads."""

    source: str
    references: tuple[Reference, ...]
    program: engine.Program
    ways: tuple[Way, ...]
    """As much as must be handed to the engine."""


def compile_expression(source: str) -> Compiled:
    """Compile what stands between `${` and `}`. Raises InvalidExpressionError."""
    compiled = _compile(source)
    if isinstance(compiled, Compiled):
        return compiled
    raise InvalidExpressionError(compiled)


def references(source: str) -> tuple[Reference, ...]:
    """What an expression reads, in the order of the text. Raises InvalidExpressionError."""
    plain = paths.parse(source)
    return (plain,) if plain else compile_expression(source).references


def evaluate(compiled: Compiled, roots: "Mapping[str, Any]") -> Any:
    """The value of an expression as plain JSON, or ABSENT. Raises ExpressionError, and nothing else.

    `roots` has the documents as `values.to_engine` makes them. Raising everything that the engine may throw as one
    error is on purpose: what a user wrote must not end the process of somebody else's node.
    """
    try:
        return _evaluate(compiled, engine.untyped().Activation(roots))
    except ExpressionError:
        raise
    except Exception as error:  # noqa: BLE001 - see above
        raise engine_words.evaluation_error(str(error) or type(error).__name__) from None


def _evaluate(compiled: Compiled, activation: object) -> Any:
    value = compiled.program.eval(activation)
    if value.type().name() != "ERROR":
        return from_engine(value)
    try:
        said = value.value()
    except TypeError:
        # The engine has no Python value for an optional: a list that holds it if it is there does.
        held = from_engine(compile_expression(_HELD.format(compiled.source)).program.eval(activation))
        return held[0] if held else ABSENT
    raise engine_words.evaluation_error(said)


_HELD = "[?({}\n)]"
"""A line break before the bracket, since the expression may end in a comment."""


@lru_cache(maxsize=4096)
def _compile(source: str) -> Compiled | tuple[Flaw, ...]:
    if flaw := _too_much(source):
        return (flaw,)
    try:
        program = engine.parsing(source).compile(source, disable_check=True)
    except Exception as error:  # noqa: BLE001 - the engine throws RuntimeError, but promises nothing
        return engine_words.flaws(str(error), source)
    found, flaws = syntax.read(program.serialize(), source)
    return flaws or Compiled(source, found, program, _ways(found))


def _ways(found: tuple[Reference, ...]) -> tuple[Way, ...]:
    """The parts that are read, none of them inside another."""
    all_ways = {(reference.root, *_fields(reference)) for reference in found}
    ways: list[Way] = []
    for way in sorted(all_ways, key=len):
        if not any(way[:length] in ways for length in range(1, len(way))):
            ways.append(way)
    return tuple(ways)


def _fields(reference: Reference) -> "Iterator[str]":
    """The steps as far as they are fields; a list is read in whole."""
    for step in reference.steps:
        if not isinstance(step.key, str):
            return
        yield step.key


def _too_much(source: str) -> Flaw | None:
    """What must be refused before the engine sees it."""
    if flaw := too_long(source, most=MAX_EXPRESSION_BYTES + len(_HELD.format(""))):
        return flaw
    copying = list(_COPYING.finditer(source))
    if len(copying) > MAX_COPYING_MACROS:
        message = f"`optMap` and `optFlatMap` stand {len(copying)} times in one expression"
        remedy = f"write them at most {MAX_COPYING_MACROS} times; `a.?b.?c` needs none"
        return Flaw("NestedTooDeep", message, remedy, *copying[MAX_COPYING_MACROS].span())
    return None


_COPYING = re.compile(r"\bopt(?:Flat)?Map\b")
