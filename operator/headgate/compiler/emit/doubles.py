"""Where a number is a double although it is written `3`: all that a pod has to know of a JSON Schema."""

from collections.abc import Mapping
from typing import Any


def find_doubles(schema: Any) -> dict[str, Any] | None:
    """The schema less everything but its numbers and the way to them; None if it has none."""
    if not isinstance(schema, Mapping):
        return None
    if schema.get("type") == "number":
        return {"type": "number"}
    found = {}
    for keyword in ("items", "additionalProperties"):
        if part := find_doubles(schema.get(keyword)):
            found[keyword] = part
    properties = schema.get("properties")
    if isinstance(properties, Mapping):
        parts = {name: find_doubles(part) or {} for name, part in properties.items()}
        if found or any(parts.values()):
            found["properties"] = parts
    return found or None
