"""JSON Schema, drafts 4 to 2020-12, by `jsonschema`: all in which a value has not a schema. Loaded by the child for
`validate`.

Patterns are Python's, whose time the child's clock bounds. Nothing is fetched: a reference leads to the schema itself,
to what stands beside it in `schemas`, or to a known draft.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

import jsonschema
from jsonschema import exceptions
from referencing import Registry, Resource
from referencing.exceptions import Unresolvable
from referencing.jsonschema import UnknownDialect, specification_with

from headgate_core.confined.engines import FaultError

MOST_TOLD = 20

_KNOWN = (
    *(jsonschema.Draft4Validator, jsonschema.Draft6Validator, jsonschema.Draft7Validator),
    *(jsonschema.Draft201909Validator, jsonschema.Draft202012Validator),
)
_DRAFTS = {str(draft.META_SCHEMA.get("$id") or draft.META_SCHEMA["id"]).rstrip("#"): draft for draft in _KNOWN}


def check(job: Mapping[str, Any]) -> list[list[str]]:
    """The problems: for each, where it is and what it is."""
    schema = job["schema"]
    draft = _draft(schema)
    try:
        draft.check_schema(schema)
    except exceptions.SchemaError as error:
        told = f"the schema is none: {error.json_path}: {_words(error)}"
        raise FaultError("InvalidSchema", told) from None
    validator = draft(
        schema,
        registry=_registry(job["schemas"], draft),
        format_checker=draft.FORMAT_CHECKER if job["formats"] else None,
    )
    try:
        return [[error.json_path[:500], _words(error)] for error in islice(_leaves(validator, job["value"]), MOST_TOLD)]
    except Unresolvable as error:
        told = f"it refers to {str(error.ref)[:200]!r}, which is not in it: put it into `$defs`; nothing is fetched"
        raise FaultError("InvalidSchema", told) from None
    except re.error as error:
        raise FaultError("InvalidSchema", f"a pattern of the schema is none: {error}") from None


def _draft(schema: Any) -> Any:
    named = schema.get("$schema") if isinstance(schema, dict) else None
    if named is None:
        return jsonschema.Draft202012Validator
    draft = _DRAFTS.get(str(named).rstrip("#"))
    if draft is None:
        raise FaultError("InvalidSchema", f"there is no draft {str(named)[:200]!r}: {', '.join(_DRAFTS)}")
    return draft


def _registry(schemas: Mapping[str, Any], draft: Any) -> Registry[Any]:
    """What does not name its draft is of that of the schema."""
    own = specification_with(draft.ID_OF(draft.META_SCHEMA))
    try:
        pairs = [(uri, Resource.from_contents(one, default_specification=own)) for uri, one in schemas.items()]
    except UnknownDialect as error:
        raise FaultError(
            "InvalidSchema", f"`schemas` names the draft {str(error.uri)[:200]!r}, which is unknown"
        ) from None
    registry: Registry[Any] = Registry()
    return registry.with_resources(pairs)


def _leaves(validator: Any, value: Any) -> Iterator[Any]:
    """Of a choice none of which fits, the errors of the branch that came nearest: they say what to mend."""
    for error in validator.iter_errors(value):
        yield exceptions.best_match([error]) if error.context else error


def _words(error: Any) -> str:
    """What is wrong; where several things would be right, why it is none of them."""
    branches = dict.fromkeys(str(one.message) for one in error.context or ())
    text = ", and ".join(list(branches)[:4]) if branches else str(error.message)
    return text if len(text) <= 300 else f"{text[:200]} … {text[-80:]}"
