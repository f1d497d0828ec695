"""The form that a class of parameters or of an output is: name → JSON Schema, by pydantic's own, made plain. Pure."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from headgate_node.shapes import FieldsOf, SchemaOf, TypeOf

_ORDER = ("type", "const", "enum", "default", "optional", "description")
"""What stands first in a schema, for people; the rest follows as it comes."""


class UnsuitableError(Exception):
    """A class that no NodeType can describe."""


def build_form(model: type[BaseModel]) -> dict[str, Any]:
    """The fields of a class. Raises UnsuitableError."""
    whole = model.model_json_schema(by_alias=True)
    definitions = whole.get("$defs", {})
    form = {}
    required = whole.get("required", [])
    for name, schema in whole.get("properties", {}).items():
        form[name] = _field(schema, definitions, is_required=name in required, where=f"{model.__name__}.{name}")
    if model.model_config.get("extra") == "allow":
        others = whole.get("additionalProperties")
        schema = _plain(others, definitions, model.__name__) if isinstance(others, Mapping) else {}
        form["x-other"] = {**schema, "description": whole["description"]}
    return form


def build_like(like: TypeOf | FieldsOf | SchemaOf) -> dict[str, Any]:
    """An output that is as a whole like a parameter."""
    return {like.keyword: like.path}


def _field(schema: Mapping[str, Any], definitions: Mapping[str, Any], *, is_required: bool, where: str) -> Any:
    plain = _plain(schema, definitions, where)
    if not is_required and plain.get("default") is None:
        plain.pop("default", None)
        plain["optional"] = True
    return _in_order(plain)


def _plain(schema: Mapping[str, Any], definitions: Mapping[str, Any], where: str) -> dict[str, Any]:
    """One schema without references, titles and null."""
    found = {**schema}
    _without_null(found, where)
    while reference := found.pop("$ref", None):
        name = str(reference).rpartition("/")[2]
        found = {**{key: value for key, value in definitions[name].items() if key != "description"}, **found}
    if "prefixItems" in found:
        raise UnsuitableError(f"{where}: a tuple has no JSON Schema that Headgate takes: write `list[…]`")
    found.pop("title", None)
    found.pop("propertyNames", None)  # NodeTypes have no keyword for it: the node itself checks the names
    if "properties" in found:
        found["properties"] = {
            name: _inner(part, definitions, f"{where}.{name}") for name, part in found["properties"].items()
        }
    for keyword in ("items", "additionalProperties"):
        if isinstance(found.get(keyword), Mapping):
            found[keyword] = _in_order(_plain(found[keyword], definitions, where))
    if "anyOf" in found:
        found["anyOf"] = [_in_order(_plain(part, definitions, where)) for part in found["anyOf"]]
        _join_types(found)
    return found


def _inner(schema: Mapping[str, Any], definitions: Mapping[str, Any], where: str) -> Any:
    """A field of an object inside: JSON Schema says by `required` that it may be absent."""
    plain = _plain(schema, definitions, where)
    if plain.get("default", 0) is None:
        plain.pop("default")
    return _in_order(plain)


def _without_null(schema: dict[str, Any], where: str) -> None:
    """`X | None` is a field that may be absent."""
    if schema.get("type") == "null":
        raise UnsuitableError(f"{where}: there is no null: a field that may be absent is `X | None = None`")
    if "anyOf" in schema:
        others = [part for part in schema["anyOf"] if part.get("type") != "null"]
        if len(others) == 1:
            del schema["anyOf"]
            for key, value in others[0].items():
                schema.setdefault(key, value)
        else:
            schema["anyOf"] = others


def _join_types(schema: dict[str, Any]) -> None:
    """`anyOf` of bare types is a list of types."""
    parts = schema["anyOf"]
    if all(part.keys() == {"type"} and isinstance(part["type"], str) for part in parts):
        del schema["anyOf"]
        schema["type"] = [part["type"] for part in parts]


def _in_order(schema: Mapping[str, Any]) -> dict[str, Any]:
    first = {key: schema[key] for key in _ORDER[:-1] if key in schema}
    rest = {key: value for key, value in schema.items() if key not in _ORDER}
    last = {key: schema[key] for key in _ORDER[-1:] if key in schema}
    return {**first, **rest, **last}
