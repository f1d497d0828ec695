"""One text with expressions, looked at closely: everything that is wrong with it, and what it yields."""

from collections import ChainMap
from collections.abc import Iterator, MutableMapping
from dataclasses import replace

from headgate.compiler.build.reading import Place, Read
from headgate.compiler.check.expected import expected_at, must_be_given
from headgate.compiler.check.references import ALL_THE_SAME, Origin
from headgate.compiler.reasons import ProblemReason
from headgate.compiler.types import Type, Typed, TypeScope, check, misfit, text_misfit
from headgate.errors import Path, Problem, Span
from headgate_lang.flaw import Flaw
from headgate_lang.schema.keywords import TYPES, Fields, Schema, types_of

_TEXT: Schema = {"type": "string"}
_FALLBACKS = {"array": "[]", "boolean": "false", "integer": "0", "number": "0.0", "object": "{}", "string": "''"}


class Scope:
    """What can be read at a place, by root."""

    def __init__(self, roots: MutableMapping[str, Schema]) -> None:
        self.roots = roots
        self.types = TypeScope(roots)

    def with_also(self, roots: dict[str, Schema]) -> "Scope":
        """The same, and what becomes known later, with these before it."""
        return Scope(ChainMap(roots, self.roots))


class Look:
    """One look at one text. `schema` is what the text yields, once its problems have been told."""

    def __init__(self, base: Path, place: Place, origin: Origin, scope: Scope, params: Fields | None) -> None:
        self.schema: Schema = {} if place.reading.is_whole or place.reading.flaws else _TEXT
        self._path = Path((*base.steps, *place.steps))
        self._place = place
        self._origin = origin
        self._scope = scope
        self._params = params

    def problems(self) -> Iterator[Problem]:
        reading = self._place.reading
        for flaw in reading.flaws:
            yield self._problem(flaw, 0)
        for read in reading.expressions:
            typed = self._typed(read)
            for flaw in typed.flaws:
                yield self._problem(flaw, read.start)
            if reading.is_whole:
                self.schema = {**typed.type.schema, "optional": True} if typed.type.optional else typed.type.schema
                misfits = self._misfits(read, typed.type)
            else:
                misfits = [text_misfit(typed.type)]
            yield from (self._misfit(flaw, read) for flaw in misfits if flaw is not None)
        if not reading.is_whole and not reading.flaws:
            yield from self._text()

    def _misfit(self, flaw: Flaw, read: Read) -> Problem:
        """About the whole expression; what is to be converted is called by its name."""
        remedy = flaw.remedy.replace("(x)", f"({read.source})") if read.is_plain else flaw.remedy
        return self._problem(replace(flaw, remedy=remedy, start=0, end=len(read.source)), read.start)

    def _typed(self, read: Read) -> Typed:
        """The type, and what is wrong with how it reads. What is wrong with a reference is told once."""
        field = str(self._place.steps[0])
        found: list[Flaw] = []
        told: list[range] = []
        for reference in read.references:
            flaws = list(self._origin.flaws(reference, field))
            found += flaws
            if any(flaw.reason not in ALL_THE_SAME for flaw in flaws):
                told.append(range(reference.start, reference.end + 1))
        typed = check(read.source, self._scope.types)
        found += [flaw for flaw in typed.flaws if not any(flaw.start in span for span in told)]
        is_lost = any(flaw.reason not in ALL_THE_SAME for flaw in found)
        return Typed(Type({}) if is_lost else typed.type, tuple(found))

    def _misfits(self, read: Read, type_: Type) -> list[Flaw | None]:
        """Why what an expression yields is not what its place takes. Constants are checked by their values."""
        steps = self._place.steps
        wanted = expected_at(steps, self._params)
        absent = None
        if type_.optional and must_be_given(steps, self._params):
            message = "it may be absent, and something must be given"
            remedy = f"write `.orValue({_fallback(wanted)})` after it"
            absent = Flaw(ProblemReason.MAY_BE_ABSENT, message, remedy)
        is_constant = read.is_plain and read.root == "vars" and steps[0] == "with"
        return [absent, None if is_constant else misfit(type_, wanted)]

    def _text(self) -> Iterator[Problem]:
        """A text made of several parts is a text, whatever the parts are."""
        wanted = expected_at(self._place.steps, self._params)
        if misfit(Type(_TEXT), wanted) is not None:
            takes = " or ".join(TYPES.get(one, one) for one in types_of(wanted)) or "something else"
            message, remedy = f"this is a text, and must be {takes}", "write one `${…}`, with nothing around it"
            yield Problem(self._path, ProblemReason.TYPE_MISMATCH, message, remedy)

    def _problem(self, flaw: Flaw, start: int) -> Problem:
        span = Span(start + flaw.start, start + flaw.end)
        return Problem(self._path, flaw.reason, flaw.message, flaw.remedy, span=span)


def _fallback(wanted: Schema) -> str:
    types = types_of(wanted)
    return _FALLBACKS.get(types[0], "…") if types else "…"
