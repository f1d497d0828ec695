"""Runs a node in a test, as a pod would:

    output = await run_node("text", {"text": " a ", "operation": "trim"})

Parameters and output are checked as in a pod, and a failure is a `NodeError`. What the node's context would give it is
replaced by keyword arguments.
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from headgate_lang.reasons import Reason
from headgate_lang.task import Run
from headgate_node.calling import call
from headgate_node.context import Context, Surroundings, Tell
from headgate_node.definition import NodeDefinition
from headgate_node.error import NodeError
from headgate_node.granted import Credential, Model
from headgate_node.lookup import find_node

if TYPE_CHECKING:
    from headgate_node.http import GuardedClient

RUN = Run("test-1", "default", "00000000-0000-4000-8000-000000000000", "test", "0" * 12, "2026-01-01T00:00:00Z")


async def run_node(  # noqa: PLR0913 - each replaces a part of the context
    name: str | NodeDefinition[Any],
    with_: Mapping[str, Any] | None = None,
    *,
    package: str = "headgate_core",
    version: int | None = None,
    http: "GuardedClient | None" = None,
    credentials: Mapping[str, Credential] | None = None,
    models: Mapping[str, Model] | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    log: Tell = lambda line: None,
    attempt: int = 1,
    timeout: float = 60.0,  # noqa: ASYNC109 - what a node is told as its deadline
) -> dict[str, Any]:
    """Run a node once and give its output. `log` is told what the pod would write, a mapping a line."""
    definition = find_node(package, name, version) if isinstance(name, str) else name
    async with AsyncExitStack() as stack:
        surroundings = Surroundings(
            run=RUN,
            tell=log,
            http=lambda: http or _client(stack),
            credentials=credentials or {},
            models=models or {},
            now=now,
        )
        ctx = Context(surroundings, definition.name.replace("-", "_"), definition.name, attempt, timeout)
        stack.callback(ctx.close)
        try:
            async with asyncio.timeout(timeout) as limit:
                output: dict[str, Any] = await call(definition, with_ or {}, ctx)
                return output
        except TimeoutError:
            if not limit.expired():
                raise
            raise NodeError(Reason.TIMEOUT, f"not done after {timeout:g} s") from None


def _client(stack: AsyncExitStack) -> "GuardedClient":
    """One with the settings of a namespace that has none: it reaches public addresses only."""
    from headgate_node.http import GuardedClient, HttpSettings  # noqa: PLC0415 - heavy, and few nodes need it

    client = GuardedClient(HttpSettings())
    stack.push_async_callback(client.aclose)
    return client
