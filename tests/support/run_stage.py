"""Runs on a real cluster, as tests of chaos ask for them and look at them: many at once, in one namespace."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import yaml

from cluster.errors import CommandError
from cluster.kubectl import Kubectl
from headgate.names import API_VERSION

ENDED = frozenset({"Succeeded", "Failed", "Cancelled", "TimedOut"})

End = tuple[str, Any, dict[str, tuple[str, str | None]]]
"""Phase, outputs, and of each node its phase and reason: what people see of how a Run ended."""


@dataclass(frozen=True)
class RunStage:
    kubectl: Kubectl
    namespace: str

    def workflow(self, text: str, **names: str) -> None:
        """`names`: what stands in the text as $NAME."""
        for name, value in names.items():
            text = text.replace(f"${name.upper()}", value)
        self.apply("Workflow", text)

    def start(self, runs: dict[str, str]) -> None:
        """Name of the Run → workflow."""
        self._apply("Run", [{"metadata": {"name": run}, "spec": {"workflow": runs[run]}} for run in runs])

    def apply(self, kind: str, text: str) -> None:
        self._apply(kind, yaml.safe_load_all(text))

    def runs(self) -> dict[str, dict[str, Any]]:
        return {run["metadata"]["name"]: run for run in self.kubectl.get("hrun", "-n", self.namespace)["items"]}

    def until(self, holds: Callable[[dict[str, dict[str, Any]]], bool], seconds: float) -> dict[str, dict[str, Any]]:
        """All Runs, once it holds of them. An API server that does not answer is asked again."""
        deadline = time.monotonic() + seconds
        while True:
            runs: dict[str, dict[str, Any]] = {}
            try:
                runs = self.runs()
                if holds(runs):
                    return runs
            except CommandError:
                pass
            told = {name: run.get("status", {}).get("message") for name, run in runs.items() if not has_ended(run)}
            assert time.monotonic() < deadline, f"after {seconds:.0f} s, not ended: {told}"
            time.sleep(0.3)

    def until_asked(self, many: int) -> dict[str, str]:
        """Name → uid of the requests that are open, once there are so many."""
        found = self.kubectl.wait(
            "apr",
            "-n",
            self.namespace,
            until=lambda them: sum(one.get("status", {}).get("phase") == "Open" for one in them["items"]) == many,
        )
        return {one["metadata"]["name"]: one["metadata"]["uid"] for one in found["items"]}

    def _apply(self, kind: str, things: Iterable[dict[str, Any]]) -> None:
        head = {"apiVersion": API_VERSION, "kind": kind}
        self.kubectl.apply(
            *({**head, **thing, "metadata": {**thing["metadata"], "namespace": self.namespace}} for thing in things)
        )


def phase_of(run: dict[str, Any], node: str) -> str:
    phase: str = run.get("status", {}).get("nodes", {}).get(node, {}).get("phase", "")
    return phase


def has_ended(run: dict[str, Any]) -> bool:
    return run.get("status", {}).get("phase") in ENDED


def end_of(run: dict[str, Any]) -> End:
    status = run["status"]
    nodes = {name: (node["phase"], node.get("reason")) for name, node in status["nodes"].items()}
    return status["phase"], status.get("outputs"), nodes
