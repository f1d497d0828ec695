"""An Argo Workflow in memory, with its pods: what tests let run, be lost, or be shut down."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from headgate.compiler.emit.identity import RUN_UID
from headgate.compiler.known import Instance
from headgate.lifecycle import claims
from headgate_lang import task
from headgate_lang.report import Entry


@dataclass
class Pod:
    phase: str = "Pending"
    message: str = ""
    outputs: dict[str, str] = field(default_factory=dict)
    started_at: datetime | None = None
    synced: bool = True
    due_at: datetime | None = None
    ended_at: datetime | None = None
    was_placed: bool = True


@dataclass(repr=False)
class Leg:
    manifest: dict[str, Any]
    uid: str
    created_at: datetime
    positions: claims.Positions
    waits_for: list[set[int]]
    pods: dict[int, Pod] = field(default_factory=dict)
    said: dict[Instance, Entry] = field(default_factory=dict)
    phase: str = "Running"
    suspended: bool = False
    shutdown: str = ""
    shut_down_at: datetime | None = None
    resumed_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def name(self) -> str:
        return str(self.manifest["metadata"]["name"])

    @property
    def run_uid(self) -> str:
        return str(self.manifest["metadata"]["labels"][RUN_UID])

    def __repr__(self) -> str:
        return f"Leg({self.name})"

    @property
    def runnable(self) -> list[int]:
        """Pods that could start or go on."""
        if self.phase != "Running" or self.shutdown:
            return []
        done = {position for position, pod in self.pods.items() if pod.phase not in ("Pending", "Running")}
        well = {position for position in done if self.pods[position].phase == "Succeeded"}
        ready = [i for i in range(len(self.positions)) if i not in done and self.waits_for[i] <= well]
        return [i for i in ready if i in self.pods or not self.suspended]

    def omit(self) -> None:
        """Argo starts nothing that waits for a pod which did not end well."""
        for position, waits_for in enumerate(self.waits_for):
            if any(self.pods[other].phase in ("Failed", "Error", "Omitted") for other in waits_for & self.pods.keys()):
                self.pods.setdefault(position, Pod("Omitted"))

    def task(self, position: int) -> task.Task:
        return task.decode(self.template(position)["container"]["env"][0]["value"])

    def template(self, position: int) -> dict[str, Any]:
        found: dict[str, Any] = next(one for one in self.manifest["spec"]["templates"] if one["name"] == f"n{position}")
        return found
