"""The status of a Workflow: whether it can run, every problem of it, its revision, the Run that was last.

Looked at again when it changes or something that it may refer to does; written only where it says something new. That
another Run is the last by now is noted beside it (`last_runs`), since nothing has to be checked for that.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from headgate.api.workflow import Workflow
from headgate.compiler.check import check
from headgate.compiler.parse import parse
from headgate.errors import Problem, Severity
from headgate.handlers.accounts import RECHECK_SECONDS, Accounts
from headgate.handlers.catalogue import LiveCatalogue, Models
from headgate.handlers.conditions import Truth, build_condition, build_verdict, write_status
from headgate.handlers.revisions import Revisions
from headgate.handlers.siblings import Siblings
from headgate.handlers.world import World
from headgate.kube.client import Client
from headgate.kube.kinds import Object
from headgate.lifecycle.pinned import Pinned, pin

_MOST_FINDINGS = 100
_LONGEST = 1024


@dataclass(frozen=True, kw_only=True)
class WorkflowChecker:
    world: World
    siblings: Siblings
    client: Client
    models: Models
    revisions: Revisions
    accounts: Accounts
    now: Callable[[], datetime]

    async def look(self, namespace: str, name: str) -> float | None:
        """Say after how many seconds to look again, though nothing has been heard by then."""
        thing = self.world.workflows.get(namespace, name)
        if thing is None or "deletionTimestamp" in thing["metadata"]:
            return None
        catalogue = LiveCatalogue(self.world, self.models, namespace)
        parsed = parse(thing)
        problems: Sequence[Problem] = parsed.problems
        pinned = None
        if isinstance(parsed.model, Workflow):
            checked = check(parsed.model.spec, catalogue, name=name)
            problems = tuple(dict.fromkeys([*parsed.problems, *checked.problems]))
            if all(problem.severity is not Severity.ERROR for problem in problems):
                pinned = pin(name, parsed.model.spec, catalogue)
        last = self.siblings.last((namespace, name))
        old = thing.get("status") or {}
        last_run = last.name if last else old.get("lastRun")
        missing = await self.accounts.remedy(namespace)
        status = build_status(thing, Found(problems, pinned, last_run, missing), self.now())
        if pinned is not None and old.get("revision") != pinned.revision:
            await self.revisions.pin(namespace, pinned.object_name, pinned.labels, pinned.content())
        await write_status(self.client, self.world.workflows, thing, status)
        return RECHECK_SECONDS if missing else None


@dataclass(frozen=True, slots=True)
class Found:
    """What was found out about a Workflow."""

    problems: Sequence[Problem]
    pinned: Pinned | None
    """None: it cannot run."""
    last_run: str | None
    missing: str | None = None
    """What to do before pods can run in its namespace; None: nothing."""


def build_status(workflow: Object, found: Found, now: datetime) -> Object:
    """The whole status. It is the same as before unless something else is true."""
    status: Object = {
        "problems": len(found.problems),
        "conditions": [
            build_condition(workflow, "Valid", build_verdict(found.problems, "it can run"), now),
            build_condition(workflow, "Ready", _ready(found.missing), now),
        ],
    }
    if found.problems:
        status["findings"] = [_finding(problem) for problem in found.problems[:_MOST_FINDINGS]]
    if found.pinned is not None:
        status["revision"] = found.pinned.revision
    if found.last_run:
        status["lastRun"] = found.last_run
    return status


def _ready(missing: str | None) -> Truth:
    if missing is None:
        return Truth(True, "Prepared", "pods can run in this namespace")
    return Truth(False, "AccountMissing", missing)


def _finding(problem: Problem) -> dict[str, Any]:
    finding = {
        "path": str(problem.path)[:_LONGEST],
        "reason": str(problem.reason),
        "message": problem.message[:_LONGEST],
        "severity": problem.severity.value,
    }
    return {**finding, "remedy": problem.remedy[:_LONGEST]} if problem.remedy else finding
