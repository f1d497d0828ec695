"""What expressions can read, as schemas: the output of a node, of a loop, a form, `run`, a literal."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from headgate_lang.schema.fields import as_schema, is_required
from headgate_lang.schema.keywords import Fields, Schema


@dataclass(frozen=True, slots=True)
class Type:
    """What is known of a value: a JSON Schema, empty where nothing is."""

    schema: Schema
    optional: bool = False
    """It may be absent."""
    no_value: str = ""
    """What it is (bytes, a duration, …), where no JSON can carry it."""


UNKNOWN = Type({})

_TEXT: Schema = {"type": "string"}
_COUNT: Schema = {"type": "integer"}

_ERROR_FIELDS: Fields = {"reason": _TEXT, "message": _TEXT, "attempts": _COUNT}
ERROR: Schema = as_schema(_ERROR_FIELDS)
"""What `a.error` is."""

_RUN_FIELDS: Fields = {
    **dict.fromkeys(("name", "uid", "requester", "workflow", "revision", "startedAt"), _TEXT),
    "environment": {"type": "string", "optional": True},
}
RUN: Schema = as_schema(_RUN_FIELDS)
RUN_IN_FINALLY: Schema = as_schema({**_RUN_FIELDS, "phase": _TEXT, "failed": {"type": "array", "items": _TEXT}})


def form(fields: Fields) -> Schema:
    """The values of a form: `inputs`, and `values` of a gate."""
    return as_schema(fields)


def node(output: Fields) -> Schema:
    """A node that is no loop: its output, or its error."""
    return _with_error(as_schema(output), ERROR)


def loop(output: Fields, item: Schema = UNKNOWN.schema) -> Schema:
    """A node with `forEach`: the outputs of the items that succeeded, and the errors of those that did not."""
    failed = as_schema({"index": _COUNT, "item": item, "error": ERROR})
    lists = {
        "outputs": {"type": "array", "items": as_schema(output)},
        "failed": {"type": "array", "items": failed},
    }
    return _with_error(as_schema(lists), as_schema({**_ERROR_FIELDS, "items": {"type": "array", "items": failed}}))


HIDDEN = "x-hidden"
"""Marks a field that can be read, but is not told among those that a node has."""


def _with_error(schema: Schema, error: Schema) -> Schema:
    return {**schema, "properties": {**schema["properties"], "error": {**error, HIDDEN: True}}}


def of_value(value: Any) -> Schema:
    """The schema of a literal: what a constant of `vars` is."""
    match value:
        case bool():
            return {"type": "boolean"}
        case int():
            return _COUNT
        case float():
            return {"type": "number"}
        case str():
            return _TEXT
        case list():
            return {"type": "array", "items": common([of_value(item) for item in value])}
        case dict():
            return closed({str(name): of_value(member) for name, member in value.items() if member is not None})
    return UNKNOWN.schema


def closed(members: Mapping[str, Schema]) -> Schema:
    """An object with these members and no others."""
    required = [name for name, schema in members.items() if is_required(schema)]
    return {"type": "object", "properties": members, "required": required, "additionalProperties": False}


def common(schemas: list[Schema]) -> Schema:
    """What several have in common: the schema of all, if it is one."""
    return schemas[0] if schemas and all(schema == schemas[0] for schema in schemas) else UNKNOWN.schema


class TypeScope:
    """The schemas of what can be read at one place, by root. A root that is not there is unknown."""

    def __init__(self, roots: Mapping[str, Schema]) -> None:
        self._roots = roots
        self._keys: dict[int, tuple[Schema, str]] = {}

    def schema(self, root: str) -> Schema:
        return self._roots.get(root, UNKNOWN.schema)

    def key(self, root: str) -> str:
        """The same text for the same schema: what results are remembered by."""
        schema = self.schema(root)
        known = self._keys.get(id(schema))
        if known is None:
            # the schema is kept beside its key, so that no other can take its identity
            known = self._keys[id(schema)] = schema, json.dumps(schema, default=str)
        return known[1]
