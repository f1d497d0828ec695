"""The client: create, read, patch and delete single objects, list and watch many. Asked by everything that does I/O.

What may be repeated is repeated here, with growing pauses: whatever the API server has surely not done (429, no
connection), and whatever does no harm twice. Creating an object under a name is of that kind: the second time it is
found, and told as AlreadyExistsError. A patch that must hit a certain version is too: the second time is a conflict.
"""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import aiohttp
from pydantic_core import from_json, to_json

from headgate.kube.access import Access
from headgate.kube.errors import (
    KubeError,
    MalformedAnswerError,
    NotFoundError,
    TooManyRequestsError,
    TransientError,
    UnavailableError,
    UnreachableError,
    error_from,
)
from headgate.kube.kinds import Kind, Object
from headgate.kube.pruning import prune

MERGE = "application/merge-patch+json"
APPLY = "application/apply-patch+yaml"
_JSON = "application/json"
_METADATA = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
_CONNECTIONS = 64
_LARGEST = 64 * 2**20
"""Of an answer, in bytes; a page of a list is far smaller."""
_PAGE = 500


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to try. The queue above tries again too, so this is for what passes in a moment."""

    attempts: int = 5
    first_pause: float = 0.1
    longest_pause: float = 2.0
    seconds: float = 15.0
    """For one attempt. The API server itself gives up a little earlier."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request, for whoever counts: its verb and kind, the answer's code (0: none), how long it took."""

    verb: str
    kind: Kind
    code: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Page:
    items: list[Object]
    version: str
    next: str
    """Where the next page begins; empty: this was the last."""


@dataclass(frozen=True, slots=True)
class _Request:
    verb: str
    kind: Kind
    path: str
    parameters: Mapping[str, str]
    body: bytes | None = None
    content_type: str = _JSON
    accept: str = _JSON
    repeatable: bool = True

    @property
    def doing(self) -> str:
        return f"{self.verb} {self.path}"


_METHODS = {
    "get": "GET",
    "list": "GET",
    "watch": "GET",
    "create": "POST",
    "patch": "PATCH",
    "update": "PUT",
    "delete": "DELETE",
}


class Client:
    """An async context manager: it holds connections."""

    def __init__(
        self,
        access: Access,
        *,
        agent: str = "headgate",
        patience: Patience | None = None,
        on_call: Callable[[Call], None] | None = None,
    ) -> None:
        self.access = access
        self._patience = patience or Patience()
        self._on_call = on_call
        self._agent = agent
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = open_session(self.access, self._agent)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def get(self, kind: Kind, name: str, namespace: str | None = None) -> Object:
        return await self._ask(_Request("get", kind, kind.path(namespace, name), {}))

    async def find(self, kind: Kind, name: str, namespace: str | None = None) -> Object | None:
        """As `get`, and None for what is not there."""
        try:
            return await self.get(kind, name, namespace)
        except NotFoundError:
            return None

    async def find_metadata(self, kind: Kind, name: str, namespace: str) -> Object | None:
        """Only an object's metadata: of a Secret, nothing of what is in it leaves the API server."""
        try:
            return await self._ask(_Request("get", kind, kind.path(namespace, name), {}, accept=_METADATA))
        except NotFoundError:
            return None

    async def list_page(
        self,
        kind: Kind,
        namespace: str | None = None,
        *,
        labels: str = "",
        fields: str = "",
        start: str = "",
        limit: int | None = None,
    ) -> Page:
        asked = {
            "labelSelector": labels,
            "fieldSelector": fields,
            "limit": str(limit or _PAGE),
            "continue": start,
        }
        parameters = {name: value for name, value in asked.items() if value}
        answer = await self._ask(_Request("list", kind, kind.path(namespace), parameters))
        metadata = answer.get("metadata") or {}
        items = answer.get("items") or []
        return Page(items, metadata.get("resourceVersion", ""), metadata.get("continue", ""))

    async def list_all(self, kind: Kind, namespace: str | None = None, *, labels: str = "") -> list[Object]:
        """All pages at once: for what is few."""
        found: list[Object] = []
        start = ""
        while True:
            page = await self.list_page(kind, namespace, labels=labels, start=start)
            found += page.items
            start = page.next
            if not start:
                return found

    async def create(self, kind: Kind, thing: Object, namespace: str | None = None, *, dry_run: bool = False) -> Object:
        parameters = {"dryRun": "All"} if dry_run else {}
        named = "name" in thing["metadata"]
        body = to_json(thing)
        return await self._ask(_Request("create", kind, kind.path(namespace), parameters, body, repeatable=named))

    async def patch(
        self, kind: Kind, name: str, namespace: str | None, change: Object, *, part: str | None = None
    ) -> Object:
        """Merge a change into an object, or into a part of it, such as `status`. With a resourceVersion in its metadata
        it hits that version or is a ConflictError."""
        path = kind.path(namespace, name, part)
        return await self._ask(_Request("patch", kind, path, {}, to_json(change), MERGE))

    async def replace_status(self, kind: Kind, read: Object, status: Object) -> Object:
        """Give an object this status and no other, if it is still as it was read; else it is a ConflictError."""
        metadata = {name: read["metadata"].get(name) for name in ("name", "namespace", "uid", "resourceVersion")}
        namespace = metadata["namespace"]
        thing = {"apiVersion": kind.api_version, "kind": kind.name, "metadata": metadata, "status": status}
        path = kind.path(namespace, metadata["name"], "status")
        return await self._ask(_Request("update", kind, path, {}, to_json({"spec": read.get("spec", {}), **thing})))

    async def apply(
        self, kind: Kind, thing: Object, namespace: str | None = None, *, manager: str, force: bool = False
    ) -> Object:
        """Server-side apply: what is in `thing` is ours, and nothing else is touched."""
        parameters = {"fieldManager": manager, "force": "true" if force else "false"}
        path = kind.path(namespace, thing["metadata"]["name"])
        return await self._ask(_Request("patch", kind, path, parameters, to_json(thing), APPLY))

    async def delete(
        self, kind: Kind, name: str, namespace: str | None = None, *, uid: str | None = None, version: str | None = None
    ) -> None:
        """`uid`: only this very object, none that has taken its name. `version`: only as it was read. Otherwise it is
        a ConflictError."""
        options: Object = {"apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": "Background"}
        asked = {"uid": uid, "resourceVersion": version}
        if conditions := {name: value for name, value in asked.items() if value is not None}:
            options["preconditions"] = conditions
        await self._ask(_Request("delete", kind, kind.path(namespace, name), {}, to_json(options)))

    async def post(self, kind: Kind, thing: Object, namespace: str | None = None) -> Object:
        """Ask what is answered and not kept: a review."""
        return await self._ask(_Request("create", kind, kind.path(namespace), {}, to_json(thing)))

    @asynccontextmanager
    async def stream(
        self, kind: Kind, path: str, parameters: Mapping[str, str], *, seconds: float | None = None
    ) -> AsyncIterator[AsyncIterator[bytes]]:
        """An answer without end, as lines: a watch, or the log of a pod. After `seconds` it ends as a TimeoutError."""
        async with self._open(_Request("watch", kind, path, parameters), seconds) as answer:
            yield _lines(answer)

    @asynccontextmanager
    async def pieces(
        self, kind: Kind, path: str, parameters: Mapping[str, str], *, seconds: float | None = None
    ) -> AsyncIterator[AsyncIterator[bytes]]:
        """An answer that is no object of the API, as it arrives: what a Service says, through the API server."""
        async with self._open(_Request("get", kind, path, parameters), seconds) as answer:
            yield answer.content.iter_any()

    @asynccontextmanager
    async def _open(self, request: "_Request", seconds: float | None) -> AsyncIterator[aiohttp.ClientResponse]:
        began = time.monotonic()
        code = 0
        try:
            async with asyncio.timeout(seconds), self._send(request, None) as answer:
                code = answer.status
                if answer.status >= 400:
                    raise await _error_of(request, answer)
                self._count(request, code, began)
                yield answer
        except aiohttp.ClientError as error:
            raise _unreachable(request, error) from None
        except TimeoutError:
            raise
        except OSError as error:
            raise _unreachable(request, error) from None
        finally:
            if code >= 400 or code == 0:
                self._count(request, code, began)

    async def _ask(self, request: _Request) -> Object:
        pause = self._patience.first_pause
        for attempt in range(1, self._patience.attempts + 1):
            try:
                return await self._ask_once(request)
            except TransientError as error:
                if attempt == self._patience.attempts or not _may_repeat(request, error):
                    raise
                await asyncio.sleep(error.retry_after or pause * random.uniform(0.5, 1.0))  # noqa: S311 - spreads load
                pause = min(2 * pause, self._patience.longest_pause)
        raise AssertionError("a patience of no attempts")

    async def _ask_once(self, request: _Request) -> Object:
        began = time.monotonic()
        code = 0
        try:
            async with self._send(request, self._patience.seconds) as answer:
                code = answer.status
                if code >= 400:
                    raise await _error_of(request, answer)
                return _object(request, await _read(request, answer))
        except aiohttp.ClientError as error:
            raise _unreachable(request, error) from None
        except TimeoutError:
            raise UnavailableError(request.doing, f"no answer within {self._patience.seconds:g} s") from None
        except OSError as error:
            raise _unreachable(request, error) from None
        finally:
            self._count(request, code, began)

    def _send(self, request: _Request, seconds: float | None) -> Any:
        if self._session is None:
            raise RuntimeError("the client is used outside its `async with`")
        headers = [("Accept", request.accept)]
        if self.access.acts_as is not None:
            headers += self.access.acts_as.headers()
        if token := self.access.token():
            headers.append(("Authorization", f"Bearer {token}"))
        if request.body is not None:
            headers.append(("Content-Type", request.content_type))
        return self._session.request(
            _METHODS.get(request.verb, "GET"),
            f"{self.access.server}{request.path}",
            params=request.parameters,
            data=request.body,
            headers=headers,
            timeout=aiohttp.ClientTimeout(total=seconds, sock_connect=5),
            allow_redirects=False,
        )

    def _count(self, request: _Request, code: int, began: float) -> None:
        if self._on_call is not None:
            self._on_call(Call(request.verb, request.kind, code, time.monotonic() - began))


def open_session(access: Access, agent: str) -> aiohttp.ClientSession:
    """Connections that trust the API server and it alone. What it says is not compressed: it is not far away."""
    tls: Any = access.tls if access.tls is not None else False
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=_CONNECTIONS, ssl=tls),
        headers={"User-Agent": agent, "Accept-Encoding": "identity"},
        timeout=aiohttp.ClientTimeout(total=None),
    )


def _may_repeat(request: _Request, error: KubeError) -> bool:
    never_sent = isinstance(error, UnreachableError) and error.never_sent
    return request.repeatable or never_sent or isinstance(error, TooManyRequestsError)


def _unreachable(request: _Request, error: Exception) -> UnreachableError:
    text = f"{type(error).__name__}: {error}".rstrip(": ")
    never_sent = isinstance(error, (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError))
    return UnreachableError(request.doing, text, never_sent=never_sent)


async def _read(request: _Request, answer: aiohttp.ClientResponse) -> bytes:
    length = answer.content_length or 0
    if length > _LARGEST:
        raise MalformedAnswerError(request.doing, f"the answer has {length} bytes, more than {_LARGEST}")
    parts, size = [], 0
    async for part in answer.content.iter_any():
        size += len(part)
        if size > _LARGEST:
            raise MalformedAnswerError(request.doing, f"the answer has more than {_LARGEST} bytes")
        parts.append(part)
    return b"".join(parts)


def _object(request: _Request, text: bytes) -> Object:
    try:
        document = parse(text)
    except ValueError as error:
        raise MalformedAnswerError(request.doing, f"the answer is no JSON: {error}") from None
    if not isinstance(document, dict):
        raise MalformedAnswerError(request.doing, "the answer is no object")
    return document


async def _error_of(request: _Request, answer: aiohttp.ClientResponse) -> KubeError:
    text = await _read(request, answer)
    try:
        status = parse(text)
    except ValueError:
        status = {"message": text[:200].decode(errors="replace").strip()}
    status = status if isinstance(status, dict) else {}
    return error_from(request.doing, answer.status, status, answer.headers.get("Retry-After"))


def parse(text: bytes) -> Any:
    """JSON, quickly. Of what is nested too deep for that, all but the depth: one such object must keep us from none."""
    try:
        return _parse_quickly(text)
    except ValueError:
        pruned = prune(text)
        if pruned is text:
            raise
        return _parse_quickly(pruned)


def _parse_quickly(text: bytes) -> Any:
    """Keys are shared: ten thousand objects have the same few."""
    return from_json(text, cache_strings="keys", allow_inf_nan=False)


async def _lines(answer: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    """Lines of any length up to the largest answer, whatever pieces they arrive in."""
    rest = bytearray()
    async for part in answer.content.iter_any():
        rest += part
        if b"\n" not in part:
            if len(rest) > _LARGEST:
                raise aiohttp.ClientPayloadError(f"a line has more than {_LARGEST} bytes")
            continue
        *whole, last = rest.split(b"\n")
        rest = bytearray(last)
        for line in whole:
            if line.strip():
                yield bytes(line)
