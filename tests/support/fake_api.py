"""An API server that is none: real HTTP on loopback, objects in memory, and whatever fault a test wants.

It knows what Headgate relies on: versions that grow, conflicts, lists in pages, watches with bookmarks, uids. It checks
no schema; the tests against a real API server do. For tests/unit/{kube,handlers} and tests of the operator as a whole.
"""

import asyncio
import json
import re
import uuid
from bisect import bisect_right
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from aiohttp import web

from headgate.kube.access import Access

Object = dict[str, Any]
Fault = Callable[[web.Request], Awaitable[web.StreamResponse | None]]
"""Asked before the request is carried out: an answer in its place, or None."""

_PATH = re.compile(
    r"/apis?/(?P<group>(?:[a-z0-9.-]+/)?v[a-z0-9]+)(?:/namespaces/(?P<namespace>[^/]+))?/(?P<plural>[a-z]+)"
    r"(?:/(?P<name>[^/]+))?(?:/(?P<part>status|log))?"
)


def status(
    code: int, reason: str, message: str = "", headers: dict[str, str] | None = None, **more: Any
) -> web.Response:
    body = {
        "kind": "Status",
        "apiVersion": "v1",
        "status": "Failure",
        "code": code,
        "reason": reason,
        "message": message,
    }
    return web.json_response(body | more, status=code, headers=headers)


@dataclass
class FakeApi:
    things: dict[tuple[str, str, str], Object] = field(default_factory=dict)
    """(Group and plural, namespace, name) → object."""
    version: int = 100
    events: list[tuple[int, str, str, Object]] = field(default_factory=list)
    """(Version, group and plural, type, object): what a watch tells."""
    oldest: int = 0
    """Older versions are forgotten."""
    calls: list[str] = field(default_factory=list)
    """Method and path of each request, but for watches."""
    watches: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    """Each is asked in turn, and taken off the list once it has answered."""
    standing: Fault | None = None
    """Asked about every request that is no watch."""
    loses_replies: bool = False
    """Every other write is done, and its reply lost."""
    lost: int = 0
    frozen: bool = False
    """Watches stay open and say nothing."""
    port: int = 0
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def access(self) -> Access:
        return Access(f"http://127.0.0.1:{self.port}", None, "default", lambda: None)

    @property
    def writes(self) -> list[str]:
        return [call for call in self.calls if not call.startswith("GET")]

    def put(self, kind: str, thing: Object) -> Object:
        """As if somebody had written it."""
        metadata = thing.setdefault("metadata", {})
        key = (kind, metadata.get("namespace", ""), metadata["name"])
        before = self.things.get(key)
        self.version += 1
        metadata.setdefault("uid", str(uuid.uuid4()) if before is None else before["metadata"]["uid"])
        metadata.setdefault("creationTimestamp", "2026-11-25T12:00:00Z")
        metadata["resourceVersion"] = str(self.version)
        self.things[key] = thing
        self._tell(kind, "ADDED" if before is None else "MODIFIED", thing)
        return thing

    def drop(self, kind: str, namespace: str, name: str) -> None:
        thing = self.things.pop((kind, namespace, name))
        self.version += 1
        thing = {**thing, "metadata": {**thing["metadata"], "resourceVersion": str(self.version)}}
        self._tell(kind, "DELETED", thing)

    def forget_history(self) -> None:
        """As after a compaction: whoever watches from an older version must list again."""
        self.version += 1
        self.oldest = self.version
        self._wake()

    def _tell(self, kind: str, type_: str, thing: Object) -> None:
        self.events.append((self.version, kind, type_, json.loads(json.dumps(thing))))
        self._wake()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    async def serve(self, request: web.Request) -> web.StreamResponse:
        if "watch" not in request.query:
            self.calls.append(f"{request.method} {request.path}")
        if self.faults:
            answer = await self.faults[0](request)
            self.faults.pop(0)
            if answer is not None:
                return answer
        if self.standing is not None and "watch" not in request.query:
            answer = await self.standing(request)
            if answer is not None:
                return answer
        reply = await self._carry_out(request)
        if self.loses_replies and request.method != "GET" and len(self.writes) % 2:
            self.lost += 1
            return await reset(request) or reply
        return reply

    async def _carry_out(self, request: web.Request) -> web.StreamResponse:
        found = _PATH.fullmatch(request.path)
        assert found is not None, request.path
        kind = f"{found['group'].split('/')[0]}/{found['plural']}" if "/" in found["group"] else found["plural"]
        if request.method == "GET" and "watch" in request.query:
            return await self._watch(request, kind)
        if found["name"] is None:
            if request.method == "POST":
                return await self._create(request, kind, found["namespace"] or "")
            return self._list(request, kind, found["namespace"])
        key = (kind, found["namespace"] or "", found["name"])
        thing = self.things.get(key)
        if thing is None:
            return status(404, "NotFound", f'{kind} "{found["name"]}" not found')
        match request.method:
            case "GET":
                return web.json_response(thing)
            case "DELETE":
                return await self._delete(request, key, thing)
            case "PUT":
                return await self._replace(request, kind, thing, found["part"])
            case _:
                return await self._patch(request, kind, thing, found["part"])

    async def _create(self, request: web.Request, kind: str, namespace: str) -> web.Response:
        thing = await request.json()
        if "name" not in thing["metadata"]:
            thing["metadata"]["name"] = thing["metadata"]["generateName"] + uuid.uuid4().hex[:5]
        thing["metadata"]["namespace"] = namespace
        if (kind, namespace, thing["metadata"]["name"]) in self.things:
            return status(409, "AlreadyExists", "it is there")
        return web.json_response(self.put(kind, thing), status=201)

    async def _delete(self, request: web.Request, key: tuple[str, str, str], thing: Object) -> web.Response:
        options = await request.json()
        wanted = options.get("preconditions") or {}
        if any(thing["metadata"][name] != value for name, value in wanted.items()):
            return status(409, "Conflict", "it is another, or was written since")
        self.drop(*key)
        return web.json_response({"kind": "Status", "status": "Success"})

    async def _replace(self, request: web.Request, kind: str, thing: Object, part: str | None) -> web.Response:
        new = await request.json()
        if (
            new["metadata"].get("resourceVersion", thing["metadata"]["resourceVersion"])
            != thing["metadata"]["resourceVersion"]
        ):
            return status(409, "Conflict", "the object has been modified")
        whole = {**thing, "status": new.get("status", {})} if part == "status" else {**thing, **new}
        return web.json_response(self.put(kind, {**whole, "metadata": dict(thing["metadata"])}))

    async def _patch(self, request: web.Request, kind: str, thing: Object, part: str | None) -> web.Response:
        change = await request.json()
        asked = (change.get("metadata") or {}).get("resourceVersion")
        if asked is not None and asked != thing["metadata"]["resourceVersion"]:
            return status(409, "Conflict", "the object has been modified")
        if part == "status":
            change = {"status": change.get("status")}
        elif (kind, "status") != (kind, part) and "argoproj" not in kind:
            change.pop("status", None)
        return web.json_response(self.put(kind, _merge(json.loads(json.dumps(thing)), change)))

    def _list(self, request: web.Request, kind: str, namespace: str | None) -> web.Response:
        found = [
            self.things[key]
            for key in sorted(key for key in self.things if key[0] == kind and namespace in (None, key[1]))
            if _selects(request, self.things[key])
        ]
        start, limit = int(request.query.get("continue") or 0), int(request.query.get("limit") or 10_000)
        page = found[start : start + limit]
        more = str(start + limit) if start + limit < len(found) else ""
        return web.json_response({"metadata": {"resourceVersion": str(self.version), "continue": more}, "items": page})

    async def _watch(self, request: web.Request, kind: str) -> web.StreamResponse:
        self.watches.append(kind)
        since = int(request.query["resourceVersion"])
        if since < self.oldest:
            return status(410, "Expired", "too old resource version")
        answer = web.StreamResponse()
        await answer.prepare(request)
        end = asyncio.get_running_loop().time() + float(request.query["timeoutSeconds"])
        while not self.frozen:
            if since < self.oldest:
                await _say(answer, "ERROR", {"kind": "Status", "code": 410, "reason": "Expired"})
                return answer
            known = self.version
            for _, its_kind, type_, thing in self.events[bisect_right(self.events, since, key=itemgetter(0)) :]:
                if its_kind == kind and _selects(request, thing):
                    await _say(answer, type_, thing)
            since = known
            left = end - asyncio.get_running_loop().time()
            if left <= 0:
                await _say(answer, "BOOKMARK", {"metadata": {"resourceVersion": str(since)}})
                return answer
            await _wait(self._changed, left)
        await asyncio.sleep(3600)
        return answer


async def _say(answer: web.StreamResponse, type_: str, thing: Object) -> None:
    await answer.write(json.dumps({"type": type_, "object": thing}).encode() + b"\n")


async def _wait(event: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        pass


def _selects(request: web.Request, thing: Object) -> bool:
    if request.query.get("fieldSelector", f"metadata.name={thing['metadata']['name']}") != (
        f"metadata.name={thing['metadata']['name']}"
    ):
        return False
    labels = thing["metadata"].get("labels") or {}
    for term in filter(None, (request.query.get("labelSelector") or "").split(",")):
        name, equals, value = term.partition("=")
        if name not in labels or (equals and labels[name] != value):
            return False
    return True


def _merge(into: Object, change: Object) -> Object:
    for key, value in change.items():
        if value is None:
            into.pop(key, None)
        elif isinstance(value, dict) and isinstance(into.get(key), dict):
            _merge(into[key], value)
        else:
            into[key] = value
    return into


async def reset(request: web.Request) -> web.StreamResponse | None:
    """The connection breaks before anything is done."""
    assert request.transport is not None
    request.transport.abort()
    return status(500, "InternalError")


def answer(code: int, reason: str = "", **more: Any) -> Fault:
    async def fault(_: web.Request) -> web.StreamResponse | None:
        return status(code, reason, **more)

    return fault


@asynccontextmanager
async def run_fake_api() -> AsyncIterator[FakeApi]:
    api = FakeApi()
    application = web.Application(client_max_size=2**26)
    application.router.add_route("*", "/{path:.*}", api.serve)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    api.port = runner.addresses[0][1]
    try:
        yield api
    finally:
        await runner.cleanup()
