"""Whether what an expression yields can be what a place takes. Only certain mismatches are told: unknowns pass."""

from headgate.compiler.types.shapes import Type
from headgate_lang.flaw import Flaw
from headgate_lang.paths import spell
from headgate_lang.schema.keywords import TYPES, Schema, is_schema, types_of

_CONVERSIONS = {
    ("string", "integer"): "write `int(x)`",
    ("string", "number"): "write `double(x)`",
    ("integer", "string"): "write `string(x)`",
    ("number", "string"): "write `string(x)`",
    ("boolean", "string"): "write `string(x)`",
    ("array", "string"): "write `x.map(i, string(i)).join(', ')`, or take one item: `x[0]`",
}
_NO_VALUE = {"bytes": "write `base64.encode(x)` or `string(x)`", "a duration": "write `string(x)`"}


def misfit(given: Type, wanted: Schema) -> Flaw | None:
    """Why a value of this type certainly has not this schema; None if it may. That it may be absent is not asked."""
    if given.no_value:
        return _flaw(f"it is {given.no_value}, which no JSON can carry", _NO_VALUE.get(given.no_value, "take it out"))
    return _misfit(given.schema, wanted, ())


def text_misfit(given: Type) -> Flaw | None:
    """Why a value of this type cannot stand in a text."""
    if given.optional:
        return Flaw("MayBeAbsent", "it may be absent, which is no text", "write `.orValue('')` after it")
    return misfit(given, {})


def _flaw(message: str, remedy: str) -> Flaw:
    return Flaw("TypeMismatch", message, remedy)


def _misfit(given: Schema, wanted: Schema, at: tuple[str | int | None, ...]) -> Flaw | None:
    if "anyOf" in given:
        return None
    if isinstance(branches := wanted.get("anyOf"), list):
        misfits = [_misfit(given, branch, at) for branch in branches if is_schema(branch)]
        return misfits[0] if misfits and all(misfits) else None
    types, takes = types_of(given), types_of(wanted)
    if types and takes and not any(_fits(one, other) for one in types for other in takes):
        is_, must_be = (" or ".join(TYPES.get(one, one) for one in names) for names in (types, takes))
        remedy = _CONVERSIONS.get((types[0], takes[0]), f"read something that is {must_be}")
        return _flaw(f"{_named(at)} is {is_}, must be {must_be}", remedy)
    if flaw := _enum_misfit(given, wanted, at):
        return flaw
    if types == ("array",) and is_schema(given.get("items")) and is_schema(wanted.get("items")):
        return _misfit(given["items"], wanted["items"], (*at, None))
    return _members_misfit(given, wanted, at) if types == ("object",) else None


def _fits(given: str, taken: str) -> bool:
    """A number may be whole: whether it is, is known when it is there."""
    return given == taken or {given, taken} == {"integer", "number"}


def _enum_misfit(given: Schema, wanted: Schema, at: tuple[str | int | None, ...]) -> Flaw | None:
    can_be, may_be = (
        schema.get("enum", [schema["const"]] if "const" in schema else None) for schema in (given, wanted)
    )
    if not isinstance(can_be, list) or not isinstance(may_be, list) or any(one in may_be for one in can_be):
        return None
    told = [", ".join(str(one) for one in values[:8]) for values in (can_be, may_be)]
    return _flaw(f"{_named(at)} is one of {told[0]}, must be one of {told[1]}", "translate it: `x == 'a' ? 'b' : 'c'`")


def _members_misfit(given: Schema, wanted: Schema, at: tuple[str | int | None, ...]) -> Flaw | None:
    has, takes = given.get("properties"), wanted.get("properties", {})
    if not is_schema(has) or not is_schema(takes):
        return None
    is_closed = given.get("additionalProperties") is False
    for name in wanted.get("required", ()):
        if is_closed and name not in has:
            names = ", ".join(has) or "nothing"
            return _flaw(f"{_named(at)} has no `{name}`, which must be there: it has {names}", f"give it a `{name}`")
    for name, schema in has.items():
        if is_schema(schema) and is_schema(takes.get(name)) and (flaw := _misfit(schema, takes[name], (*at, name))):
            return flaw
        if name not in takes and wanted.get("additionalProperties") is False:
            names = ", ".join(takes) or "nothing"
            return _flaw(f"{_named(at)} has `{name}`, which is not taken", f"make a map of what is: {names}")
    return None


def _named(at: tuple[str | int | None, ...]) -> str:
    return f"`{spell('it', list(at))}`" if at else "it"
