"""A Run under way, and everything about it that does not change while one decision is made."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from headgate.api.run import NodeStatus, Run, RunSpec, RunStatus
from headgate.compiler.graph import Graph
from headgate.lifecycle.documents import Library
from headgate.lifecycle.legview import LegView
from headgate.lifecycle.marks import NO_MARK, Mark, Marks
from headgate.lifecycle.observed import Observed, Settings
from headgate.lifecycle.pinned import Pinned
from headgate_lang import task


class Intent(StrEnum):
    """What is to become of the Run, by people's word or by its deadline."""

    GO = "Go"
    PAUSE = "Pause"
    STOP = "Stop"
    TIME_OUT = "TimeOut"
    TERMINATE = "Terminate"

    @property
    def is_stopping(self) -> bool:
        """Nothing of `nodes` starts any more."""
        return self in (Intent.STOP, Intent.TIME_OUT, Intent.TERMINATE)


@dataclass(frozen=True, slots=True)
class Case:
    observed: Observed
    now: datetime
    status: RunStatus
    """As it was observed, or as the start of the Run made it."""
    pinned: Pinned
    graph: Graph
    intent: Intent
    marks: Marks
    views: tuple[LegView, ...]
    library: Library
    vars: Mapping[str, Any]

    @property
    def run(self) -> Run:
        return self.observed.run

    @property
    def spec(self) -> RunSpec:
        return self.observed.run.spec

    @property
    def settings(self) -> Settings:
        return self.observed.settings

    @property
    def name(self) -> str:
        return self.observed.run.metadata.name or ""

    @property
    def uid(self) -> str:
        return self.observed.run.metadata.uid or ""

    @property
    def attempt(self) -> int:
        return self.status.attempt or 1

    def mark(self, node: str) -> Mark:
        return self.marks.get(node, NO_MARK)

    def before(self, node: str) -> NodeStatus | None:
        """What the status says of a node, unless it was unsettled since."""
        said = self.status.nodes.get(node)
        mark = self.mark(node)
        return said if said is not None and (said.since or 0, said.retried or 0) == (mark.since, mark.retried) else None

    def task_run(self, phase: str | None = None, failed: tuple[str, ...] | None = None) -> task.Run:
        """What expressions read as `run`."""
        return task.Run(
            name=self.name,
            namespace=self.observed.run.metadata.namespace or "",
            uid=self.uid,
            workflow=self.spec.workflow,
            revision=self.status.revision or "",
            started_at=self.status.started_at or "",
            requester=self.spec.requester,
            environment=self.spec.environment,
            phase=phase,
            failed=failed,
        )
