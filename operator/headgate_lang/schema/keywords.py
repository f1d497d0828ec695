"""The keywords of JSON Schema that Headgate takes, and what each is for."""

from collections.abc import Mapping
from typing import Any, TypeGuard

Schema = Mapping[str, Any]
Fields = Mapping[str, Schema]
"""A form: name → JSON Schema. Names that begin with `x-` say something about the form itself."""

OTHER = "x-other"
"""In a form: the schema of every field that it does not name."""

TYPES = {
    "string": "a string",
    "integer": "an integer",
    "number": "a number",
    "boolean": "a boolean",
    "array": "a list",
    "object": "an object",
}
SLIPS = {
    "str": "string",
    "text": "string",
    "int": "integer",
    "long": "integer",
    "float": "number",
    "double": "number",
    "decimal": "number",
    "bool": "boolean",
    "list": "array",
    "map": "object",
    "dict": "object",
    "any": "",
    "null": "",
}
"""What people write for a type, and what it is called. Nothing: leave the type out."""

ABOUT = frozenset(
    {"description", "title", "examples", "default", "optional", "format", "deprecated", "$schema", "$comment"}
)
OF_ANY = frozenset({"type", "enum", "const", "anyOf"})
OF_TYPE = {
    "string": frozenset({"minLength", "maxLength", "pattern"}),
    "number": frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}),
    "array": frozenset({"items", "minItems", "maxItems", "uniqueItems"}),
    "object": frozenset({"properties", "required", "additionalProperties", "minProperties", "maxProperties"}),
}
KEYWORDS = ABOUT | OF_ANY | frozenset[str]().union(*OF_TYPE.values())

INSTEAD = {
    "$ref": "write what it refers to in its place",
    "$defs": "write each definition where it is used",
    "definitions": "write each definition where it is used",
    "oneOf": "write `anyOf`",
    "allOf": "write the keywords of all of them together",
    "nullable": "write `optional: true` on the field: there is no null",
    "not": "say what is allowed",
    "if": "a node can check it",
    "multipleOf": "a node can check it",
    "patternProperties": "write `additionalProperties`",
    "prefixItems": "write `items`, or an object with a name for each",
}
"""Keywords that are left out, and what to write instead."""


def is_schema(value: Any) -> TypeGuard[Schema]:
    return isinstance(value, Mapping)


def types_of(schema: Schema) -> tuple[str, ...]:
    """The types that a schema allows; none where it allows any."""
    declared = schema.get("type")
    if isinstance(declared, str):
        return (declared,)
    return tuple(name for name in declared if isinstance(name, str)) if isinstance(declared, list) else ()


def part(schema: Schema, keyword: str) -> Schema:
    """What a keyword holds, if that is a map; the schema may not be sane."""
    held = schema.get(keyword)
    return held if is_schema(held) else {}


def listed(schema: Schema, keyword: str) -> list[Any]:
    """What a keyword lists, if it is a list."""
    held = schema.get(keyword)
    return held if isinstance(held, list) else []


def is_open(schema: Schema) -> bool:
    """Whether objects of this schema may have fields that it does not name."""
    return schema.get("additionalProperties", True) is not False


def is_special(name: str) -> bool:
    """Whether a key of a form is no field, but says something about the form."""
    return name.startswith("x-")
