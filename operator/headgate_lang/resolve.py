"""Values with `${…}` in them, against a scope: in one pass, with every error at once.

Called by the runtime for `with`, `when` and `forEach.in`, and by the operator (plain paths only) for what a gate shows.
What an expression yields is never read for expressions again.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any

from headgate_lang import cel, paths
from headgate_lang.paths import MissingError, Reference, Step, kind_of
from headgate_lang.scope import Scope
from headgate_lang.template import Expression, Literal, Template, has_expression, parse
from headgate_lang.text import text_of
from headgate_lang.values import ABSENT, ExpressionError

Key = str | int


@dataclass(frozen=True, slots=True)
class ValueFault:
    """One value that could not be computed: where it stands, what was written there, and why."""

    path: tuple[Key, ...]
    expression: str
    message: str

    def __str__(self) -> str:
        where = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in self.path).lstrip(".")
        return f"{where + ': ' if where else ''}`${{{self.expression}}}`: {self.message}"


@dataclass(frozen=True, slots=True)
class Resolved:
    """The value, or why there is none. It is ABSENT where the whole of it is an optional that is not there."""

    value: Any = ABSENT
    faults: tuple[ValueFault, ...] = ()


def evaluate(source: str, scope: Scope) -> Any:
    """The value of one expression: copied, if it is a plain path. Raises ExpressionError."""
    if plain := paths.parse(source):
        try:
            return scope.copy_out(plain)
        except MissingError as missing:
            raise ExpressionError(str(missing)) from None
    try:
        compiled = cel.compile_expression(source)
    except cel.InvalidExpressionError as invalid:
        raise ExpressionError(str(invalid)) from None
    try:
        return cel.evaluate(compiled, scope.for_engine(compiled.ways))
    except ExpressionError as error:
        raise _told(error, compiled.references, scope) from None


Evaluate = Callable[[str, Scope], Any]
"""Gives the value of one expression. Raises ExpressionError."""


def resolve(value: Any, scope: Scope, by: Evaluate = evaluate) -> Resolved:
    """Compute a value of any depth; keys are never computed. A member or item that is absent is left out.

    `by` answers each expression: the runtime does so by a process that can be ended.
    """
    pass_ = _Pass(scope, by)
    found = pass_.value(value, ())
    return Resolved(faults=tuple(pass_.faults)) if pass_.faults else Resolved(found)


def condition(value: Any, scope: Scope) -> bool:
    """What `when` says. Raises ExpressionError, also for what is no boolean: there is no truthiness."""
    return truth_of(resolve(value, scope))


def truth_of(resolved: Resolved) -> bool:
    """The same, of a `when` that is computed already."""
    if resolved.faults:
        raise ExpressionError(resolved.faults[0].message)
    if not isinstance(resolved.value, bool):
        is_what = "absent" if resolved.value is ABSENT else kind_of(resolved.value)
        raise ExpressionError(f"`when` is {is_what}, and must be a boolean", "there is no truthiness: compare it")
    return resolved.value


def find_computed(value: Any) -> tuple[str, ...]:
    """The expressions in a value that are no plain paths, each once: what cannot be had without the engine."""
    found: dict[str, None] = {}
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str) and has_expression(one):
            sources = (expression.source for expression in parse(one).expressions)
            found.update(dict.fromkeys(source for source in sources if paths.parse(source) is None))
        elif isinstance(one, Mapping):
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one
    return tuple(found)


@dataclass
class _Pass:
    scope: Scope
    by: Evaluate
    faults: list[ValueFault] = field(default_factory=list)

    def value(self, value: Any, path: tuple[Key, ...]) -> Any:
        if isinstance(value, str):
            return self.text(value, path) if has_expression(value) else value
        if isinstance(value, Mapping):
            members = ((key, self.value(member, (*path, key))) for key, member in value.items())
            return {key: member for key, member in members if member is not ABSENT}
        if isinstance(value, list):
            items = (self.value(item, (*path, index)) for index, item in enumerate(value))
            return [item for item in items if item is not ABSENT]
        return value

    def text(self, text: str, path: tuple[Key, ...]) -> Any:
        template = parse(text)
        for flaw in template.flaws:
            self.faults.append(ValueFault(path, text[flaw.start : flaw.end], str(flaw)))
        if whole := template.whole:
            return self.expression(whole, path, as_text=False)
        return self.words(template, path)

    def words(self, template: Template, path: tuple[Key, ...]) -> str:
        return "".join(
            part.text if isinstance(part, Literal) else self.expression(part, path, as_text=True)
            for part in template.parts
        )

    def expression(self, expression: Expression, path: tuple[Key, ...], as_text: bool) -> Any:
        try:
            value = self.by(expression.source, self.scope)
            return text_of(value) if as_text else value
        except ExpressionError as error:
            self.faults.append(ValueFault(path, expression.source.strip(), str(error)))
            return ""


_MOST_SHOWN = 3


def _told(error: ExpressionError, references: tuple[Reference, ...], scope: Scope) -> ExpressionError:
    """The engine says what is wrong, but not where: add what the expression met."""
    met = []
    for reference in references:
        steps = tuple(takewhile(_must_be_there, reference.steps))
        try:
            value = scope.copy_out(Reference(reference.root, steps))
        except MissingError as missing:
            if error.message.startswith("there is no "):
                return ExpressionError(str(missing))
        else:
            if steps == reference.steps and steps:
                met.append(f"`{reference}` is {kind_of(value)}")
    told = f"{error.message} ({', '.join(met[:_MOST_SHOWN])})" if met else error.message
    return ExpressionError(told, error.remedy)


def _must_be_there(step: Step) -> bool:
    return step.key is not None and not step.optional and not step.tested
