"""What the expressions of a pod can read: `inputs`, `vars`, `run`, and each node once it has ended."""

from collections.abc import Container, Mapping
from typing import Any

from headgate_lang.report import End, Error, Failure
from headgate_lang.scope import Scope
from headgate_lang.task import Run, Task

LOOP_ROOTS = ("item", "index")


class Roots:
    def __init__(self, task: Task) -> None:
        self._schemas = task.schemas
        self._documents: dict[str, Any] = {"inputs": task.inputs, "vars": task.vars, "run": _build_run(task.run)}
        self._scope: Scope | None = None

    def put(self, root: str, document: Any) -> None:
        self._documents[root] = document
        self._scope = None

    def find(self, root: str) -> tuple[Any, Any] | None:
        """Document and schema of a root; None if there is nothing to read (yet)."""
        return (self._documents[root], self._schemas.get(root)) if root in self._documents else None

    def hidden(self, spared: Container[str]) -> dict[str, Any]:
        """All other roots, with nothing in them."""
        return {root: {} for root in self._documents if root not in spared}

    def schema(self, root: str) -> Any:
        return self._schemas.get(root)

    @property
    def scope(self) -> Scope:
        if self._scope is None:
            self._scope = Scope(self._documents, self._schemas)
        return self._scope


def _build_run(run: Run) -> dict[str, Any]:
    read = {
        "name": run.name,
        "uid": run.uid,
        "requester": run.requester,
        "environment": run.environment,
        "workflow": run.workflow,
        "revision": run.revision,
        "startedAt": run.started_at,
        "phase": run.phase,
        "failed": None if run.failed is None else list(run.failed),
    }
    return {name: value for name, value in read.items() if value is not None}


def build_error(end: End) -> dict[str, Any]:
    """What others read of a node that failed."""
    error = end.error or Error("", "")
    told: dict[str, Any] = _build_plain(error)
    if end.failed:
        told["items"] = [build_failure(failure) for failure in end.failed]
    return {"error": told}


def build_failure(failure: Failure) -> Mapping[str, Any]:
    """An item of a loop that failed, as `a.failed` and `a.error.items` have it."""
    item = {} if failure.item is None else {"item": failure.item}
    return {"index": failure.index, **item, "error": _build_plain(failure.error)}


def _build_plain(error: Error) -> dict[str, Any]:
    return {"reason": str(error.reason), "message": error.message, "attempts": error.attempts}
