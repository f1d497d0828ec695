"""One namespace of a real cluster, as watches tell it: when something came about, and how often something was written.

A write that changes something is one event of a watch, whoever wrote it: in a namespace that nobody else uses, events
count writes. Used by benchmarks.
"""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from headgate.kube import kinds
from headgate.kube.access import Access
from headgate.kube.cache import Cache, Change
from headgate.kube.client import Client
from headgate.kube.kinds import Kind, Object
from headgate.kube.reflector import Reflector

TASK_RESULT = Kind("argoproj.io", "v1alpha1", "WorkflowTaskResult", "workflowtaskresults")
WRITTEN = (
    kinds.WORKFLOW,
    kinds.RUN,
    kinds.APPROVAL_REQUEST,
    kinds.LEG,
    TASK_RESULT,
    kinds.POD,
    kinds.EVENT,
    kinds.SECRET,
    kinds.CONFIG_MAP,
    kinds.REVISION,
)
"""All that a Run or an Argo Workflow leads to."""
_GOODBYE = 0.3
"""aiohttp gives no sign of when its TLS connections are closed, which takes the loop a few turns after the session."""


class Watched:
    def __init__(self, client: Client, namespace: str, watched: Sequence[Kind]) -> None:
        self.client = client
        self.namespace = namespace
        self.writes: Counter[Kind] = Counter()
        self._caches = {kind: Cache(kind) for kind in watched}
        self.reflectors = [Reflector(client, cache, namespace=namespace) for cache in self._caches.values()]
        self._news = asyncio.Event()
        for kind, cache in self._caches.items():
            cache.listener = partial(self._heard, kind)

    def __getitem__(self, kind: Kind) -> Cache:
        return self._caches[kind]

    @property
    def listed(self) -> Mapping[Kind, int]:
        """How often each kind was listed anew. Between two lists something may have been written unheard: when somebody
        applies another version of its CRD, for one."""
        return {reflector.cache.kind: reflector.relists for reflector in self.reflectors}

    async def create(self, kind: Kind, name: str, spec: Object, **metadata: Any) -> float:
        """When it was asked for."""
        thing = {"apiVersion": kind.api_version, "kind": kind.name, "metadata": {"name": name, **metadata}}
        began = time.perf_counter()
        await self.client.create(kind, {**thing, "spec": spec}, self.namespace)
        return began

    async def until(self, holds: Callable[[], Any], seconds: float) -> tuple[Any, float]:
        """What holds in the end, and when that was heard."""
        async with asyncio.timeout(seconds):
            while not (found := holds()):
                self._news.clear()
                await self._news.wait()
        return found, time.perf_counter()

    async def ended(self, kind: Kind, name: str, seconds: float) -> tuple[Object, float]:
        """A Run or an Argo Workflow, once it says that it has ended, and when."""

        def holds() -> Object | None:
            thing = self[kind].get(self.namespace, name)
            status = (thing or {}).get("status") or {}
            return thing if status.get("endedAt") or status.get("finishedAt") else None

        return await self.until(holds, seconds)

    async def quiet(self, seconds: float) -> None:
        """Until nothing has been written for so long: what comes after an end is written too."""
        while True:
            before = self.writes.total()
            await asyncio.sleep(seconds)
            if self.writes.total() == before:
                return

    def _heard(self, kind: Kind, change: Change) -> None:
        del change
        self.writes[kind] += 1
        self._news.set()


@asynccontextmanager
async def connect(access: Access) -> AsyncIterator[Client]:
    async with Client(access, agent="bench") as client:
        yield client
    await asyncio.sleep(_GOODBYE)


@asynccontextmanager
async def watch(access: Access, namespace: str, watched: Sequence[Kind] = WRITTEN) -> AsyncIterator[Watched]:
    async with connect(access) as client, asyncio.TaskGroup() as group:
        there = Watched(client, namespace, watched)
        tasks = [group.create_task(reflector.run()) for reflector in there.reflectors]
        try:
            while not all(there[kind].synced for kind in watched):  # noqa: ASYNC110 - any of them may be the last
                await asyncio.sleep(0.02)
            yield there
        finally:
            for task in tasks:
                task.cancel()
