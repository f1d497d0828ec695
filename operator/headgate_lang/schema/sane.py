"""Whether a schema is one: what the compiler asks of every schema that somebody wrote.

Small on purpose: what is not in `keywords` is refused with what to write instead, so that a slip never passes as an
annotation that nobody reads.
"""

from collections.abc import Iterator
from typing import Any

from headgate_lang.near import did_you_mean
from headgate_lang.schema.checking import MAX_VIOLATIONS, Kind, Violation, check
from headgate_lang.schema.keywords import (
    INSTEAD,
    KEYWORDS,
    OF_TYPE,
    OTHER,
    SLIPS,
    TYPES,
    Schema,
    is_schema,
    is_special,
    types_of,
)
from headgate_lang.schema.scalars import MAX_PATTERN, why_no_pattern

MAX_DEPTH = 16
MAX_ENUM = 500

_COUNTS = frozenset(f"{side}{what}" for side in ("min", "max") for what in ("Length", "Items", "Properties"))
_NUMBERS = frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"})
_TEXTS = frozenset({"description", "title", "format", "$schema", "$comment"})
_FLAGS = frozenset({"optional", "uniqueItems", "deprecated"})

_Path = tuple[str | int, ...]


def check_schema(schema: Any) -> tuple[Violation, ...]:
    """Everything that is wrong with one schema."""
    return _first(_schema(schema, (), 0))


def check_form(fields: Any) -> tuple[Violation, ...]:
    """Everything that is wrong with a form: name → JSON Schema."""
    if not is_schema(fields):
        return (_fault((), "must be a map: name → JSON Schema", "write `name: {type: string}`"),)
    return _first(fault for name, schema in fields.items() for fault in _field(str(name), schema))


def _first(faults: Iterator[Violation]) -> tuple[Violation, ...]:
    return tuple(fault for fault, _ in zip(faults, range(MAX_VIOLATIONS), strict=False))


def _fault(path: _Path, message: str, remedy: str) -> Violation:
    return Violation(path, Kind.SCHEMA, message, remedy)


def _field(name: str, schema: Any) -> Iterator[Violation]:
    if is_special(name) and name != OTHER:
        return
    yield from _schema(schema, (name,), 0)
    if is_schema(schema) and "default" in schema and schema.get("optional") is True:
        yield _fault((name, "optional"), "is said of a field with a default, which is always there", "leave it out")


def _schema(schema: Any, path: _Path, depth: int) -> Iterator[Violation]:
    if not is_schema(schema):
        slip = SLIPS.get(schema, schema) if isinstance(schema, str) else None
        written = f"{{type: {slip}}}" if slip in TYPES else "{type: string}"
        yield _fault(path, "must be a JSON Schema", f"write `{written}`")
        return
    if depth > MAX_DEPTH:
        yield _fault(path[:3], f"is nested deeper than {MAX_DEPTH}", "leave the inner type out")
        return
    faulty = False
    for keyword, value in schema.items():
        for fault in _keyword(str(keyword), value, schema, path, depth):
            faulty = True
            yield fault
    if not faulty:
        yield from _together(schema, path)


def _keyword(keyword: str, value: Any, schema: Schema, path: _Path, depth: int) -> Iterator[Violation]:
    at = (*path, keyword)
    if keyword.startswith("x-") or keyword in ("default", "const", "examples"):
        return
    if keyword not in KEYWORDS:
        yield _unknown(keyword, at)
    elif keyword == "type":
        yield from _type(value, at)
    elif keyword in ("items", "additionalProperties", "anyOf", "properties"):
        yield from _inner(keyword, value, at, depth)
    elif keyword == "required":
        yield from _required(value, schema, at)
    elif wanted := _wanted(keyword, value):
        yield _fault(at, f"must be {wanted}", f"write {wanted}")
    elif keyword == "pattern" and (why := _bad_pattern(value)):
        yield _fault(at, f"is no pattern of RE2: {why}", "RE2 has no lookaround and no back references")


def _unknown(keyword: str, at: _Path) -> Violation:
    if instead := INSTEAD.get(keyword):
        return _fault(at, f"`{keyword}` is left out of Headgate's schemas", instead)
    near = did_you_mean(keyword, KEYWORDS)
    return _fault(at, f"there is no keyword `{keyword}`", near or "leave it out, or call it `x-…`")


def _type(value: Any, at: _Path) -> Iterator[Violation]:
    names = value if isinstance(value, list) and value else [value]
    for name in names:
        if not isinstance(name, str) or name not in TYPES:
            meant = SLIPS.get(name) if isinstance(name, str) else None
            near = did_you_mean(str(name), TYPES)
            remedy = f"write `{meant}`" if meant else near or f"write one of {', '.join(TYPES)}"
            if meant == "":
                remedy = "leave it out: without a type any value is allowed, and `optional: true` allows none"
            yield _fault(at, f"`{name}` is no type", remedy)


def _inner(keyword: str, value: Any, at: _Path, depth: int) -> Iterator[Violation]:
    if keyword == "additionalProperties" and isinstance(value, bool):
        return
    if keyword == "properties":
        if not is_schema(value):
            yield _fault(at, "must be a map: name → JSON Schema", "write `name: {type: string}`")
            return
        for name, schema in value.items():
            yield from _schema(schema, (*at, str(name)), depth + 1)
    elif keyword == "anyOf":
        if not isinstance(value, list) or not value:
            yield _fault(at, "must be a list of JSON Schemas", "write `anyOf: [{type: string}, {type: integer}]`")
            return
        for index, schema in enumerate(value):
            yield from _schema(schema, (*at, index), depth + 1)
    else:
        yield from _schema(value, at, depth + 1)


def _required(value: Any, schema: Schema, at: _Path) -> Iterator[Violation]:
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        remedy = "leave it out: a field is required unless it has a `default` or says `optional: true`"
        yield _fault(at, "must be a list of names, and stands in schemas of objects", remedy)
        return
    properties = schema.get("properties")
    for name in value:
        if is_schema(properties) and name not in properties and not is_schema(schema.get("additionalProperties")):
            near = did_you_mean(name, properties) or f"add it to `properties`, or take `{name}` out"
            yield _fault(at, f"names `{name}`, which is no property", near)


def _wanted(keyword: str, value: Any) -> str:
    """What a keyword should hold; nothing if it does."""
    whole = isinstance(value, int) and not isinstance(value, bool)
    if keyword in _COUNTS:
        return "" if whole and value >= 0 else "a whole number, 0 or more"
    if keyword in _NUMBERS:
        return "" if whole or isinstance(value, float) else "a number"
    if keyword in _TEXTS or keyword == "pattern":
        return "" if isinstance(value, str) else "a text"
    if keyword in _FLAGS:
        return "" if isinstance(value, bool) else "true or false"
    is_list = isinstance(value, list) and 0 < len(value) <= MAX_ENUM
    return "" if is_list else f"a list of 1 to {MAX_ENUM} values"


def _bad_pattern(pattern: str) -> str | None:
    if len(pattern) > MAX_PATTERN:
        return f"it is longer than {MAX_PATTERN}"
    return why_no_pattern(pattern)


def _together(schema: Schema, path: _Path) -> Iterator[Violation]:
    """What only makes sense together: bounds the right way round, keywords of the type, a default that fits."""
    for least, most in _PAIRS:
        if least in schema and most in schema and schema[least] > schema[most]:
            message = f"is {schema[least]}, more than `{most}`, which is {schema[most]}"
            yield _fault((*path, least), message, "swap the two")
    types = set(types_of(schema))
    for type_, keywords in OF_TYPE.items():
        if types and type_ not in types and not (type_ == "number" and "integer" in types):
            for keyword in sorted(keywords & schema.keys()):
                remedy = f"take it out, or write `type: {type_}`"
                yield _fault(
                    (*path, keyword), f"says nothing of {' or '.join(TYPES[one] for one in sorted(types))}", remedy
                )
    if "default" in schema:
        for fault in check(schema["default"], schema):
            yield _fault((*path, "default", *fault.path), fault.message, fault.remedy or "make the two agree")


_PAIRS = [("minimum", "maximum"), *((f"min{what}", f"max{what}") for what in ("Length", "Items", "Properties"))]
