"""A form and the values given for it: inputs, parameters, outputs, answers, corrections, all in one shape.

A field is required unless it has a `default` or says `optional: true`; what the form does not name is not known.
"""

from collections.abc import Mapping
from typing import Any

from headgate_lang.schema.checking import Violation, Written, check, check_written
from headgate_lang.schema.keywords import OTHER, Fields, Schema, is_schema, is_special


def is_required(schema: Schema) -> bool:
    return "default" not in schema and schema.get("optional") is not True


def as_schema(fields: Fields) -> Schema:
    """A form as the schema of one object."""
    named = {name: schema for name, schema in fields.items() if not is_special(name) and is_schema(schema)}
    return {
        "type": "object",
        "properties": named,
        "required": [name for name, schema in named.items() if is_required(schema)],
        "additionalProperties": fields.get(OTHER, False),
    }


def check_fields(values: Any, fields: Fields) -> tuple[Violation, ...]:
    """Every way in which values miss a form."""
    return check(values, as_schema(fields))


def check_given(values: Mapping[str, Any], fields: Fields) -> tuple[Violation, ...]:
    """Every way in which values miss the fields that they are given for. The others may be left out."""
    lacking = {name: {**schema, "optional": True} for name, schema in fields.items() if name not in values}
    return check_fields(values, {**fields, **{name: one for name, one in lacking.items() if not is_special(name)}})


def check_written_fields(values: Any, fields: Fields) -> Written:
    """The same for values as they stand in a workflow, where texts with `${…}` are not known yet."""
    return check_written(values, as_schema(fields))


def with_defaults(values: Mapping[str, Any], fields: Fields) -> dict[str, Any]:
    """The values that apply: null is as absent, and what is absent has its default."""
    applied = {name: value for name, value in values.items() if value is not None}
    for name, schema in fields.items():
        if name not in applied and not is_special(name) and "default" in schema:
            applied[name] = schema["default"]
    return applied
