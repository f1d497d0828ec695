"""The proxy: plain HTTP on loopback to the client, the admin's certificate to the API server.

Answers go through as they come, so that a watch is one. Each write is counted and recorded; what its plan says of the
write of that number happens to it. Runs in an event loop of the test's own.
"""

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
from aiohttp import web

from headgate.kube.access import Access
from support.faults.plan import KILLS, Disturbance, Mishap, Plan, WatchFault

_LARGEST = 64 * 2**20
_HOP_BY_HOP = frozenset({"connection", "content-length", "host", "keep-alive", "transfer-encoding", "upgrade"})
_STATUS: Mapping[Mishap, tuple[int, str]] = {
    Mishap.CONFLICT: (409, "Conflict"),
    Mishap.BUSY: (429, "TooManyRequests"),
    Mishap.INTERNAL: (500, "InternalError"),
    Mishap.TIMEOUT: (504, "Timeout"),
}
_PLURAL = re.compile(r"/apis?/(?:[^/]+/)?v[^/]+/(?:namespaces/[^/]+/)?(?P<plural>[a-z]+)")


@dataclass(frozen=True, slots=True)
class Call:
    """One write that came, its number, and what the plan did to it."""

    method: str
    path: str
    at: float
    code: int
    """Of the API server; 0: it was not asked."""
    number: int = 0
    mishap: Mishap | None = None
    name: str = ""
    """What was to be created is called."""


@dataclass
class FaultProxy:
    access: Access
    plan: Plan = field(default_factory=Plan)
    counts: Callable[[str, str], bool] = lambda method, path: True
    """Which writes are numbered, by method and path. Leases are written all the time, by whoever leads."""
    kill: Callable[[], None] = lambda: None
    """Ends the client, at once."""
    calls: list[Call] = field(default_factory=list)
    port: int = 0
    _writes: int = 0
    _disturbed: dict[int, int] = field(default_factory=dict)
    """Place of a WatchFault in the plan → how often it happened."""
    _oldest: dict[str, bytes] = field(default_factory=dict)
    """Path of a list → what it answered first."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def writes(self) -> list[Call]:
        return [call for call in self.calls if call.number]

    def begin(self, plan: Plan) -> None:
        """Another plan, and counting begins anew."""
        self.plan, self._writes, self._disturbed = plan, 0, {}
        self.calls.clear()
        self._oldest.clear()

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["FaultProxy"]:
        application = web.Application(client_max_size=_LARGEST)
        connector = aiohttp.TCPConnector(ssl=self.access.tls or False, limit=0)
        async with aiohttp.ClientSession(connector=connector, auto_decompress=False) as upstream:

            async def handle(request: web.Request) -> web.StreamResponse:
                return await self._handle(request, upstream)

            application.router.add_route("*", "/{path:.*}", handle)
            # A client that is killed takes its watches along.
            runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0, handler_cancellation=True)
            await runner.setup()
            site = web.TCPSite(runner, "127.0.0.1", self.port)
            await site.start()
            self.port = runner.addresses[0][1]
            try:
                yield self
            finally:
                await runner.cleanup()

    async def _handle(self, request: web.Request, upstream: aiohttp.ClientSession) -> web.StreamResponse:
        if request.method == "GET":
            return await self._read(request, upstream)
        body = await request.read()
        number, mishap = 0, None
        if self.counts(request.method, request.path):
            self._writes += 1
            number, mishap = self._writes, self.plan.mishap(self._writes)
        answer, code = await self._write(request, body, mishap, upstream)
        name = _name_in(body) if request.method == "POST" else ""
        self.calls.append(Call(request.method, request.path, time.monotonic(), code, number, mishap, name))
        if mishap in KILLS:
            self.kill()
        return _break(request) if answer is None else answer

    async def _write(
        self, request: web.Request, body: bytes, mishap: Mishap | None, upstream: aiohttp.ClientSession
    ) -> tuple[web.Response | None, int]:
        """The answer (None: the client hears nothing), and what the API server said."""
        if mishap in (Mishap.KILL_BEFORE, Mishap.RESET):
            return None, 0
        if mishap is not None and mishap in _STATUS:
            return _refuse(*_STATUS[mishap]), 0
        async with self._forward(request, body, upstream) as answer:
            text = await answer.read()
            passed = web.Response(status=answer.status, body=text, headers=_passing(answer.headers))
        return None if mishap in (Mishap.KILL_AFTER, Mishap.LOST) else passed, passed.status

    async def _read(self, request: web.Request, upstream: aiohttp.ClientSession) -> web.StreamResponse:
        found = _PLURAL.match(request.path)
        plural = found["plural"] if found else ""
        is_watch = request.query.get("watch") == "true"
        is_repeated = is_watch or request.path_qs in self._oldest
        fault = self._fault_of(plural, is_watch=is_watch) if is_repeated else None
        if fault and fault.disturbance is Disturbance.EXPIRED:
            return _refuse(410, "Expired")
        if fault and fault.disturbance is Disturbance.STALE:
            return web.Response(body=self._oldest[request.path_qs], content_type="application/json")
        async with self._forward(request, b"", upstream) as answer:
            if not is_watch:
                text = await answer.read()
                self._oldest.setdefault(request.path_qs, text)
                return web.Response(status=answer.status, body=text, headers=_passing(answer.headers))
            return await self._stream(request, answer, fault)

    def _fault_of(self, plural: str, *, is_watch: bool) -> WatchFault | None:
        for place, fault in enumerate(self.plan.watches):
            is_for_lists = fault.disturbance is Disturbance.STALE
            if plural in fault.plurals and is_for_lists is not is_watch and self._disturbed.get(place, 0) < fault.times:
                self._disturbed[place] = self._disturbed.get(place, 0) + 1
                return fault
        return None

    async def _stream(
        self, request: web.Request, answer: aiohttp.ClientResponse, fault: WatchFault | None
    ) -> web.StreamResponse:
        passed = web.StreamResponse(status=answer.status, headers=_passing(answer.headers))
        await passed.prepare(request)
        seen = 0
        async for line in _lines(answer):
            if fault is not None and seen >= fault.after:
                if fault.disturbance is Disturbance.DROPPED:
                    return _break(request)
                await asyncio.sleep(fault.seconds)
                if fault.disturbance is Disturbance.STALLED:
                    return _break(request)
            await passed.write(line + b"\n")
            seen += 1
        await passed.write_eof()
        return passed

    def _forward(
        self, request: web.Request, body: bytes, upstream: aiohttp.ClientSession
    ) -> "aiohttp.client._RequestContextManager":
        headers = {name: value for name, value in request.headers.items() if name.lower() not in _HOP_BY_HOP}
        headers["Accept-Encoding"] = "identity"  # so that what is kept can be told again as it is
        return upstream.request(
            request.method,
            f"{self.access.server}{request.path_qs}",
            data=body or None,
            headers=headers,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=5),
        )


def _passing(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.lower() not in _HOP_BY_HOP}


def _name_in(body: bytes) -> str:
    name: str = json.loads(body).get("metadata", {}).get("name", "")
    return name


def _refuse(code: int, reason: str) -> web.Response:
    body = {
        "kind": "Status",
        "apiVersion": "v1",
        "status": "Failure",
        "code": code,
        "reason": reason,
        "message": "the test says so",
    }
    return web.Response(status=code, text=json.dumps(body), content_type="application/json")


def _break(request: web.Request) -> web.StreamResponse:
    """Close the connection without a word."""
    if request.transport is not None:
        request.transport.abort()
    return web.StreamResponse()


async def _lines(answer: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    rest = b""
    async for part in answer.content.iter_any():
        *whole, rest = (rest + part).split(b"\n")
        for line in whole:
            yield line
