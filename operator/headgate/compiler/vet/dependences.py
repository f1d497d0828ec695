"""Outputs that depend on parameters: on some that there are, and that can say what an output is (LANGUAGE §1.11)."""

from collections.abc import Iterator, Mapping
from typing import Any

from headgate.api.nodetype import NodeTypeSpec
from headgate.compiler.check.dependence import Way
from headgate.compiler.reasons import ProblemReason
from headgate.compiler.types.walk import names_told
from headgate.errors import SPEC, Path, Problem
from headgate_lang.near import did_you_mean
from headgate_lang.schema.fields import as_schema
from headgate_lang.schema.keywords import Schema, is_open, is_schema, part, types_of

_WITH = "with"


def check_dependences(spec: NodeTypeSpec) -> Iterator[Problem]:
    """Of the output as a whole, then of its fields."""
    base, whole = SPEC / "output", [way for way in Way if way in spec.output]
    yield from _ways(base, spec.output, spec)
    if whole and len(spec.output) > len(whole):
        message = f"`{whole[0]}` says what the whole output is, so what stands beside it is read by nobody"
        remedy = f"write `{whole[0]}` inside one of the fields, or take the others out"
        yield _invalid(base / whole[0], message, remedy)
    for name, schema in spec.output.items():
        if is_schema(schema):
            yield from _ways(base / name, schema, spec)


def _ways(path: Path, schema: Mapping[str, Any], spec: NodeTypeSpec) -> Iterator[Problem]:
    ways = [way for way in Way if way in schema]
    for way in ways:
        yield from _source(path / way, way, schema[way], spec)
    if len(ways) > 1:
        yield _invalid(path / ways[1], f"`{ways[0]}` says already what it is", "take one of the two out")


def _source(path: Path, way: Way, source: Any, spec: NodeTypeSpec) -> Iterator[Problem]:
    head, *keys = source.split(".") if isinstance(source, str) else [""]
    if head != _WITH or not all(keys):
        message = "it names a parameter: `with`, or `with.` and its name"
        is_bare = isinstance(source, str) and source in spec.params
        remedy = f"did you mean `with.{source}`?" if is_bare else "write `with.schema`, for instance"
        yield _invalid(path, message, remedy)
        return
    schema: Schema = as_schema(spec.params)
    for depth, key in enumerate(keys):
        known = part(schema, "properties")
        if key not in known and not _may_have(schema):
            named = ".".join((_WITH, *keys[:depth]))
            remedy = did_you_mean(key, known) or names_told(key, known)
            message = f"there is no parameter `{key}`" if not depth else f"`{named}` has no field `{key}`"
            yield Problem(path, ProblemReason.UNKNOWN_PARAMETER, message, remedy)
            return
        held = known.get(key, schema.get("additionalProperties"))
        schema = held if is_schema(held) else {}
    if way is not Way.TYPE and types_of(schema) not in ((), ("object",)):
        what = "a form, name → JSON Schema" if way is Way.FIELDS else "a JSON Schema"
        yield _invalid(path, f"`{source}` is never {what}", f"write `x-type-of: {source}`, or make it an object")


def _may_have(schema: Schema) -> bool:
    """Whether there may be fields that the schema does not name."""
    return types_of(schema) in ((), ("object",)) and is_open(schema)


def _invalid(path: Path, message: str, remedy: str) -> Problem:
    return Problem(path, ProblemReason.INVALID_SCHEMA, message, remedy)
