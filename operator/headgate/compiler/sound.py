"""Schemas that somebody wrote, as far as they are schemas: what is none counts as no schema, and allows anything.

That it is none, is told where it stands. So nothing that reads schemas meets what it cannot read. Used by `build` and
`check`.
"""

from collections.abc import Mapping
from typing import Any

from headgate_lang.schema import check_schema
from headgate_lang.schema.keywords import OTHER, Fields, Schema, is_special

_ANYTHING: Schema = {}


def sound_schema(written: Any) -> Schema:
    return _ANYTHING if check_schema(written) else written


def sound_form(written: Mapping[str, Any]) -> Fields:
    """A form, name → JSON Schema. What begins with `x-` says something of the form itself, and stays."""
    return {
        name: schema if is_special(name) and name != OTHER else sound_schema(schema) for name, schema in written.items()
    }
