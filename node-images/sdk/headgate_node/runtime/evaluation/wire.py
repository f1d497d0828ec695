"""What passes between the worker and an evaluator: frames over a socket, a length and then `marshal`.

Both ends are the same program, forked; nothing that comes from outside is read by it.
"""

import marshal
import socket
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

_LENGTH = struct.Struct("!I")
HEADER = _LENGTH.size


class Job(NamedTuple):
    """One expression, and documents of its own beside the common ones, such as one `item`."""

    source: str
    own: Mapping[str, Any] | None = None
    own_schemas: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """A value (which may be ABSENT), or why there is none."""

    value: Any = None
    message: str | None = None
    remedy: str = ""


def pack(value: Any) -> bytes:
    body = marshal.dumps(value)
    return _LENGTH.pack(len(body)) + body


def unpack(body: bytes) -> Any:
    return marshal.loads(body)  # noqa: S302 - from our own process


def length_of(header: bytes) -> int:
    length: int = _LENGTH.unpack(header)[0]
    return length


def receive(connection: socket.socket) -> Any:
    """The next frame. Raises EOFError when the other end is closed."""
    return unpack(_exactly(connection, length_of(_exactly(connection, HEADER))))


def _exactly(connection: socket.socket, size: int) -> bytes:
    data = bytearray()
    while len(data) < size:
        piece = connection.recv(min(size - len(data), 1 << 20))
        if not piece:
            raise EOFError
        data += piece
    return bytes(data)
