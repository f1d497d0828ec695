"""One instance of a node: attempts at it, each within its time, until one succeeds or none is left."""

import asyncio
import marshal
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from headgate_lang.reasons import Reason
from headgate_lang.report import Error
from headgate_lang.task import Member
from headgate_node.calling import invoke, read_params
from headgate_node.context import Context, Surroundings
from headgate_node.definition import NodeDefinition
from headgate_node.error import NodeError
from headgate_node.runtime.mask import Mask
from headgate_node.runtime.repeating import is_idempotent, may_repeat, wait_before
from headgate_node.runtime.stopping import Stopping
from headgate_node.shapes import Params

TO_OBEY = 1.0
"""Seconds that a node has to end when it is told to. What goes on after that is left to itself."""


@dataclass(frozen=True, slots=True)
class Done:
    """What came of an instance: an output, or an error."""

    output: Any = None
    error: Error | None = None
    attempts: int = 0
    usage: Mapping[str, float] = field(default_factory=dict)


class Attempts:
    def __init__(self, surroundings: Surroundings, stopping: Stopping, mask: Mask) -> None:
        self._surroundings = surroundings
        self._stopping = stopping
        self._mask = mask

    async def run(self, member: Member, node: NodeDefinition[Any], given: Mapping[str, Any], instance: str) -> Done:
        usage: dict[str, float] = {}
        packed = marshal.dumps(dict(given))
        for attempt in range(1, member.retry.limit + 2):
            try:
                given = marshal.loads(packed)  # noqa: S302 - our own; a copy, for a node may change what it is given
                params = read_params(node, given)
            except NodeError as error:
                return self._failed(error, 0, usage)
            try:
                output = await self._begin(member, node, params, instance, attempt, usage)
            except NodeError as error:
                is_last = attempt > member.retry.limit
                if is_last or not may_repeat(error, member.retry, is_idempotent=is_idempotent(node, params)):
                    return self._failed(error, attempt, usage)
                await self._rest(error, member, instance, attempt)
                if self._stopping.is_set:
                    return self._failed(error, attempt, usage)
            else:
                return Done(self._mask.value(output), None, attempt, usage)
        raise AssertionError("the last attempt has returned")

    async def _begin(
        self,
        member: Member,
        node: NodeDefinition[Any],
        params: Params,
        instance: str,
        attempt: int,
        usage: dict[str, float],
    ) -> Any:
        ctx = Context(self._surroundings, member.node, instance, attempt, member.timeout)
        self._stopping.watch(ctx.cancelled)
        try:
            return await _within_time(asyncio.ensure_future(invoke(node, params, ctx)), ctx, member.timeout)
        finally:
            self._stopping.forget(ctx.cancelled)
            ctx.close()
            for what, amount in ctx.usage.items():
                usage[what] = usage.get(what, 0) + amount

    async def _rest(self, error: NodeError, member: Member, instance: str, attempt: int) -> None:
        wait = wait_before(attempt - 1, member.retry, error.retry_after, random.random())  # noqa: S311 - only jitter
        message = f"attempt {attempt} failed, the next one in {wait:.1f} s: {error.reason}: {error.message}"
        line = {"type": "log", "level": "warning", "message": message, "node": member.node, "instance": instance}
        self._surroundings.tell({**line, "attempt": attempt})
        await self._stopping.sleep(wait)

    def _failed(self, error: NodeError, attempts: int, usage: Mapping[str, float]) -> Done:
        return Done(None, Error(error.reason, self._mask.text(error.message), attempts), attempts, usage)


async def _within_time(task: asyncio.Task[Any], ctx: Context, seconds: float) -> Any:
    """What a node gives. Raises NodeError; if this is cancelled, the node is ended first."""
    try:
        ended, _ = await asyncio.wait({task}, timeout=seconds)
    except asyncio.CancelledError:
        await _end(task, ctx)
        raise
    if not ended:
        await _end(task, ctx)
        raise NodeError(Reason.TIMEOUT, f"not done after {seconds:g} s: raise its `timeout`, or ask for less at once")
    if task.cancelled():
        raise NodeError("NodeCrashed", "the node cancelled itself: a fault of the node")
    return task.result()


async def _end(task: asyncio.Task[Any], ctx: Context) -> None:
    ctx.cancelled.set()
    task.cancel()
    ended, _ = await asyncio.wait({task}, timeout=TO_OBEY)
    if ended and not task.cancelled():
        task.exception()  # looked at, so that nobody is told that it was not
    elif not ended:
        ctx.log.warning("the node goes on although it was cancelled: a fault of the node")
