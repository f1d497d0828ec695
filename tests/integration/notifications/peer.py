"""A webhook that behaves as a test wants: it answers, refuses, dawdles, redirects, talks without end, or checks what it
gets. On loopback, in plain HTTP or with a certificate that nobody trusts."""

import asyncio
import base64
import hashlib
import hmac
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

Act = Callable[[web.Request], Awaitable[web.StreamResponse]]
KEY = b"k" * 32


@dataclass
class Hook:
    """What it was sent, and what it does next: the last act stays."""

    acts: list[Act] = field(default_factory=list)
    port: int = 0
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    @property
    def ids(self) -> list[str]:
        return [headers["webhook-id"] for headers, _ in self.got]

    async def serve(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        self.got.append(({name.lower(): value for name, value in request.headers.items()}, body))
        act = self.acts.pop(0) if len(self.acts) > 1 else self.acts[0] if self.acts else answer(204)
        return await act(request)


def is_signed(headers: dict[str, str], body: bytes, key: bytes = KEY) -> bool:
    """As a receiver checks it."""
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return expected in headers["webhook-signature"].split()


def answer(code: int, **headers: str) -> Act:
    async def act(_: web.Request) -> web.StreamResponse:
        return web.Response(status=code, headers={name.replace("_", "-"): value for name, value in headers.items()})

    return act


async def dawdle(_: web.Request) -> web.StreamResponse:
    await asyncio.sleep(30)
    return web.Response()


async def break_off(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


def talk(code: int, sent: list[int]) -> Act:
    """An answer that never ends."""

    async def act(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(status=code)
        await response.prepare(request)
        for _ in range(100_000):
            await response.write(b"x" * 65_536)
            sent[0] += 65_536
        return response

    return act


@asynccontextmanager
async def run_hook(*acts: Act, tls: ssl.SSLContext | None = None) -> AsyncIterator[Hook]:
    hook = Hook(list(acts))
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", hook.serve)
    runner: Any = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
    await site.start()
    hook.port = runner.addresses[0][1]
    try:
        yield hook
    finally:
        await runner.cleanup()
