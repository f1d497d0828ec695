"""What the members of a pod have in common."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any

from headgate_lang.reasons import Reason
from headgate_lang.report import Error
from headgate_lang.resolve import Resolved
from headgate_lang.task import Task
from headgate_node.context import Tell
from headgate_node.definition import NodeDefinition
from headgate_node.runtime.attempts import Attempts
from headgate_node.runtime.mask import Mask
from headgate_node.runtime.outputs import Outputs
from headgate_node.runtime.reporter import Reporter
from headgate_node.runtime.resolving import Resolver
from headgate_node.runtime.roots import Roots
from headgate_node.runtime.stopping import Stopping

FindNode = Callable[[str], NodeDefinition[Any]]
"""By `use`, as it is pinned: `http.v2`. Raises what importing its file raises, and UnknownNodeError."""


@dataclass(frozen=True)
class Services:
    task: Task
    find_node: FindNode
    roots: Roots
    resolver: Resolver
    attempts: Attempts
    reporter: Reporter
    outputs: Outputs
    stopping: Stopping
    mask: Mask
    tell: Tell
    slots: asyncio.Semaphore | None = field(default=None)

    @property
    def slot(self) -> AbstractAsyncContextManager[None]:
        """One of so many that may run at a time."""
        return self.slots or nullcontext()

    def expression_error(self, resolved: Resolved) -> Error:
        """All that could not be computed."""
        message = "; ".join(str(fault) for fault in resolved.faults)
        return Error(Reason.EXPRESSION_ERROR, self.mask.text(message), 0)
