"""An error of pydantic in words that a newcomer can act on: what is there, what must be, and what to write."""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic_core import ErrorDetails

from headgate.api.common import OBJECT_NAME, TIME, WORD, Resource, Shape
from headgate.api.nodetype import IMAGE
from headgate.api.pod import LABEL_KEY, LABEL_VALUE, QUANTITY
from headgate.api.workflow import PERCENTAGE
from headgate.compiler.document import elsewhere
from headgate.compiler.document.places import (
    annotation_at,
    at,
    is_about_key,
    pattern_of,
    reach,
    shape_of,
    takes_text,
)
from headgate.compiler.reasons import ProblemReason
from headgate.errors import Path, Problem
from headgate_lang import durations
from headgate_lang.near import nearest

_WANTED = {
    "bool_type": "true or false",
    "dict_type": "a map",
    "float_type": "a number",
    "int_type": "a whole number",
    "model_type": "a map",
    "string_type": "text",
    "tuple_type": "a list",
}
_LOOKS_LIKE = {
    durations.PATTERN: "write a number and a unit: 500ms, 30s, 5m, 72h or 3d",
    LABEL_KEY: "write it like a label of Kubernetes: letters, digits, `-`, `_`, `.`, perhaps after `example.com/`",
    LABEL_VALUE: "write at most 63 letters, digits, `-`, `_` and `.`",
    IMAGE: "name the image by its digest: `registry.example/name@sha256:…`",
    OBJECT_NAME: "names of objects are lower case: a-z, 0-9, `-` and `.`",
    PERCENTAGE: "write a number such as 3, or a percentage such as 5%",
    QUANTITY: "write a quantity such as 500m, 2 or 1Gi",
    TIME: "write a time such as 2026-11-24T05:31:14Z",
    WORD: "write a word such as HttpStatus",
}
_SHORTHANDS = {
    "after": "write `after: {other: Succeeded}`",
    "concurrency": "write `concurrency: {limit: 1}`",
    "finally": "write a list: `- name: …`",
    "forEach": "write `forEach: {in: …}`",
    "inputs": "write `inputs: {city: {type: string}}`",
    "nodes": "write a list: `- name: …`",
    "outputs": "write `outputs: {text: …}`",
    "retry": "write `retry: {limit: 3}`",
    "stages": "write a list: `- {name: …, groups: […]}`",
    "when": "write an expression: `${…}`",
    "with": "write parameters by their names: `with: {url: …}`",
}
_TOO = {
    "greater_than_equal": ("less than {ge}", "{ge} is the least"),
    "less_than_equal": ("more than {le}", "{le} is the most"),
    "string_too_long": ("longer than {max_length} characters", "make it shorter"),
    "string_too_short": ("empty", "write something"),
    "too_long": ("longer than {max_length} entries", "make it shorter"),
    "too_short": ("empty", "write at least one entry"),
}


def describe(error: ErrorDetails, kind: type[Resource], document: Mapping[str, Any]) -> Problem:
    """The problem behind an error."""
    location, path = reach(document, error["loc"])
    match error["type"]:
        case "extra_forbidden":
            return _unknown_field(path, str(location[-1]), shape_of(annotation_at(kind, location[:-1])) or kind)
        case "missing":
            _, parent = reach(document, location[:-1])
            return _missing(parent, str(location[-1]))
        case "enum" | "literal_error":
            return _none_of(path, error)
    if error["type"] in _WANTED:
        return _wrong_type(path, error, annotation_at(kind, location), str(location[-1]) if location else "")
    if error["type"] in _TOO:
        message, remedy = (text.format(**error["ctx"]) for text in _TOO[error["type"]])
        return Problem(path, ProblemReason.INVALID_VALUE, f"this is {message}", remedy)
    if error["type"] == "string_pattern_mismatch":
        return _mismatch(path, error)
    return Problem(path, error["type"], error["msg"], error.get("ctx", {}).get("remedy", "write it otherwise"))


def is_noise(error: ErrorDetails, document: Mapping[str, Any]) -> bool:
    """Pydantic calls a list too short whose items are wrong."""
    if error["type"] != "too_short":
        return False
    location, _ = reach(document, error["loc"])
    return bool(len(at(document, location)) >= error["ctx"]["min_length"])


def _unknown_field(path: Path, field: str, shape: type[Shape]) -> Problem:
    message = f"there is no field `{field}` here"
    return Problem(path, ProblemReason.UNKNOWN_FIELD, message, elsewhere.remedy(shape, field), on_key=True)


def _missing(parent: Path, field: str) -> Problem:
    remedies = {
        "apiVersion": "write `apiVersion: headgate.dev/v1alpha1`",
        "in": "write the list, or an expression that computes it",
        "metadata": "write `metadata: {name: …}`",
        "name": "give it a name: lower-case letters, digits and _",
        "nodes": "write a list of nodes: `- {name: …, use: …}`",
        "spec": "write what it is to do under `spec`",
        "use": "say what the node does: `use: http`, or another workflow: `use: workflow/NAME`",
    }
    return Problem(
        parent, ProblemReason.MISSING_FIELD, f"`{field}` is missing", remedies.get(field, f"write `{field}: …`")
    )


def _none_of(path: Path, error: ErrorDetails) -> Problem:
    allowed = [word for word in error["ctx"]["expected"].split("'") if word.strip(" ,or")]
    given = error["input"]
    if isinstance(given, bool):
        remedy = f"write {_listed(allowed)}: YAML reads on, off, yes and no as booleans"
    else:
        near = nearest(given, allowed) if isinstance(given, str) else None
        remedy = f"did you mean `{near}`?" if near else f"write {_listed(allowed)}"
    return Problem(path, ProblemReason.INVALID_VALUE, f"{_shown(given)} is not known here", remedy)


def _wrong_type(path: Path, error: ErrorDetails, annotation: Any, field: str) -> Problem:
    given, wanted = error["input"], _WANTED[error["type"]]
    pattern = pattern_of(annotation) or ""
    remedy = _SHORTHANDS.get(field) or _LOOKS_LIKE.get(pattern) or f"write {wanted}"
    if isinstance(given, int) and not isinstance(given, bool) and pattern == durations.PATTERN:
        remedy = f"write `{given}s`, if seconds are meant"
    elif wanted == "text" and isinstance(given, int | float) and not isinstance(given, bool):
        remedy = "write it in quotes"
    elif wanted in ("a number", "a whole number") and isinstance(given, str) and given.isdigit():
        remedy = f"write {given} without quotes"
    if wanted == "a whole number" and takes_text(annotation):
        wanted = "a number or text"
    return Problem(path, ProblemReason.WRONG_TYPE, f"{_shown(given)} is not {wanted}", remedy)


def _mismatch(path: Path, error: ErrorDetails) -> Problem:
    pattern = error["ctx"]["pattern"]
    reason = ProblemReason.INVALID_NAME if pattern == OBJECT_NAME else ProblemReason.INVALID_VALUE
    remedy = _LOOKS_LIKE.get(pattern, f"it must match {pattern}")
    message = f"{_shown(error['input'])} cannot stand here"
    return Problem(path, reason, message, remedy, on_key=is_about_key(error["loc"]))


def _shown(value: object) -> str:
    match value:
        case bool():
            return f"`{str(value).lower()}`"
        case str():
            return f"`{value}`" if len(value) <= 60 else f"`{value[:59]}…`"
        case int() | float():
            return f"the number {value}"
        case Mapping():
            return "a map"
        case _:
            return "a list"


def _listed(words: Iterable[str]) -> str:
    *others, last = [f"`{word}`" for word in words]
    return f"{', '.join(others)} or {last}" if others else last
