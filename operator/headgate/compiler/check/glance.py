"""Plain paths to a field that is there, of the type that is taken: most expressions, settled at a glance.

Nothing is decided here but that there is nothing to find: in a workflow of 10,000 nodes, that is what counts. What is
not settled gets a `look`.
"""

from collections.abc import Mapping
from typing import Any

from headgate.compiler.build.reading import Place, Read
from headgate.compiler.build.survey import Draft
from headgate.compiler.check.expected import expected_at
from headgate_lang.schema.keywords import Schema

_TEXT: Schema = {"type": "string"}
_SCALARS = frozenset({"string", "integer", "number", "boolean"})


def glance(draft: Draft | None, place: Place, roots: Mapping[str, Schema]) -> Schema | None:
    """The schema of a place in a node, or in the outputs, if nothing can be wrong with it. None: somebody must look."""
    reading, steps = place.reading, place.steps
    if reading.flaws or (draft is not None and (draft.final or draft.node.after or steps[0] != "with")):
        return None
    wanted = expected_at(steps, draft.use.params if draft is not None else None)
    if reading.is_whole:
        schema = _plain(reading.expressions[0], roots)
        return schema if schema is not None and _takes(wanted, schema.get("type")) else None
    for read in reading.expressions:
        found = _plain(read, roots)
        if found is None or found.get("type") not in _SCALARS:
            return None
    return _TEXT if _takes(wanted, "string") else None


def _plain(read: Read, roots: Mapping[str, Schema]) -> Schema | None:
    """Where a plain path leads, if all of it is surely there."""
    if not read.keys:
        return None
    schema = roots.get(read.root)
    for key in read.keys:
        properties = schema.get("properties") if schema else None
        schema = properties.get(key) if properties else None
        if schema is None or "optional" in schema:
            return None
    return schema


def _takes(wanted: Schema, type_: Any) -> bool:
    """Whether any value of a type will do."""
    taken = wanted.get("type")
    return (taken is None or (taken == type_ and type_ in _SCALARS)) and "enum" not in wanted and "anyOf" not in wanted
