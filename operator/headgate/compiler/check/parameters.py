"""Parameters against the schemas of the node type, or of the inputs of another workflow: what is written out.

What is computed is compared by its type, in `expressions`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from headgate.api.workflow import Node
from headgate.compiler.build.reading import Keys, Place, Steps, item_of
from headgate.compiler.build.survey import Draft
from headgate.compiler.check.constants import is_literal, place_of, schema_problems
from headgate.compiler.check.dependence import Way, dependences, parameter
from headgate.compiler.check.environments import under_each
from headgate.compiler.check.expected import expected_at
from headgate.compiler.check.quick import Quick
from headgate.compiler.check.subject import Subject
from headgate.compiler.document.places import field_names
from headgate.compiler.reasons import ProblemReason
from headgate.errors import Path, Problem
from headgate_lang import schema
from headgate_lang.schema import Kind, Violation
from headgate_lang.text import compact

REASONS = {
    Kind.TYPE: ProblemReason.TYPE_MISMATCH,
    Kind.MISSING: ProblemReason.MISSING_PARAMETER,
    Kind.UNKNOWN: ProblemReason.UNKNOWN_PARAMETER,
    Kind.VALUE: ProblemReason.INVALID_VALUE,
    Kind.SCHEMA: ProblemReason.INVALID_SCHEMA,
}
_BESIDE_WITH = frozenset(field_names(Node)) - {"name", "use", "with", "position", "description"}
_MEANT = {
    "continueOnError": "onError: Continue",
    "depends": "after: {other: Succeeded}",
    "dependsOn": "after: {other: Succeeded}",
    "if": "when: …",
    "items": "forEach: {in: …}",
    "loop": "forEach: {in: …}",
    "needs": "after: {other: Succeeded}",
}
"""Fields of a node that people write among its parameters, in the words of another system."""
_RETRIES = frozenset({"maxRetries", "max_retries", "retries", "retry"})


def check_parameters(subject: Subject) -> Iterator[Problem]:
    quick: dict[str, Quick] = {}
    for draft in subject.drafts:
        fields, params = draft.use.params, draft.node.with_
        if fields is None:
            continue
        known = quick.get(draft.use.text) or quick.setdefault(draft.use.text, Quick(fields))
        if not known.passes(params):
            yield from _violations(draft, fields)
        for name, value in params.items():
            if "$" in name or isinstance(value, dict | list):
                yield from _keys(draft, ("with", name), value)


def _violations(draft: Draft, fields: Mapping[str, Any]) -> Iterator[Problem]:
    base, params = draft.at("with"), draft.node.with_
    for violation in schema.check_written_fields(params, fields).violations:
        yield problem_of(violation, place_of(base, params, violation.path), draft.use.name, params)


def problem_of(violation: Violation, path: Path, name: str, params: Mapping[str, Any]) -> Problem:
    """How a value misses its schema, as a problem of the node that takes it."""
    keys, remedy = violation.path, violation.remedy
    is_unknown = violation.kind is Kind.UNKNOWN
    if is_unknown and len(keys) == 1:
        message = f"`{name}` has no parameter `{keys[0]}`"
        remedy = _beside_with(str(keys[0]), params) or remedy
    else:
        what = f"`{name}`" if not keys else f"`{keys[-1]}`" if isinstance(keys[-1], str) else "this"
        message = f"{what} {violation.message}"
    return Problem(path, REASONS[violation.kind], message, remedy, on_key=is_unknown)


def _beside_with(name: str, params: Mapping[str, Any]) -> str:
    """What to write instead, where a field of the node was meant."""
    if name in _RETRIES:
        limit = params.get(name)
        meant = f"retry: {{limit: {limit if type(limit) is int else 3}}}"
    elif name in _BESIDE_WITH:
        meant = f"{name}: {_shown(params.get(name))}"
    else:
        meant = _MEANT.get(name, "")
    return f"write `{meant}` beside `with`" if meant else ""


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else compact(value)
    return text if len(text) <= 40 else "…"


def _keys(draft: Draft, steps: Steps, value: Any) -> Iterator[Problem]:
    """Only values are computed, so a key with an expression is a mistake."""
    key = steps[-1]
    if isinstance(key, str) and "${" in key and not is_literal(key):
        message, remedy = "keys are never computed", "write the key out, or compute the whole map by one expression"
        yield Problem(draft.at(*steps), ProblemReason.NOT_COMPUTED, message, remedy, on_key=True)
    if isinstance(value, dict):
        for name, held in value.items():
            yield from _keys(draft, (*steps, name), held)
    elif isinstance(value, list):
        for index, held in enumerate(value):
            yield from _keys(draft, (*steps, item_of(index, held)), held)


def check_forms(subject: Subject) -> Iterator[Problem]:
    """Parameters that are schemas, since an output is made by them: what `clarify` asks, what `llm` answers."""
    uses = subject.survey.uses.values()
    schemas = {use.text: [one for one in dependences(use) if one.way is not Way.TYPE] for use in uses}
    for draft in subject.using(lambda use: schemas[use.text]):
        for one in schemas[draft.use.text]:
            written = parameter(draft.node.with_, one.keys)
            if isinstance(written, dict):
                violations = (schema.check_form if one.way is Way.FIELDS else schema.check_schema)(written)
                yield from schema_problems(draft.at("with", *one.keys), written, violations)


def check_constant_parameters(subject: Subject) -> Iterator[Problem]:
    """Parameters that are a constant: its value under each environment must be one that the parameter takes."""
    constant = [
        (draft, place, place.reading.expressions[0].keys)
        for draft in subject.drafts
        for place in draft.places
        if place.steps[0] == "with" and place.reading.is_whole and place.reading.expressions[0].root == "vars"
    ]
    return under_each(subject, lambda environment: _constants(subject, constant, environment))


def _constants(
    subject: Subject, constant: list[tuple[Draft, Place, Keys | None]], environment: str | None
) -> Iterator[Problem]:
    for draft, place, keys in constant:
        wanted = expected_at(place.steps, draft.use.params)
        value: Any = subject.constants[environment]
        for key in keys or ():
            value = value.get(key) if isinstance(value, Mapping) else None
        if value is None or not wanted:
            continue
        for violation in schema.check(value, wanted):
            called = violation if violation.path else replace(violation, path=(str(place.steps[-1]),))
            yield problem_of(called, draft.at(*place.steps), draft.use.name, {})
