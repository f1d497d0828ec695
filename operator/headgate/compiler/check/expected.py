"""What must come out of an expression, by where it stands."""

from collections.abc import Mapping
from typing import Any

from headgate.compiler.build.reading import Steps
from headgate_lang.schema.fields import is_required
from headgate_lang.schema.keywords import OTHER, Fields, Schema, is_schema

_BOOLEAN: Schema = {"type": "boolean"}
_LIST: Schema = {"type": "array"}
_ANYTHING: Schema = {}


def expected_at(steps: Steps, fields: Fields | None) -> Schema:
    """The schema of a place in a node; empty where anything will do, or nobody knows."""
    if steps[0] == "with" and fields is not None:
        name = str(steps[1])
        schema: Any = fields[name] if name in fields else fields.get(OTHER)
        for step in steps[2:]:
            schema = _inner(schema, step)
        return schema if isinstance(schema, dict) else _ANYTHING
    if steps == ("when",):
        return _BOOLEAN
    return _LIST if steps == ("forEach", "in") else _ANYTHING


def _inner(schema: Any, step: object) -> Any:
    if not is_schema(schema) or "anyOf" in schema:
        return None
    if not isinstance(step, str):
        return schema.get("items")
    properties = schema.get("properties")
    if isinstance(properties, Mapping) and step in properties:
        return properties[step]
    return schema.get("additionalProperties")


def must_be_given(steps: Steps, fields: Fields | None) -> bool:
    """Whether something must come out: the place is a condition, a list, or a parameter that is required."""
    match steps:
        case ("when",) | ("forEach", "in"):
            return True
        case ("with", str(name)) if fields is not None and name in fields:
            return is_required(fields[name])
        case ("with", str(name), *below, str(last)) if fields is not None:
            schema: Any = fields.get(name, fields.get(OTHER))
            for step in below:
                schema = _inner(schema, step)
            return is_schema(schema) and "anyOf" not in schema and last in schema.get("required", ())
    return False
