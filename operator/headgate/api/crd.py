"""From a kind's pydantic model to its CustomResourceDefinition. `generate` writes them, tests check them.

A CRD takes structural schemas only, which are less than JSON Schema: no `$ref`, no null, no `const`. So pydantic's
JSON Schema is rewritten, node by node, and a keyword that nobody has thought about raises instead of getting lost.
"""

from typing import Any

from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import core_schema

from headgate.api.common import Column, Resource
from headgate.api.docs import field_docs
from headgate.names import GROUP, VERSION

Schema = dict[str, Any]

_KEPT = {
    "description", "enum", "format", "maxItems", "maxLength", "maxProperties", "maximum", "minItems", "minLength",
    "minProperties", "minimum", "pattern", "required", "type",
}  # fmt: skip
_REWRITTEN = {"additionalProperties", "anyOf", "default", "items", "patternProperties", "properties"}
_LOST = {"title", "propertyNames"}
"""What a structural schema cannot say: the patterns of keys are checked by `parse` alone."""
_INT_OR_STRING = "x-kubernetes-int-or-string"
_UNKNOWN: Schema = {"x-kubernetes-preserve-unknown-fields": True}


def build_crd(kind: type[Resource]) -> Schema:
    """The whole CustomResourceDefinition of a kind."""
    crd = kind.crd
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{crd.plural}.{GROUP}"},
        "spec": {
            "group": GROUP,
            "names": {
                "kind": kind.__name__,
                "listKind": f"{kind.__name__}List",
                "plural": crd.plural,
                "singular": kind.__name__.lower(),
                "shortNames": list(crd.short_names),
                "categories": ["headgate"],
            },
            "scope": "Cluster" if crd.cluster else "Namespaced",
            "versions": [
                {
                    "name": VERSION,
                    "served": True,
                    "storage": True,
                    "additionalPrinterColumns": [_column(column) for column in crd.columns],
                    "schema": {"openAPIV3Schema": build_schema(kind)},
                    "subresources": {"status": {}},
                }
            ],
        },
    }


def build_schema(kind: type[Resource]) -> Schema:
    """The structural schema of a kind."""
    whole = kind.model_json_schema(schema_generator=_DescribedSchema)
    parts = whole["properties"]
    root: Schema = {
        "type": "object",
        "description": whole["description"],
        "required": ["spec"],
        "properties": {
            "apiVersion": {"type": "string", "maxLength": 64},
            "kind": {"type": "string", "maxLength": 64},
            "metadata": {"type": "object"},
            "spec": structural(parts["spec"], whole["$defs"]),
            "status": structural(parts["status"], whole["$defs"]),
        },
    }
    return root | kind.crd.rules


def structural(schema: Schema, definitions: dict[str, Schema]) -> Schema:
    """Rewrite a JSON Schema, and all below it, as a structural one."""
    schema = _plain(schema, definitions)
    unknown = [key for key in schema if key not in _KEPT | _REWRITTEN | _LOST and not key.startswith("x-kubernetes-")]
    if unknown:
        raise ValueError(
            f"a structural schema knows no {', '.join(unknown)}: teach crd.py, or write the model otherwise"
        )
    result = {key: value for key, value in schema.items() if key in _KEPT or key.startswith("x-kubernetes-")}
    if schema.get("default") not in (None, [], {}):
        result["default"] = schema["default"]
    if "properties" in schema:
        result["properties"] = {name: structural(part, definitions) for name, part in schema["properties"].items()}
    elif (values := _values(schema)) and not result.get("x-kubernetes-preserve-unknown-fields"):
        result["additionalProperties"] = _UNKNOWN if values is True else structural(values, definitions)
    if "items" in schema:
        result["items"] = structural(schema["items"], definitions) or dict(_UNKNOWN)
    return {key: result[key] for key in sorted(result, key=_rank)}


def _rank(key: str) -> tuple[int, str]:
    """What it is comes first, what is in it last."""
    first, last = ("description", "type"), ("properties", "additionalProperties", "items")
    if key in first:
        return first.index(key), ""
    return (10 + last.index(key), "") if key in last else (5, key)


def _values(schema: Schema) -> Schema | bool | None:
    """The schema of a map's values: pydantic writes it in one of two places."""
    if "patternProperties" not in schema:
        return schema.get("additionalProperties")
    values: Schema
    (values,) = schema["patternProperties"].values()
    return values


def _plain(schema: Schema, definitions: dict[str, Schema]) -> Schema:
    """Resolve what a structural schema cannot say: references, null, constants, a choice of types."""
    if "$ref" in schema:
        own = {key: value for key, value in schema.items() if key != "$ref"}
        return _plain(definitions[schema["$ref"].removeprefix("#/$defs/")] | own, definitions)
    if "anyOf" not in schema:
        return schema
    choices = [_plain(choice, definitions) for choice in schema["anyOf"] if choice.get("type") != "null"]
    own = {key: value for key, value in schema.items() if key != "anyOf"}
    if len(choices) == 1:
        return _plain(choices[0] | own, definitions)
    if own.get(_INT_OR_STRING) and [choice["type"] for choice in choices] == ["integer", "string"]:
        merged = choices[0] | choices[1] | own
        return {key: value for key, value in merged.items() if key != "type"}
    raise ValueError(f"a structural schema has no choice of types: {choices}")


def _column(column: Column) -> Schema:
    wide = {"priority": 1} if column.wide else {}
    return {"name": column.title, "type": column.type, "jsonPath": column.path} | wide


class _DescribedSchema(GenerateJsonSchema):
    """Pydantic's JSON Schema with the docstring under each field as its description."""

    def model_schema(self, schema: core_schema.ModelSchema) -> Schema:
        result = super().model_schema(schema)
        cls = schema["cls"]
        for name, text in field_docs(cls).items():
            field = cls.model_fields.get(name)
            if field is not None:
                result["properties"][field.alias or name]["description"] = text
        return result
