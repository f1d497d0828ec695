"""The client: create, read, patch and delete single objects, list and watch many. Asked by everything that does I/O.

What may be repeated is repeated here, with growing pauses: whatever the API server has surely not done (429, no
connection), and whatever does no harm twice. Creating an object under a name is of that kind: the second time it is
found, and told as AlreadyExistsError. A patch that must hit a certain version is too: the second time is a conflict.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from pydantic_core import to_json

from headgate.kube.access import Access
from headgate.kube.answers import read_lines
from headgate.kube.errors import KubeError, NotFoundError, TooManyRequestsError, TransientError, UnreachableError
from headgate.kube.kinds import Kind, Object
from headgate.kube.wire import Call, Request, Wire

MERGE = "application/merge-patch+json"
APPLY = "application/apply-patch+yaml"
_METADATA = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
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
class Page:
    items: list[Object]
    version: str
    next: str
    """Where the next page begins; empty: this was the last."""


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
        self._wire = Wire(access, agent, on_call)

    async def __aenter__(self) -> Self:
        await self._wire.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._wire.__aexit__(kind, error, trace)

    async def get(self, kind: Kind, name: str, namespace: str | None = None) -> Object:
        return await self._ask(Request("get", kind, kind.path(namespace, name), {}))

    async def find(self, kind: Kind, name: str, namespace: str | None = None) -> Object | None:
        """As `get`, and None for what is not there."""
        try:
            return await self.get(kind, name, namespace)
        except NotFoundError:
            return None

    async def find_metadata(self, kind: Kind, name: str, namespace: str) -> Object | None:
        """Only an object's metadata: of a Secret, nothing of what is in it leaves the API server."""
        try:
            return await self._ask(Request("get", kind, kind.path(namespace, name), {}, accept=_METADATA))
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
        answer = await self._ask(Request("list", kind, kind.path(namespace), parameters))
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
        return await self._ask(Request("create", kind, kind.path(namespace), parameters, body, repeatable=named))

    async def patch(
        self, kind: Kind, name: str, namespace: str | None, change: Object, *, part: str | None = None
    ) -> Object:
        """Merge a change into an object, or into a part of it, such as `status`. With a resourceVersion in its metadata
        it hits that version or is a ConflictError."""
        path = kind.path(namespace, name, part)
        return await self._ask(Request("patch", kind, path, {}, to_json(change), MERGE))

    async def replace_status(self, kind: Kind, read: Object, status: Object) -> Object:
        """Give an object this status and no other, if it is still as it was read; else it is a ConflictError."""
        metadata = {name: read["metadata"].get(name) for name in ("name", "namespace", "uid", "resourceVersion")}
        namespace = metadata["namespace"]
        thing = {"apiVersion": kind.api_version, "kind": kind.name, "metadata": metadata, "status": status}
        path = kind.path(namespace, metadata["name"], "status")
        return await self._ask(Request("update", kind, path, {}, to_json({"spec": read.get("spec", {}), **thing})))

    async def apply(
        self, kind: Kind, thing: Object, namespace: str | None = None, *, manager: str, force: bool = False
    ) -> Object:
        """Server-side apply: what is in `thing` is ours, and nothing else is touched."""
        parameters = {"fieldManager": manager, "force": "true" if force else "false"}
        path = kind.path(namespace, thing["metadata"]["name"])
        return await self._ask(Request("patch", kind, path, parameters, to_json(thing), APPLY))

    async def delete(
        self, kind: Kind, name: str, namespace: str | None = None, *, uid: str | None = None, version: str | None = None
    ) -> None:
        """`uid`: only this very object, none that has taken its name. `version`: only as it was read. Otherwise it is
        a ConflictError."""
        options: Object = {"apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": "Background"}
        asked = {"uid": uid, "resourceVersion": version}
        if conditions := {name: value for name, value in asked.items() if value is not None}:
            options["preconditions"] = conditions
        await self._ask(Request("delete", kind, kind.path(namespace, name), {}, to_json(options)))

    async def post(self, kind: Kind, thing: Object, namespace: str | None = None) -> Object:
        """Ask what is answered and not kept: a review."""
        return await self._ask(Request("create", kind, kind.path(namespace), {}, to_json(thing)))

    @asynccontextmanager
    async def stream(
        self, kind: Kind, path: str, parameters: Mapping[str, str], *, seconds: float | None = None
    ) -> AsyncIterator[AsyncIterator[bytes]]:
        """An answer without end, as lines: a watch, or the log of a pod. After `seconds` it ends as a TimeoutError."""
        async with self._wire.open(Request("watch", kind, path, parameters), seconds) as answer:
            yield read_lines(answer)

    @asynccontextmanager
    async def pieces(
        self, kind: Kind, path: str, parameters: Mapping[str, str], *, seconds: float | None = None
    ) -> AsyncIterator[AsyncIterator[bytes]]:
        """An answer that is no object of the API, as it arrives: what a Service says, through the API server."""
        async with self._wire.open(Request("get", kind, path, parameters), seconds) as answer:
            yield answer.content.iter_any()

    async def _ask(self, request: Request) -> Object:
        pause = self._patience.first_pause
        for attempt in range(1, self._patience.attempts + 1):
            try:
                return await self._wire.ask(request, self._patience.seconds)
            except TransientError as error:
                if attempt == self._patience.attempts or not _may_repeat(request, error):
                    raise
                await asyncio.sleep(error.retry_after or pause * random.uniform(0.5, 1.0))  # noqa: S311 - spreads load
                pause = min(2 * pause, self._patience.longest_pause)
        raise AssertionError("a patience of no attempts")


def _may_repeat(request: Request, error: KubeError) -> bool:
    never_sent = isinstance(error, UnreachableError) and error.never_sent
    return request.repeatable or never_sent or isinstance(error, TooManyRequestsError)
