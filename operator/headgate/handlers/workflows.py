"""The status of a Workflow: whether it can run, every problem of it, its revision, the Run that was last.

Looked at again when it changes or something that it may refer to does; written only where it says something new.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from headgate.api.workflow import Workflow
from headgate.compiler.check import check
from headgate.compiler.parse import parse
from headgate.errors import Problem, Severity
from headgate.handlers.catalogue import LiveCatalogue, Models
from headgate.handlers.revisions import Revisions
from headgate.handlers.siblings import Siblings
from headgate.handlers.world import World
from headgate.kube import kinds
from headgate.kube.client import Client
from headgate.kube.kinds import Object
from headgate.kube.times import write_time
from headgate.lifecycle.pinned import Pinned, pin

_MOST_FINDINGS = 100
_LONGEST = 1024


class WorkflowChecker:
    def __init__(
        self,
        world: World,
        siblings: Siblings,
        client: Client,
        models: Models,
        revisions: Revisions,
        now: Callable[[], datetime],
    ) -> None:
        self._world = world
        self._siblings = siblings
        self._client = client
        self._models = models
        self._revisions = revisions
        self._now = now

    async def look(self, namespace: str, name: str) -> None:
        thing = self._world.workflows.get(namespace, name)
        if thing is None or "deletionTimestamp" in thing["metadata"]:
            return
        catalogue = LiveCatalogue(self._world, self._models, namespace)
        parsed = parse(thing)
        problems: Sequence[Problem] = parsed.problems
        pinned = None
        if isinstance(parsed.model, Workflow):
            checked = check(parsed.model.spec, catalogue, name=name)
            problems = tuple(dict.fromkeys([*parsed.problems, *checked.problems]))
            if not _errors(problems):
                pinned = pin(name, parsed.model.spec, catalogue)
        last = self._siblings.last((namespace, name))
        old = thing.get("status") or {}
        status = build_status(thing, problems, pinned, last.name if last else old.get("lastRun"), self._now())
        if pinned is not None and old.get("revision") != pinned.revision:
            await self._revisions.pin(namespace, pinned.object_name, pinned.labels, pinned.content())
        if status != old:
            self._world.workflows.put(await self._client.replace_status(kinds.WORKFLOW, thing, status))


def build_status(
    workflow: Object, problems: Sequence[Problem], pinned: Pinned | None, last_run: str | None, now: datetime
) -> Object:
    """The whole status. It is the same as before unless something else is true."""
    errors = _errors(problems)
    old = workflow.get("status") or {}
    condition = {
        "type": "Valid",
        "status": "False" if errors else "True",
        "reason": errors[0].reason if errors else "Checked",
        "message": _message(errors, len(problems) - len(errors)),
        "observedGeneration": workflow["metadata"].get("generation", 1),
    }
    status: Object = {
        "problems": len(problems),
        "findings": [_finding(problem) for problem in problems[:_MOST_FINDINGS]],
        "conditions": [{**condition, "lastTransitionTime": _transition(old, condition, now)}],
    }
    if pinned is not None:
        status["revision"] = pinned.revision
    if last_run:
        status["lastRun"] = last_run
    return status if status["findings"] else {name: value for name, value in status.items() if name != "findings"}


def _errors(problems: Sequence[Problem]) -> list[Problem]:
    return [problem for problem in problems if problem.severity is Severity.ERROR]


def _message(errors: Sequence[Problem], warnings: int) -> str:
    doubts = f", {warnings} {'warning' if warnings == 1 else 'warnings'}" if warnings else ""
    if not errors:
        return f"it can run{doubts}"
    more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    return f"{errors[0]}{more}{doubts}"[:32_000]


def _finding(problem: Problem) -> dict[str, Any]:
    finding = {
        "path": str(problem.path)[:_LONGEST],
        "reason": str(problem.reason),
        "message": problem.message[:_LONGEST],
        "severity": problem.severity.value,
    }
    return {**finding, "remedy": problem.remedy[:_LONGEST]} if problem.remedy else finding


def _transition(old: Mapping[str, Any], condition: Mapping[str, Any], now: datetime) -> str:
    for one in old.get("conditions") or ():
        if one["type"] == condition["type"] and one["status"] == condition["status"]:
            return str(one["lastTransitionTime"])
    return write_time(now)
