"""A path followed through a schema: what stands there, or why nothing can. No engine: two microseconds a step."""

from dataclasses import dataclass

from headgate.compiler.types.shapes import HIDDEN, UNKNOWN, Type
from headgate_lang.flaw import Flaw
from headgate_lang.near import did_you_mean
from headgate_lang.paths import Reference, Step, spell
from headgate_lang.schema.keywords import TYPES, Schema, is_schema, types_of

_MOST_TOLD = 8


@dataclass(frozen=True, slots=True)
class Walked:
    """Where a path leads, as far as it leads anywhere."""

    type: Type
    flaws: tuple[Flaw, ...] = ()


def walk(reference: Reference, root: Schema) -> Walked:
    """Follow a path from the schema of its root. What may be absent and is read as if it were not, is a flaw."""
    schema, optional = root, False
    absent: list[Flaw] = []
    for depth, step in enumerate(reference.steps):
        optional = optional or step.optional
        found = _step(schema, step, reference, depth)
        if isinstance(found, Flaw):
            return Walked(Type(UNKNOWN.schema, optional), (*absent, found))
        schema = found
        if schema.get("optional") is True and not (optional or step.tested):
            absent.append(_may_be_absent(reference, depth))
        if step.tested:
            return Walked(Type({"type": "boolean"}), tuple(absent))
    return Walked(Type(schema, optional), tuple(absent))


def _step(schema: Schema, step: Step, reference: Reference, depth: int) -> Schema | Flaw:
    types = types_of(schema)
    if len(types) != 1 or "anyOf" in schema:
        return UNKNOWN.schema
    if types[0] == "array" and not isinstance(step.key, str):
        return _schema(schema.get("items"))
    if types[0] == "object" and not isinstance(step.key, int):
        return _member(schema, step, reference, depth)
    return _wrong_kind(types[0], step, reference, depth)


def _member(schema: Schema, step: Step, reference: Reference, depth: int) -> Schema | Flaw:
    properties, others = schema.get("properties"), schema.get("additionalProperties")
    known = properties if is_schema(properties) else {}
    if isinstance(step.key, str) and step.key in known:
        return _schema(known[step.key])
    if step.key is None or others is True or is_schema(others) or (not known and others is not False):
        return _schema(others)
    message = f"`{_spelled(reference, depth)}` has no field `{step.key}`"
    return Flaw("UnknownField", message, names_told(str(step.key), known), *_span(step))


def _span(step: Step) -> tuple[int, int]:
    """The name alone, without the dot before it."""
    length = len(step.key) if isinstance(step.key, str) else step.end - step.start
    return max(step.start, step.end - length), step.end


def names_told(name: str, known: Schema) -> str:
    """The remedy for a field that is not there: all that are, or the one that was meant."""
    names = [one for one, schema in known.items() if not (is_schema(schema) and schema.get(HIDDEN))]
    if len(names) > _MOST_TOLD:
        return did_you_mean(name, names) or f"it has {', '.join(names[:_MOST_TOLD])} and {len(names) - _MOST_TOLD} more"
    return f"it has {', '.join(names)}" if names else "it has no fields"


def _wrong_kind(type_: str, step: Step, reference: Reference, depth: int) -> Flaw:
    where, kind = _spelled(reference, depth), TYPES.get(type_, type_)
    if isinstance(step.key, int):
        message, remedy = f"`{where}` is {kind}, and has no item {step.key}", "take the `[…]` out, or read a list"
    else:
        message, remedy = f"`{where}` is {kind}, and has no field `{step.key or '…'}`", f"read `{where}` alone"
        if type_ == "array":
            remedy = f"write `{where}[0]` for its first item, or `{where}.map(x, x.{step.key})` for all"
    return Flaw("UnknownField", message, remedy, *_span(step))


def _may_be_absent(reference: Reference, depth: int) -> Flaw:
    path, step = _spelled(reference, depth + 1), reference.steps[depth]
    optional = f"{_spelled(reference, depth)}.?{step.key}"
    remedy = f"write `{optional}`, in a text `{optional}.orValue('')`"
    return Flaw("MayBeAbsent", f"`{path}` is optional, and may be absent", remedy, *_span(step))


def _spelled(reference: Reference, depth: int) -> str:
    return spell(reference.root, [step.key for step in reference.steps[:depth]])


def _schema(schema: object) -> Schema:
    return schema if is_schema(schema) else UNKNOWN.schema
