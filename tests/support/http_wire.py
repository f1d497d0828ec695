"""A network for tests of the guarded HTTP client that is none: it records who connects where, and answers by a script.

Used by tests/unit/node_http. `Names` is a DNS whose answers may change from one look-up to the next.
"""

from collections.abc import Callable, Sequence
from ipaddress import ip_address
from typing import Any

import httpcore

from headgate_lang.addresses import Address

ALLOWED = "93.184.215.14"
"""What `allowed.example` leads to: a public address."""

Script = Callable[[bytes], bytes]
"""From the head and body of a request to all that is answered, as bytes on the wire."""


def build_answer(body: bytes = b"ok", *headers: str, status: str = "200 OK") -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class Names:
    """A DNS: for each name, the answers of the first look-up, of the second, and so on; the last one stays."""

    def __init__(self, answers: dict[str, list[list[str]]], otherwise: str | None = None) -> None:
        self._answers = answers
        self._otherwise = otherwise
        self.asked: list[str] = []

    async def __call__(self, host: str) -> Sequence[Address]:
        turns = self._answers.get(host, [[self._otherwise] if self._otherwise else []])
        answer = turns[min(self.asked.count(host), len(turns) - 1)]
        self.asked.append(host)
        return [ip_address(text) for text in answer]


class Wire(httpcore.AsyncNetworkBackend):
    """Keeps every address that somebody connects to, and every request."""

    def __init__(self, script: Script = lambda _: build_answer()) -> None:
        self._script = script
        self.connected: list[str] = []
        self.requests: list[bytes] = []

    async def connect_tcp(self, host: str, port: int, *_: Any, **__: Any) -> httpcore.AsyncNetworkStream:
        self.connected.append(host)
        return _Stream(self)

    def answer(self, request: bytes) -> bytes:
        self.requests.append(request)
        return self._script(request)


class _Stream(httpcore.AsyncNetworkStream):
    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._written = b""
        self._answer = b""

    async def read(self, max_bytes: int, *_: Any, **__: Any) -> bytes:
        if self._written:
            self._answer += self._wire.answer(self._written)
            self._written = b""
        part, self._answer = self._answer[:max_bytes], self._answer[max_bytes:]
        return part

    async def write(self, buffer: bytes, *_: Any, **__: Any) -> None:
        self._written += buffer

    async def aclose(self) -> None:
        pass

    async def start_tls(self, *_: Any, **__: Any) -> httpcore.AsyncNetworkStream:
        return self

    def get_extra_info(self, info: str) -> Any:
        return None
