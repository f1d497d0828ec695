"""Protocol buffers, read without their library: as much as the syntax tree of an expression needs.

Used by `syntax` only. The tree comes from the engine itself, so malformed bytes are an error of ours, not of a user.
"""

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


class Message:
    """One message, its fields by number. What a message does not hold reads as zero, "" or an empty message."""

    __slots__ = ("_fields",)

    def __init__(self, data: bytes) -> None:
        self._fields: dict[int, list[int | bytes]] = {}
        at, end = 0, len(data)
        while at < end:
            tag, at = _varint(data, at)
            value, at = _value(data, at, tag & 7)
            self._fields.setdefault(tag >> 3, []).append(value)

    def __contains__(self, field: int) -> bool:
        return field in self._fields

    def number(self, field: int) -> int:
        value = self._fields.get(field, [0])[-1]
        return value if isinstance(value, int) else 0

    def text(self, field: int) -> str:
        return self._bytes(field)[-1].decode()

    def one(self, field: int) -> "Message":
        return Message(self._bytes(field)[-1])

    def all(self, field: int) -> "list[Message]":
        return [Message(data) for data in self._bytes(field)] if field in self._fields else []

    def _bytes(self, field: int) -> list[bytes]:
        return [value for value in self._fields.get(field, [b""]) if isinstance(value, bytes)]


def _value(data: bytes, at: int, kind: int) -> tuple[int | bytes, int]:
    if kind == _VARINT:
        return _varint(data, at)
    if kind == _BYTES:
        size, at = _varint(data, at)
    elif kind in (_FIXED64, _FIXED32):
        size = 8 if kind == _FIXED64 else 4
    else:
        raise ValueError(f"unknown wire type {kind}")
    return data[at : at + size], at + size


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = data[at]
    if value < 0x80:
        return value, at + 1
    value &= 0x7F
    shift = 7
    while True:
        at += 1
        byte = data[at]
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at + 1
        shift += 7
