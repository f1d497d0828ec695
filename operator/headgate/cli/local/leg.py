"""An Argo Workflow as a local Run carries it out: which pods are due, what they are given, what became of them.

It understands the manifests that `compiler.emit` writes, and refuses anything else: what Argo would do with them on a
cluster (waiting, passing on, omitting) is done here by the same words. Pure; `ground` keeps the legs.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from headgate.compiler.emit.identity import CLAIMS, LEG, RUN_UID
from headgate.lifecycle.observed import ObservedLeg, ObservedPod

_SUCCEEDED = re.compile(r"n(\d+)\.Succeeded")
_GO = re.compile(r"\(tasks\?\.n(\d+)\?\.outputs\?\.parameters\?\.\['(go-n\d+)'\] \?\? 'false'\) == 'true'")
_PASSED = re.compile(r"\{\{=tasks\?\.n(\d+)\?\.outputs\?\.parameters\?\.(\w+) \?\? 'null'\}\}")
_SHUT_DOWN = "workflow shutdown with strategy: Terminate"
_OVER = frozenset({"Succeeded", "Failed", "Error", "Skipped", "Omitted"})


@dataclass(frozen=True, slots=True)
class Step:
    """A task of the leg's graph, with its template."""

    template: Mapping[str, Any]
    waits_for: tuple[int, ...]
    go: tuple[tuple[int, str], ...]
    """Other steps, and which of their files must say `true`."""
    passed: Mapping[str, tuple[int, str]]
    """Artifact → the step and the parameter that it is."""


@dataclass(slots=True)
class Pod:
    phase: str
    started_at: datetime | None = None
    ended_at: datetime | None = None
    message: str = ""
    outputs: Mapping[str, str] = field(default_factory=dict)
    artifacts: frozenset[str] = frozenset()


class Leg:
    def __init__(self, manifest: Mapping[str, Any], uid: str, created_at: datetime) -> None:
        self.manifest = manifest
        self.uid = uid
        self.pods: dict[int, Pod] = {}
        self.suspended = False
        self.shutdown = False
        self._created_at = created_at
        self._shut_down_at: datetime | None = None
        self._resumed_at: datetime | None = None
        self._ended_at: datetime | None = None
        graph, *templates = manifest["spec"]["templates"]
        by_name = {template["name"]: template for template in templates}
        self.steps = tuple(_read_step(task, by_name[task["template"]]) for task in graph["dag"]["tasks"])

    @property
    def name(self) -> str:
        return str(self.manifest["metadata"]["name"])

    @property
    def run_uid(self) -> str:
        return str(self.manifest["metadata"]["labels"][RUN_UID])

    @property
    def running(self) -> list[int]:
        return [position for position, pod in self.pods.items() if pod.phase == "Running"]

    @property
    def has_ended(self) -> bool:
        return self._ended_at is not None

    def due(self, now: datetime) -> list[int]:
        """The pods that start now. Those that never will are marked on the way, as Argo does."""
        if self.suspended or self.shutdown:
            self._close(now)
            return []
        while self._pass_over():
            pass
        self._close(now)
        room = self.manifest["spec"].get("parallelism", len(self.steps)) - len(self.running)
        ready = [one for one in range(len(self.steps)) if one not in self.pods and self._has_all(one)]
        return ready[: max(0, room)]

    def start(self, position: int, now: datetime) -> None:
        self.pods[position] = Pod("Running", now)

    def end(self, position: int, pod: Pod, now: datetime) -> None:
        if self.shutdown and pod.phase != "Succeeded":
            pod.message = _SHUT_DOWN
        before = self.pods[position]
        pod.started_at, pod.ended_at = before.started_at, now
        self.pods[position] = pod
        self.due(now)

    def shut_down(self, now: datetime) -> None:
        self.shutdown, self.suspended = True, False
        self._shut_down_at = now
        self._close(now)

    def resume(self, now: datetime) -> None:
        self.suspended, self._resumed_at = False, now

    def inputs_of(self, position: int) -> Iterator[tuple[str, str]]:
        """Path and text of what the pod is given by Argo itself."""
        step = self.steps[position]
        for artifact in step.template.get("inputs", {}).get("artifacts", ()):
            if artifact["name"] in step.passed:
                other, parameter = step.passed[artifact["name"]]
                yield artifact["path"], self._output(other, parameter, "null")
            elif "raw" in artifact:
                yield artifact["path"], artifact["raw"]["data"]

    def observe(self) -> ObservedLeg:
        metadata = self.manifest["metadata"]
        return ObservedLeg(
            name=self.name,
            uid=self.uid,
            number=int(metadata["labels"][LEG]),
            run_uid=self.run_uid,
            claims=metadata["annotations"][CLAIMS],
            phase=self._phase,
            pods={position: _observe(pod) for position, pod in self.pods.items()},
            suspended=self.suspended,
            shutdown="Terminate" if self.shutdown else "",
            shut_down_at=self._shut_down_at,
            resumed_at=self._resumed_at,
            created_at=self._created_at,
            started_at=self._created_at,
            ended_at=self._ended_at,
        )

    @property
    def _phase(self) -> str:
        if self._ended_at is None:
            return "Running"
        return "Failed" if self.shutdown or any(pod.phase == "Failed" for pod in self.pods.values()) else "Succeeded"

    def _close(self, now: datetime) -> None:
        is_over = self.shutdown or len(self.pods) == len(self.steps)
        if is_over and not self.running and self._ended_at is None:
            self._ended_at = now

    def _pass_over(self) -> bool:
        """Mark what can never start; whether anything was."""
        found = False
        for position, step in enumerate(self.steps):
            if position in self.pods or not all(self._is_over(other) for other in step.waits_for):
                continue
            if not self._has_all(position):
                is_needed = all(self.pods[other].phase == "Succeeded" for other in step.waits_for)
                self.pods[position] = Pod("Skipped" if is_needed else "Omitted")
                found = True
        return found

    def _has_all(self, position: int) -> bool:
        step = self.steps[position]
        if not all(self._is_over(other) and self.pods[other].phase == "Succeeded" for other in step.waits_for):
            return False
        return all(self._output(other, file, "false") == "true" for other, file in step.go)

    def _is_over(self, position: int) -> bool:
        return position in self.pods and self.pods[position].phase in _OVER

    def _output(self, position: int, parameter: str, default: str) -> str:
        pod = self.pods.get(position)
        return default if pod is None else pod.outputs.get(parameter, default)


def _read_step(task: Mapping[str, Any], template: Mapping[str, Any]) -> Step:
    waits_for = tuple(int(_match(_SUCCEEDED, part)[1]) for part in task.get("depends", "").split(" && ") if part)
    when = task.get("when", "").removeprefix("{{=").removesuffix("}}")
    go = [_match(_GO, part) for part in when.split(" && ") if part]
    passed = {}
    for artifact in task.get("arguments", {}).get("artifacts", ()):
        found = _match(_PASSED, artifact["raw"]["data"])
        passed[artifact["name"]] = (int(found[1]), found[2])
    return Step(template, waits_for, tuple((int(one[1]), one[2]) for one in go), passed)


def _match(pattern: re.Pattern[str], text: str) -> re.Match[str]:
    found = pattern.fullmatch(text)
    if found is None:
        raise ValueError(f"a leg says {text!r}, which a local Run does not understand: this is a mistake of ours")
    return found


def _observe(pod: Pod) -> ObservedPod:
    return ObservedPod(pod.phase, pod.message, pod.outputs, pod.artifacts, pod.started_at, pod.ended_at)
