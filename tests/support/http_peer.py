"""A real server on loopback for tests of HTTP clients, in plain and in TLS, and a detour that leads to it.

It answers what a test tells it for a path, byte by byte if it must. Used by tests/unit/node_http.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpcore

from support.http_wire import build_answer

TLS_PORTS = frozenset({443, 8443})

Act = Callable[[asyncio.StreamWriter], Awaitable[object]]
"""What the server does once it has read a request."""


@dataclass
class Peer:
    """A server that runs. `requests` are the heads and bodies that it read, in their order."""

    acts: Mapping[str, bytes | Act]
    ports: dict[bool, int] = field(default_factory=dict)
    """By whether TLS is spoken there."""
    requests: list[bytes] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await _read_head(reader):
                fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:] if line)
                body = await reader.readexactly(int(fields.get(b"content-length", 0)))
                self.requests.append(head + body)
                act = self.acts.get(head.split()[1].decode().partition("?")[0], build_answer())
                if isinstance(act, bytes):
                    writer.write(act)
                    await writer.drain()
                else:
                    await act(writer)
                    break
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()


async def _read_head(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return b""


@asynccontextmanager
async def run_peer(
    acts: Mapping[str, bytes | Act] | None = None, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Peer]:
    peer = Peer(acts or {})
    servers = [await asyncio.start_server(peer.serve, "127.0.0.1")]
    if tls:
        servers.append(await asyncio.start_server(peer.serve, "127.0.0.1", ssl=tls))
    peer.ports = {bool(place): server.sockets[0].getsockname()[1] for place, server in enumerate(servers)}
    try:
        yield peer
    finally:
        for server in servers:
            server.close()


class Detour(httpcore.AsyncNetworkBackend):
    """Keeps every address that somebody connects to, and connects to the peer instead."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer
        self._real = httpcore.AnyIOBackend()
        self.connected: list[str] = []

    async def connect_tcp(self, host: str, port: int, *_: Any, **__: Any) -> httpcore.AsyncNetworkStream:
        self.connected.append(host)
        return await self._real.connect_tcp("127.0.0.1", self._peer.ports[port in TLS_PORTS])
