"""Examples of a node type: what is given fits the parameters, and what comes out fits the output."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from headgate.api.nodetype import NodeTypeSpec
from headgate.compiler.check.dependence import Dependence, Way, dependence, parameter
from headgate.compiler.check.parameters import REASONS
from headgate.compiler.reasons import ProblemReason
from headgate.compiler.sound import sound_form, sound_schema
from headgate.compiler.types import form, of_value
from headgate.errors import SPEC, Item, Path, Problem
from headgate_lang import schema
from headgate_lang.schema import Kind, Violation
from headgate_lang.schema.fields import as_schema
from headgate_lang.schema.keywords import Fields, Schema

_OF_OUTPUT = {
    **REASONS,
    Kind.MISSING: ProblemReason.MISSING_FIELD,
    Kind.UNKNOWN: ProblemReason.UNKNOWN_FIELD,
}


def check_examples(spec: NodeTypeSpec) -> Iterator[Problem]:
    params, output = sound_form(spec.params), sound_form(spec.output)
    for index, example in enumerate(spec.examples):
        path = SPEC / "examples" / Item(index)
        yield from _problems(path / "with", schema.check_fields(example.with_, params), REASONS)
        given = schema.with_defaults(example.with_, params)
        yield from _problems(path / "output", schema.check(example.output, _output(output, given)), _OF_OUTPUT)


def _problems(base: Path, violations: Iterable[Violation], reasons: Mapping[Kind, ProblemReason]) -> Iterator[Problem]:
    for violation in violations:
        steps = (Item(step) if isinstance(step, int) else step for step in violation.path)
        path = Path((*base.steps, *steps))
        name = f"`{violation.path[-1]}`" if violation.path and isinstance(violation.path[-1], str) else "the example"
        message = f"{name} {violation.message}"
        is_unknown = violation.kind is Kind.UNKNOWN
        remedy = violation.remedy or "make the example and the schema agree"
        yield Problem(path, reasons[violation.kind], message, remedy, on_key=is_unknown)


def _output(fields: Fields, given: Mapping[str, Any]) -> Schema:
    """The schema of what comes out, with these parameters."""
    whole = dependence(fields)
    if whole is not None:
        return _resolved(whole, given)
    return as_schema({name: _field(field, given) for name, field in fields.items()})


def _field(field: Schema, given: Mapping[str, Any]) -> Schema:
    own = dependence(field)
    if own is None:
        return field
    return {**_resolved(own, given), **{key: held for key, held in field.items() if key == "optional"}}


def _resolved(own: Dependence, given: Mapping[str, Any]) -> Schema:
    written = parameter(given, own.keys)
    if written is None or (own.way is not Way.TYPE and not isinstance(written, dict)):
        return {}
    if own.way is Way.TYPE:
        return of_value(written)
    return form(sound_form(written)) if own.way is Way.FIELDS else sound_schema(written)
