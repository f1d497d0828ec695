"""What the API server demands of a CRD's schema, and what it does with it: rules, pruning and defaulting, as in
k8s.io/apiextensions-apiserver. Unit tests use it; the integration tests ask the real one.
"""

from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]

KNOWN = {
    "additionalProperties", "default", "description", "enum", "format", "items", "maxItems", "maxLength",
    "maxProperties", "maximum", "minItems", "minLength", "minProperties", "minimum", "pattern", "properties",
    "required", "type", "x-kubernetes-int-or-string", "x-kubernetes-list-map-keys", "x-kubernetes-list-type",
    "x-kubernetes-preserve-unknown-fields", "x-kubernetes-validations",
}  # fmt: skip
_UNKNOWN, _EITHER = "x-kubernetes-preserve-unknown-fields", "x-kubernetes-int-or-string"
_SCALARS = {"string", "integer", "number", "boolean"}


def walk(schema: Schema, path: str = "") -> Iterator[tuple[str, Schema]]:
    """A schema and every one below it, each with its path."""
    yield path, schema
    for name, part in schema.get("properties", {}).items():
        yield from walk(part, f"{path}.{name}")
    for key, mark in (("items", "[]"), ("additionalProperties", ".*")):
        if key in schema:
            yield from walk(schema[key], path + mark)


def violations(root: Schema) -> list[str]:
    """What the API server would refuse, and bounds that we want in any case."""
    return [
        f"{path}: {told}" for path, schema in walk(root) for told in (*_form(schema), *_lists(schema), *_bounds(schema))
    ]


def _form(schema: Schema) -> Iterator[str]:
    if unknown := schema.keys() - KNOWN:
        yield f"no structural schema has {sorted(unknown)}"
    if not (schema.keys() & {"type", _UNKNOWN, _EITHER}):
        yield "has no type"
    if _EITHER in schema and schema.keys() & {"type", _UNKNOWN}:
        yield "int-or-string stands alone"
    if "properties" in schema and "additionalProperties" in schema:
        yield "properties and additionalProperties exclude each other"
    if missing := set(schema.get("required", ())) - schema.get("properties", {}).keys():
        yield f"requires {missing}, which it does not have"
    if schema.get("type") == "array" and "items" not in schema:
        yield "a list without items"


def _lists(schema: Schema) -> Iterator[str]:
    items, kind = schema.get("items", {}), schema.get("x-kubernetes-list-type")
    if kind == "set" and items.get("type") not in _SCALARS:
        yield "a set of something that is no scalar"
    if (kind == "map") != ("x-kubernetes-list-map-keys" in schema):
        yield "a list of type map goes with its keys"
    for key in schema.get("x-kubernetes-list-map-keys", ()):
        if key not in items.get("required", ()) or items["properties"][key].get("type") not in _SCALARS:
            yield f"the key {key} must be a scalar that is always there"


def _bounds(schema: Schema) -> Iterator[str]:
    match schema.get("type"):
        case "string" if not (schema.keys() & {"enum", "maxLength"}):
            yield "a string without maxLength"
        case "array" if "maxItems" not in schema:
            yield "a list without maxItems"
        case "integer" | "number" if not {"minimum", "maximum"} <= schema.keys():
            yield "a number without bounds"
        case "object" if _is_typed_map(schema) and "maxProperties" not in schema:
            yield "a map without maxProperties"


def _is_typed_map(schema: Schema) -> bool:
    return _UNKNOWN not in schema.get("additionalProperties", {_UNKNOWN: True})


def prune(schema: Schema, value: Any) -> Any:
    """What the API server keeps of a value."""
    if schema.get(_UNKNOWN):
        return value
    if isinstance(value, dict):
        values, known = schema.get("additionalProperties"), schema.get("properties", {})
        if values is not None:
            return {key: prune(values, member) for key, member in value.items()}
        return {key: prune(known[key], member) for key, member in value.items() if key in known}
    if isinstance(value, list):
        return [prune(schema["items"], item) for item in value]
    return value


def with_defaults(schema: Schema, value: Any) -> Any:
    """What the API server adds to a value."""
    if isinstance(value, dict):
        known, values = schema.get("properties", {}), schema.get("additionalProperties", {})
        given = {name: part["default"] for name, part in known.items() if "default" in part and name not in value}
        whole = {**value, **given}
        return {key: with_defaults(known.get(key, values), member) for key, member in whole.items()}
    if isinstance(value, list):
        return [with_defaults(schema.get("items", {}), item) for item in value]
    return value


def as_json_schema(schema: Schema) -> Schema:
    """The same as JSON Schema, for a validator that knows nothing of Kubernetes."""
    plain = {key: part for key, part in schema.items() if not key.startswith("x-kubernetes-")}
    if schema.get(_EITHER):
        plain["type"] = ["integer", "string"]
    if "properties" in plain:
        plain["properties"] = {name: as_json_schema(part) for name, part in plain["properties"].items()}
    for key in ("items", "additionalProperties"):
        if key in plain:
            plain[key] = as_json_schema(plain[key])
    return plain
