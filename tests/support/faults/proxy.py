"""The proxy: plain HTTP on loopback to the client, the admin's certificate to the API server.

Answers go through as they come, so that a watch is one. Each write is counted and recorded; what its plan says of the
write of that number happens to it. Runs in an event loop of the test's own.
"""

import asyncio
import json
import re
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
from aiohttp import web

from headgate.kube.access import Access
from support.faults.asked import kind_of_write, resource_of
from support.faults.plan import KILLS, Disturbance, Mishap, Plan
from support.faults.watching import Watching

_LARGEST = 64 * 2**20
_HOP_BY_HOP = frozenset({"connection", "content-length", "host", "keep-alive", "transfer-encoding", "upgrade"})
_STATUS: Mapping[Mishap, tuple[int, str]] = {
    Mishap.CONFLICT: (409, "Conflict"),
    Mishap.BUSY: (429, "TooManyRequests"),
    Mishap.INTERNAL: (500, "InternalError"),
    Mishap.TIMEOUT: (504, "Timeout"),
}
_BOOKMARK = re.compile(rb'\{"type": ?"BOOKMARK"')
_LEG = "create workflows.argoproj.io"


@dataclass(frozen=True, slots=True)
class Call:
    """One write that came, its number, and what the plan did to it."""

    method: str
    path: str
    kind: str
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
    """Which writes are numbered, by method and path, for faults that name no kind."""
    kill: Callable[[], None] = lambda: None
    """Ends the client, at once."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """What every request says besides, such as in whose name it is made."""
    leg_labels: Mapping[str, str] = field(default_factory=dict)
    """What every Argo Workflow gets besides, such as whose it is to carry out."""
    calls: list[Call] = field(default_factory=list)
    port: int = 0
    watching: Watching = field(default_factory=Watching)
    _writes: int = 0
    _of_kind: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.begin(self.plan)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def client_access(self) -> Access:
        return Access(self.url, None, "default", lambda: None)

    @property
    def writes(self) -> list[Call]:
        return [call for call in self.calls if call.number]

    def begin(self, plan: Plan) -> None:
        """Another plan, and counting begins anew."""
        self.plan, self._writes, self.watching = plan, 0, Watching(plan.watches)
        self._of_kind.clear()
        self.calls.clear()

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
        kind = kind_of_write(request.method, request.path, body)
        self._of_kind[kind] += 1
        is_numbered = self.counts(request.method, request.path)
        self._writes += is_numbered
        number = self._writes if is_numbered else 0
        mishap = self.plan.mishap(number, kind, self._of_kind[kind])
        if kind == _LEG and self.leg_labels:
            body = _labelled(body, self.leg_labels)
        answer, code = await self._write(request, body, mishap, upstream)
        name = _name_in(body) if request.method == "POST" else ""
        self.calls.append(Call(request.method, request.path, kind, time.monotonic(), code, number, mishap, name))
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
        resource = resource_of(request.path)
        if request.query.get("watch") != "true":
            async with self._forward(request, b"", upstream) as answer:
                text = await answer.read()
                if answer.status == 200 and "limit" in request.query:
                    text = self.watching.on_list(resource, request.path_qs, text)
                return web.Response(status=answer.status, body=text, headers=_passing(answer.headers))
        owed = self.watching.on_watch(resource)
        if owed is Disturbance.EXPIRED:
            return _refuse(410, "Expired")
        version = self.watching.first_version(resource) if owed is Disturbance.REWOUND else None
        async with self._forward(request, b"", upstream, version) as answer:
            try:
                return await self._stream(request, answer, resource)
            except ConnectionResetError:  # whoever watched was killed
                return web.StreamResponse()

    async def _stream(self, request: web.Request, answer: aiohttp.ClientResponse, resource: str) -> web.StreamResponse:
        passed = web.StreamResponse(status=answer.status, headers=_passing(answer.headers))
        await passed.prepare(request)
        async for line in _lines(answer):
            fault = None if _BOOKMARK.match(line) else self.watching.on_event(resource)
            if fault is not None:
                if fault.disturbance in (Disturbance.LATE, Disturbance.STALLED):
                    await asyncio.sleep(fault.seconds)
                if fault.disturbance is Disturbance.GONE:
                    await passed.write(
                        json.dumps({"type": "ERROR", "object": _status(410, "Expired")}).encode() + b"\n"
                    )
                    break
                if fault.disturbance is not Disturbance.LATE:
                    return _break(request)
            await passed.write(line + b"\n")
        await passed.write_eof()
        return passed

    def _forward(
        self, request: web.Request, body: bytes, upstream: aiohttp.ClientSession, version: str | None = None
    ) -> "aiohttp.client._RequestContextManager":
        """`version`: from which on to watch, in place of what is asked."""
        headers = {name: value for name, value in request.headers.items() if name.lower() not in _HOP_BY_HOP}
        headers["Accept-Encoding"] = "identity"  # so that what is kept can be told again as it is
        path = request.rel_url if version is None else request.rel_url.update_query(resourceVersion=version)
        return upstream.request(
            request.method,
            f"{self.access.server}{path}",
            data=body or None,
            headers={**headers, **self.headers},
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=5),
        )


def _passing(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.lower() not in _HOP_BY_HOP}


def _name_in(body: bytes) -> str:
    name: str = json.loads(body).get("metadata", {}).get("name", "")
    return name


def _labelled(body: bytes, labels: Mapping[str, str]) -> bytes:
    thing = json.loads(body)
    thing["metadata"]["labels"] = {**thing["metadata"].get("labels", {}), **labels}
    return json.dumps(thing).encode()


def _status(code: int, reason: str) -> dict[str, object]:
    return {
        "kind": "Status",
        "apiVersion": "v1",
        "status": "Failure",
        "code": code,
        "reason": reason,
        "message": "the test says so",
    }


def _refuse(code: int, reason: str) -> web.Response:
    headers = {"Retry-After": "1"} if code == 429 else {}
    return web.Response(
        status=code, text=json.dumps(_status(code, reason)), content_type="application/json", headers=headers
    )


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
