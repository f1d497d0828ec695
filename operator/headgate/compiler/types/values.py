"""The type of a value as it stands in a workflow, its expressions included: what `set` gives, and what a gate shows."""

from typing import Any

from headgate.compiler.types.checker import check
from headgate.compiler.types.shapes import TypeScope, closed, common, of_value
from headgate_lang.schema.keywords import Schema
from headgate_lang.template import has_expression, parse


def type_of(value: Any, scope: TypeScope) -> Schema:
    """The schema of what will be there when the expressions are evaluated; what is wrong with them is not told."""
    if isinstance(value, str) and has_expression(value):
        whole = parse(value).whole
        if whole is None:
            return of_value("")
        found = check(whole.source, scope).type
        return {**found.schema, "optional": True} if found.optional else found.schema
    if isinstance(value, dict):
        return closed({str(name): type_of(member, scope) for name, member in value.items()})
    if isinstance(value, list):
        return {"type": "array", "items": common([type_of(item, scope) for item in value])}
    return of_value(value)
