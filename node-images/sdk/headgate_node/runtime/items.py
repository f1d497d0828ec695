"""The items of a loop that run in this pod: some at a time, until all have ended or too many have failed."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing
from typing import Any

from headgate_lang.report import Error
from headgate_lang.resolve import Resolved
from headgate_lang.task import Loop, Member
from headgate_node.definition import NodeDefinition
from headgate_node.runtime.attempts import Done
from headgate_node.runtime.loops import item_schema
from headgate_node.runtime.services import Services

CHUNK = 128
"""Items whose parameters are computed together."""

Item = tuple[int, Any, Resolved]
Ended = Callable[[int, Any, Done], bool]
"""Takes in what came of an item, and says whether it failed: one that gave too much has."""


class Items:
    """Runs those of a list that this pod is to run."""

    def __init__(self, member: Member, loop: Loop, node: NodeDefinition[Any], given: list[Any], at: Services) -> None:
        self._member = member
        self._loop = loop
        self._node = node
        self._given = given
        self._at = at
        self._tolerated = loop.tolerate.of(len(given))
        self._failed = 0
        self.is_each_told = loop.only is not None
        """Whether each is an instance of its own in the report."""

    @property
    def indexes(self) -> Sequence[int]:
        return range(len(self._given)) if self._loop.only is None else self._loop.only

    @property
    def is_lost(self) -> bool:
        """More have failed than are tolerated: no further item starts."""
        return self._failed > self._tolerated

    async def run(self, ended: Ended) -> None:
        """Raises Stopped if the pod ends before all have begun."""
        async with aclosing(self._feed()) as feed:
            lock = asyncio.Lock()
            runners = min(self._loop.parallelism, len(self.indexes))
            running = [asyncio.ensure_future(self._run_some(feed, lock, ended)) for _ in range(runners)]
            try:
                results = await asyncio.gather(*running, return_exceptions=True)
            except asyncio.CancelledError:
                await asyncio.gather(*running, return_exceptions=True)
                raise
        for result in results:
            if isinstance(result, BaseException):
                raise result

    async def _run_some(self, feed: AsyncIterator[Item], lock: asyncio.Lock, ended: Ended) -> None:
        while True:
            async with lock:
                item = None if self.is_lost else await anext(feed, None)
            if item is None:
                return
            done = await self._run_one(*item)
            self._failed += ended(item[0], item[1], done)

    async def _run_one(self, index: int, item: Any, resolved: Resolved) -> Done:
        instance = f"{self._member.node}[{index}]"
        async with self._at.slot:
            self._at.stopping.check()
            if resolved.faults:
                return Done(error=self._at.expression_error(resolved))
            if self.is_each_told:
                await self._at.reporter.start(instance)
            return await self._at.attempts.run(self._member, self._node, resolved.value, instance)

    async def _feed(self) -> AsyncGenerator[Item, None]:
        """The items with their parameters, always a chunk ahead."""
        indexes = list(self.indexes)
        chunks = deque(indexes[at : at + CHUNK] for at in range(0, len(indexes), CHUNK))
        ahead = asyncio.ensure_future(self._resolve(chunks.popleft())) if chunks else None
        try:
            while ahead is not None:
                items = await ahead
                ahead = asyncio.ensure_future(self._resolve(chunks.popleft())) if chunks else None
                for item in items:
                    yield item
        finally:
            if ahead is not None:
                ahead.cancel()

    async def _resolve(self, indexes: Sequence[int]) -> list[Item]:
        schema = item_schema(self._loop.items, self._at.roots.schema)
        owns = [{"item": self._given[index], "index": index} for index in indexes]
        schemas = {"item": schema} if schema is not None else None
        resolved = await self._at.resolver.resolve_each(self._member.with_, owns, schemas)
        return [(index, own["item"], one) for index, own, one in zip(indexes, owns, resolved, strict=True)]


def missing_items(loop: Loop, given: list[Any]) -> Error | None:
    """Why this pod cannot run its items: the list is not as long as it was when they were dealt out."""
    if loop.only is None or max(loop.only, default=-1) < len(given):
        return None
    return Error("ListChanged", f"item {max(loop.only)} is to run, and the list has {len(given)}: a fault of ours", 0)
