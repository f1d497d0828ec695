"""Whether a value has a schema: every way in which it has not, with its path.

Asked by the runtime for parameters and outputs, by the operator for inputs, answers and corrections, and by the
compiler for what stands in a workflow, where a text with `${…}` in it is not known yet (`check_written`).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from headgate_lang.near import did_you_mean
from headgate_lang.paths import kind_of
from headgate_lang.schema.keywords import TYPES, Schema, is_open, is_schema, listed, part, types_of
from headgate_lang.schema.scalars import number_faults, text_faults
from headgate_lang.template import has_expression
from headgate_lang.text import compact

MAX_VIOLATIONS = 100
MAX_DEPTH = 100

Key = str | int


class Kind(StrEnum):
    """How a value misses its schema."""

    TYPE = "Type"
    MISSING = "Missing"
    UNKNOWN = "Unknown"
    VALUE = "Value"
    SCHEMA = "Schema"
    """It is the schema that is none."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One way in which a value misses its schema. The message goes on where the path ends: `is 7, must be below 5`."""

    path: tuple[Key, ...]
    kind: Kind
    message: str
    remedy: str = ""

    def __str__(self) -> str:
        where = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in self.path).lstrip(".")
        remedy = f": {self.remedy}" if self.remedy else ""
        return f"{where}{' ' if where else ''}{self.message}{remedy}"


@dataclass(frozen=True, slots=True)
class Computed:
    """A text with an expression, where a value of this schema must come out."""

    path: tuple[Key, ...]
    text: str
    schema: Schema


@dataclass(frozen=True, slots=True)
class Written:
    """What is known of a value before its expressions are evaluated."""

    violations: tuple[Violation, ...] = ()
    computed: tuple[Computed, ...] = ()


def check(value: Any, schema: Schema) -> tuple[Violation, ...]:
    """Every way in which a value misses a schema, at most a hundred."""
    return _Check(written=False).run(value, schema).violations


def check_written(value: Any, schema: Schema) -> Written:
    """The same for a value as it stands in a workflow: texts with `${…}` are handed back with what must come out."""
    return _Check(written=True).run(value, schema)


@dataclass
class _Check:
    written: bool
    violations: list[Violation] = field(default_factory=list)
    computed: list[Computed] = field(default_factory=list)

    def run(self, value: Any, schema: Schema) -> Written:
        try:
            self.value(value, schema, ())
        except RecursionError:
            self.add((), Kind.VALUE, "is nested too deep", "flatten it, or pass it as a text")
        return Written(tuple(self.violations), tuple(self.computed))

    def add(self, path: tuple[Key, ...], kind: Kind, message: str, remedy: str) -> None:
        if len(self.violations) < MAX_VIOLATIONS:
            self.violations.append(Violation(path, kind, message, remedy))

    def value(self, value: Any, schema: Schema, path: tuple[Key, ...]) -> None:
        if self.written and isinstance(value, str) and has_expression(value):
            self.computed.append(Computed(path, value, schema))
            return
        if len(path) > MAX_DEPTH:
            self.add(path[:3], Kind.VALUE, f"is nested deeper than {MAX_DEPTH}", "pass it as a text, or flatten it")
            return
        if not self.of_type(value, schema, path) or not self.of_any(value, schema, path):
            return
        self.one_of(value, schema, path)
        if isinstance(value, dict):
            self.members(value, schema, path)
        elif isinstance(value, list):
            self.items(value, schema, path)
        else:
            for message, remedy in _faults(value)(value, schema):
                self.add(path, Kind.VALUE, message, remedy)

    def of_type(self, value: Any, schema: Schema, path: tuple[Key, ...]) -> bool:
        types = types_of(schema)
        if value is not None and (not types or any(_is(value, name) for name in types)):
            return True
        wanted = " or ".join(TYPES.get(name, name) for name in types) or "something"
        self.add(path, Kind.TYPE, f"is {kind_of(value)}, must be {wanted}", _type_remedy(value, types))
        return False

    def of_any(self, value: Any, schema: Schema, path: tuple[Key, ...]) -> bool:
        branches = [branch for branch in listed(schema, "anyOf") if is_schema(branch)]
        if not branches:
            return True
        tries = []
        for branch in branches:
            attempt = _Check(self.written)
            attempt.value(value, branch, path)
            if not attempt.violations:
                self.computed.extend(attempt.computed)
                return True
            tries.append(attempt.violations)
        nearest = max(tries, key=lambda found: (max(len(one.path) for one in found), -len(found)))
        self.violations.extend(nearest[: MAX_VIOLATIONS - len(self.violations)])
        return False

    def one_of(self, value: Any, schema: Schema, path: tuple[Key, ...]) -> None:
        allowed = [schema["const"]] if "const" in schema else schema.get("enum")
        if not isinstance(allowed, list) or any(_same(value, one) for one in allowed):
            return
        if self.written and _has_expression(value):
            return
        shown = ", ".join(_shown(one) for one in allowed[:20])
        message = f"is {_shown(value)}, must be {'one of ' if len(allowed) > 1 else ''}{shown}"
        texts = [one for one in allowed if isinstance(one, str)]
        near = did_you_mean(value, texts) if isinstance(value, str) else ""
        self.add(path, Kind.VALUE, message, near or "write one of these")

    def members(self, value: dict[str, Any], schema: Schema, path: tuple[Key, ...]) -> None:
        given = {name: member for name, member in value.items() if member is not None}
        properties, others = part(schema, "properties"), schema.get("additionalProperties", True)
        for name in listed(schema, "required"):
            if isinstance(name, str) and name not in given:
                self.missing(path, name, part(properties, name))
        for name, member in given.items():
            if name in properties:
                self.value(member, part(properties, name), (*path, name))
            elif is_schema(others):
                self.value(member, others, (*path, name))
            elif not is_open(schema):
                self.unknown((*path, name), name, properties)
        self.count(path, len(given), schema, "Properties", "field")

    def missing(self, path: tuple[Key, ...], name: str, schema: Schema) -> None:
        wanted = " or ".join(TYPES.get(one, one) for one in types_of(schema)) or "a value"
        self.add(path, Kind.MISSING, f"lacks `{name}`", f"write `{name}:` and {wanted}")

    def unknown(self, path: tuple[Key, ...], name: str, known: Schema) -> None:
        names = [one for one in known if one != name]
        remedy = did_you_mean(name, names) or (f"it takes {', '.join(names[:20])}" if names else "it takes no fields")
        self.add(path, Kind.UNKNOWN, "is not known here", remedy)

    def items(self, value: list[Any], schema: Schema, path: tuple[Key, ...]) -> None:
        if items := part(schema, "items"):
            for index, item in enumerate(value):
                self.value(item, items, (*path, index))
        self.count(path, len(value), schema, "Items", "item")
        if schema.get("uniqueItems") is True and not (self.written and _has_expression(value)):
            seen: dict[str, int] = {}
            for index, item in enumerate(value):
                first = seen.setdefault(compact(item), index)
                if first != index:
                    self.add((*path, index), Kind.VALUE, f"is the same as item {first}", "name each only once")

    def count(self, path: tuple[Key, ...], count: int, schema: Schema, what: str, word: str) -> None:
        least, most = schema.get(f"min{what}"), schema.get(f"max{what}")
        has = f"has {count} {word}{'' if count == 1 else 's'}"
        if isinstance(least, int) and count < least:
            self.add(path, Kind.VALUE, f"{has}, must have at least {least}", f"add {least - count}")
        if isinstance(most, int) and count > most:
            self.add(path, Kind.VALUE, f"{has}, must have at most {most}", f"take {count - most} out")


def _faults(value: Any) -> Callable[[Any, Schema], Iterator[tuple[str, str]]]:
    if isinstance(value, bool):
        return lambda _value, _schema: iter(())
    return text_faults if isinstance(value, str) else number_faults


_PYTHON_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
}


def _is(value: Any, type_: str) -> bool:
    if type_ in ("integer", "number"):
        if isinstance(value, float):
            return type_ == "number" or value.is_integer()
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, _PYTHON_TYPES.get(type_, ()))


def _type_remedy(value: Any, types: tuple[str, ...]) -> str:
    if isinstance(value, str):
        if value in ("true", "false") and "boolean" in types:
            return f"write {value} without quotes"
        if {"integer", "number"} & set(types) and value.strip().removeprefix("-").replace(".", "", 1).isdigit():
            return f"write {value} without quotes"
    if types == ("string",) and isinstance(value, bool | int | float):
        return f'write "{compact(value)}" in quotes'
    if types == ("array",):
        return f"write a list: [{_shown(value) if not isinstance(value, dict) else '…'}]"
    return f"write {' or '.join(TYPES.get(name, name) for name in types)}" if types else "leave it out"


def _same(left: Any, right: Any) -> bool:
    """JSON's equality: `true` is not 1, at any depth."""
    return left == right and compact(left) == compact(right)


def _has_expression(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_has_expression(member) for member in value.values())
    if isinstance(value, list):
        return any(_has_expression(item) for item in value)
    return isinstance(value, str) and has_expression(value)


def _shown(value: Any) -> str:
    text = compact(value)
    return text if len(text) <= 60 else f"{text[:57]}…"
