"""Outputs that depend on parameters: `x-type-of: with.edit`, `x-fields-of: with.answer`, `x-schema-of: with.schema`
(LANGUAGE §1.11). Without them, lint would be blind just where people err."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from headgate.compiler.build.uses import Use


class Way(StrEnum):
    TYPE = "x-type-of"
    """It has the type of the parameter's value."""
    FIELDS = "x-fields-of"
    """The parameter is a form, name → JSON Schema, and these are its fields."""
    SCHEMA = "x-schema-of"
    """The parameter is its JSON Schema."""


@dataclass(frozen=True, slots=True)
class Dependence:
    way: Way
    keys: tuple[str, ...]
    """Where the parameter stands, below `with`."""


def dependence(schema: Any) -> Dependence | None:
    """What a schema, or a whole output, depends on."""
    if not isinstance(schema, Mapping):
        return None
    for way in Way:
        source = schema.get(way)
        if isinstance(source, str):
            head, *keys = source.split(".")
            return Dependence(way, tuple(keys)) if head == "with" else None
    return None


def dependences(use: Use) -> Iterator[Dependence]:
    """Of a type's output as a whole, and of its fields."""
    for schema in (use.output, *use.output.values()):
        found = dependence(schema)
        if found is not None:
            yield found


def parameter(params: Mapping[str, Any], keys: tuple[str, ...]) -> Any:
    """What was written for a parameter; None if nothing was."""
    value: Any = params
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value
