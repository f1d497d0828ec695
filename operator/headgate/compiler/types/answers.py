"""The engine's names of types, as schemas: what an expression yields. Used by `checker`."""

from collections.abc import Mapping

from headgate.compiler.types.shapes import UNKNOWN, Type
from headgate_lang.overloads import split_types
from headgate_lang.schema.keywords import Schema

_SCALARS: Mapping[str, Type] = {
    "STRING": Type({"type": "string"}),
    "INT": Type({"type": "integer"}),
    "UINT": Type({"type": "integer"}),
    "DOUBLE": Type({"type": "number"}),
    "BOOL": Type({"type": "boolean"}),
    "TIMESTAMP": Type({"type": "string", "format": "date-time"}),
    "BYTES": Type({}, no_value="bytes"),
    "DURATION": Type({}, no_value="a duration"),
}


def type_named(name: str, messages: Mapping[str, Schema]) -> Type:
    """Read `optional_type<LIST<hg.M3>>`."""
    head, _, rest = name.partition("<")
    inner = [type_named(one, messages) for one in split_types(rest.removesuffix(">"))]
    match head, inner:
        case "optional_type", [held]:
            return Type(held.schema, optional=True, no_value=held.no_value)
        case "LIST", [item]:
            return Type({"type": "array", "items": item.schema})
        case "MAP", [_, value]:
            return Type({"type": "object", "additionalProperties": value.schema or True})
        case "TYPE", _:
            return Type({}, no_value="a type")
    if head in messages:
        return Type(messages[head])
    return _SCALARS.get(head, UNKNOWN)
