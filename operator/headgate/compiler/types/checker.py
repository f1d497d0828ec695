"""One expression against what it can read: the type of what it yields, or everything that is wrong with it.

Plain paths are walked. Everything else is checked by CEL's own checker, in which all roots are fields of one variable:
so expressions that differ only in the names of nodes share the engine's environments and answers.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from headgate.compiler.types.answers import type_named
from headgate.compiler.types.messages import ROOTS_MESSAGE, Messages
from headgate.compiler.types.renaming import VARIABLE, rename
from headgate.compiler.types.shapes import UNKNOWN, Type, TypeScope
from headgate.compiler.types.tolerance import runs_anyway
from headgate.compiler.types.walk import names_told, walk
from headgate_lang import cel, engine, paths
from headgate_lang.engine_words import CompileError, compile_errors, flaw_of
from headgate_lang.flaw import Flaw
from headgate_lang.paths import Reference
from headgate_lang.schema.keywords import Schema, types_of


@dataclass(frozen=True, slots=True)
class Typed:
    """What an expression yields. With flaws, the type is what is still known."""

    type: Type
    flaws: tuple[Flaw, ...] = ()


def check(source: str, scope: TypeScope) -> Typed:
    """Type one expression, what stands between `${` and `}`. Offsets in flaws are of `source`."""
    if plain := paths.parse(source):
        walked = walk(plain, scope.schema(plain.root))
        return Typed(walked.type, walked.flaws)
    try:
        references = cel.references(source)
    except cel.InvalidExpressionError as invalid:
        return Typed(UNKNOWN, invalid.flaws)
    walks = [walk(reference, scope.schema(reference.root)) for reference in references]
    met = [flaw for walked in walks for flaw in walked.flaws]
    renamed = rename(source, references)
    answer = _ask(renamed.source, tuple(scope.key(root) for root in renamed.roots))
    told = {_word(source, flaw) for flaw in met}
    for error in answer.errors:
        flaw = _flaw(replace(error, at=renamed.original(error.at)), source, answer.messages)
        if flaw.reason != "UnknownField" or _word(source, flaw) not in told:
            met.append(_with_operand(flaw, source, [(r, w.type) for r, w in zip(references, walks, strict=True)]))
    return Typed(answer.type, tuple(sorted(dict.fromkeys(met), key=lambda flaw: flaw.start)))


@dataclass(frozen=True, slots=True)
class _Answer:
    type: Type
    errors: tuple[CompileError, ...] = ()
    messages: Mapping[str, Schema] = field(default_factory=dict)


_NOTHING_KNOWN = "{}"


@lru_cache(maxsize=4096)
def _ask(source: str, keys: tuple[str, ...]) -> _Answer:
    """What the engine says of an expression over roots of these types."""
    env, messages = _environment(keys, engine.libraries_in(source))
    try:
        program = env.compile(source)
    except Exception as error:  # noqa: BLE001 - the engine throws RuntimeError, but promises nothing
        errors = tuple(one for one in compile_errors(str(error), source) if not runs_anyway(one.said))
        if errors or set(keys) <= {_NOTHING_KNOWN}:
            return _Answer(UNKNOWN, errors, messages)
        return _Answer(_ask(source, (_NOTHING_KNOWN,) * len(keys)).type)
    return _Answer(type_named(program.return_type().name(), messages))


@lru_cache(maxsize=128)
def _environment(keys: tuple[str, ...], libraries: frozenset[str]) -> tuple[engine.Env, Mapping[str, Schema]]:
    messages = Messages([json.loads(key) for key in keys])
    return engine.typed(messages.pool, {VARIABLE: ROOTS_MESSAGE}, libraries), messages.schemas


_UNDEFINED = re.compile(r"undefined field '(?P<field>[^']*)' not found in struct '(?P<message>[^']*)'")


def _flaw(error: CompileError, source: str, messages: Mapping[str, Schema]) -> Flaw:
    undefined = _UNDEFINED.search(error.said)
    if undefined is None:
        return flaw_of(error, source)
    name = undefined["field"]
    start = max(source.find(name, error.at), 0)  # the engine points at the dot, or at the bracket of `has(…)`
    known = messages.get(undefined["message"], {}).get("properties", {})
    return Flaw("UnknownField", f"there is no field `{name}`", names_told(name, known), start, start + len(name))


def _word(source: str, flaw: Flaw) -> str:
    return source[flaw.start : flaw.end].strip(".?[]\"' ")


_NAMED_BY_TYPE = {"`string(x)`": {"integer", "number", "boolean"}, "`double(x)`": {"integer"}, "`int(x)`": {"string"}}


def _with_operand(flaw: Flaw, source: str, read: Sequence[tuple[Reference, Type]]) -> Flaw:
    """Name in the remedy what must be converted, if it is a path beside the operator: `string(a.status)`."""
    before, after = len(source[: flaw.start].rstrip()), len(source) - len(source[flaw.end :].lstrip())
    for call, types in _NAMED_BY_TYPE.items():
        for reference, type_ in read:
            beside = reference.end == before or reference.start == after
            if call in flaw.remedy and beside and types & set(types_of(type_.schema)):
                return replace(flaw, remedy=flaw.remedy.replace(call, call.replace("x", str(reference))))
    return flaw
