"""Schemas as protocol buffer messages, which is how CEL's checker knows types (LANGUAGE §6). Used by `checker`.

What has no message is dynamic: objects that are open or have names that are no identifiers become maps, several types
become any value.
"""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from headgate_lang.paths import KEYWORDS
from headgate_lang.schema.keywords import Schema, is_schema, types_of

if TYPE_CHECKING:
    from google.protobuf.descriptor_pb2 import DescriptorProto, FieldDescriptorProto

PACKAGE = "hg"
ROOTS_MESSAGE = f"{PACKAGE}.M0"
_FILE = "headgate.proto"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ANY = ".google.protobuf.Value"
_DYNAMIC = {"object": ".google.protobuf.Struct", "array": ".google.protobuf.ListValue"}
_MAX_DEPTH = 16
_MAX_FIELDS = 1000


class Messages:
    """The messages of one set of roots. The roots are fields `r0`, `r1`, … of the message `ROOTS_MESSAGE`."""

    def __init__(self, roots: Sequence[Schema]) -> None:
        from google.protobuf import descriptor_pb2, struct_pb2  # noqa: PLC0415 - costs a tenth of a second
        from google.protobuf.descriptor_pool import DescriptorPool  # noqa: PLC0415 - as above

        self._protobuf = descriptor_pb2
        self._file = descriptor_pb2.FileDescriptorProto(name=_FILE, package=PACKAGE, syntax="proto2")
        self._file.dependency.append(struct_pb2.DESCRIPTOR.name)
        self.schemas: dict[str, Schema] = {}
        """The schema that each message stands for, by its full name."""
        self._message({"properties": {f"r{index}": root for index, root in enumerate(roots)}}, 0)
        self.pool = DescriptorPool()
        self.pool.AddSerializedFile(struct_pb2.DESCRIPTOR.serialized_pb)
        self.pool.Add(self._file)

    def _message(self, schema: Schema, depth: int) -> str:
        message = self._file.message_type.add(name=f"M{len(self._file.message_type)}")
        name = f"{PACKAGE}.{message.name}"
        self.schemas[name] = schema
        for number, (field_name, member) in enumerate(schema["properties"].items(), 1):
            # a name of its own for JSON, or protobuf warns where two differ in capitals only
            field = message.field.add(name=field_name, number=number, json_name=f"f{number}")
            self._field(field, member, message, depth + 1)
        return f".{name}"

    def _field(self, field: "FieldDescriptorProto", schema: Any, message: "DescriptorProto", depth: int) -> None:
        """Lists and maps of one type can only be said of a field: inside one another they are dynamic."""
        kinds = self._protobuf.FieldDescriptorProto
        type_ = _only_type(schema)
        if type_ == "array":
            self._one(field, schema.get("items"), depth)
            field.label = kinds.LABEL_REPEATED
        elif type_ == "object" and "properties" not in schema and is_schema(schema.get("additionalProperties")):
            entry = message.nested_type.add(name=f"{''.join(part.capitalize() for part in field.name.split('_'))}Entry")
            entry.options.map_entry = True
            entry.field.add(name="key", number=1, label=kinds.LABEL_OPTIONAL, type=kinds.TYPE_STRING)
            self._one(entry.field.add(name="value", number=2), schema["additionalProperties"], depth)
            field.label, field.type = kinds.LABEL_REPEATED, kinds.TYPE_MESSAGE
            field.type_name = f".{PACKAGE}.{message.name}.{entry.name}"
        else:
            self._one(field, schema, depth)

    def _one(self, field: "FieldDescriptorProto", schema: Any, depth: int) -> None:
        kinds = self._protobuf.FieldDescriptorProto
        scalars = {
            "string": kinds.TYPE_STRING,
            "integer": kinds.TYPE_INT64,
            "number": kinds.TYPE_DOUBLE,
            "boolean": kinds.TYPE_BOOL,
        }
        field.label = kinds.LABEL_OPTIONAL
        type_ = _only_type(schema) if depth < _MAX_DEPTH else None
        if type_ in scalars:
            field.type = scalars[type_]
            return
        field.type = kinds.TYPE_MESSAGE
        if type_ == "object" and _is_closed(schema):
            field.type_name = self._message(schema, depth)
        else:
            field.type_name = _DYNAMIC.get(type_ or "", _ANY)


def _only_type(schema: Any) -> str | None:
    """The type of a schema that allows just one; an array or object is told from a scalar by it."""
    if not is_schema(schema) or "anyOf" in schema:
        return None
    types = types_of(schema)
    return types[0] if len(types) == 1 else None


def _is_closed(schema: Schema) -> bool:
    """Whether the fields of an object are known, and can be names of a message."""
    properties, others = schema.get("properties"), schema.get("additionalProperties")
    if not is_schema(properties) or others is True or is_schema(others):
        return False
    if not properties:
        return others is False
    return len(properties) <= _MAX_FIELDS and all(_is_name(name) for name in properties)


def _is_name(name: object) -> bool:
    return isinstance(name, str) and _NAME.fullmatch(name) is not None and name not in KEYWORDS
