"""Marks in schemas that are read by nobody: misspelt, or where nobody looks for them.

JSON Schema's own keywords are checked by `parse`; what begins with `x-` may be anybody's, so a slip would pass there.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from headgate.api.nodetype import NodeTypeSpec
from headgate.compiler.check.dependence import Way
from headgate.compiler.reasons import ProblemReason
from headgate.errors import SPEC, Item, Path, Problem, Severity
from headgate_lang.near import nearest
from headgate_lang.schema.keywords import Schema, is_schema, is_special, listed, part

REF = "x-ref"
ACCEPTS = "x-accepts"

_MARKS = (REF, ACCEPTS, *Way)


def check_marks(spec: NodeTypeSpec) -> Iterator[Problem]:
    for place, fields in (("params", spec.params), ("output", spec.output)):
        for path, schema, is_inner in _schemas(SPEC / place, fields):
            for mark in schema:
                if mark in _MARKS:
                    yield from _misplaced(path / mark, mark, place, is_inner=is_inner)
                elif is_special(mark) and (near := nearest(mark, _MARKS)):
                    message, remedy = f"`{mark}` is read by nobody", f"did you mean `{near}`?"
                    at = path / mark
                    yield Problem(at, ProblemReason.INVALID_SCHEMA, message, remedy, Severity.WARNING, on_key=True)


def _misplaced(path: Path, mark: str, place: str, *, is_inner: bool) -> Iterator[Problem]:
    wanted = "params" if mark in (REF, ACCEPTS) else "output"
    if is_inner or place != wanted:
        what = "a parameter as a whole" if wanted == "params" else "the output or one of its fields, as a whole"
        message = f"nobody looks for `{mark}` here: it is said of {what}"
        yield Problem(path, ProblemReason.INVALID_SCHEMA, message, "take it out", on_key=True)


def _schemas(base: Path, fields: Mapping[str, Any]) -> Iterator[tuple[Path, Schema, bool]]:
    """Every schema of a form, and whether it stands inside another."""
    for name, schema in fields.items():
        if is_schema(schema):
            yield base / name, schema, False
            for path, inner in _inside(base / name, schema):
                yield path, inner, True


def _inside(path: Path, schema: Schema) -> Iterator[tuple[Path, Schema]]:
    held = [(path / keyword, schema.get(keyword)) for keyword in ("items", "additionalProperties")]
    held += [(path / "properties" / name, inner) for name, inner in part(schema, "properties").items()]
    held += [(path / "anyOf" / Item(index), inner) for index, inner in enumerate(listed(schema, "anyOf"))]
    for below, inner in held:
        if is_schema(inner):
            yield below, inner
            yield from _inside(below, inner)
