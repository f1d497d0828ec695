"""What a node is given beside its parameters: `ctx`. Whatever costs anything is made at first use.

The runtime makes one an attempt, `testing` one a test; both fill in the same `Surroundings`.
"""

import asyncio
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headgate_lang.task import Run, idempotency_key
from headgate_node.error import NodeError
from headgate_node.granted import Credential, Model

if TYPE_CHECKING:
    from headgate_node.http import GuardedClient

Tell = Callable[[Mapping[str, Any]], None]
"""Takes a line for the log of the pod: a JSON object with `type` and more."""


class Log:
    """Lines for the log of the Run. What is secret in them is masked before they leave the process."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell

    def debug(self, text: str, **values: Any) -> None:
        self._write("debug", text, values)

    def info(self, text: str, **values: Any) -> None:
        self._write("info", text, values)

    def warning(self, text: str, **values: Any) -> None:
        self._write("warning", text, values)

    def error(self, text: str, **values: Any) -> None:
        self._write("error", text, values)

    def _write(self, level: str, text: str, values: Mapping[str, Any]) -> None:
        self._tell({"type": "log", "level": level, "message": text, **({"values": values} if values else {})})


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Surroundings:
    """What all attempts in a pod have in common."""

    run: Run
    tell: Tell
    http: "Callable[[], GuardedClient]"
    credentials: Mapping[str, Credential] = field(default_factory=dict)
    models: Mapping[str, Model] = field(default_factory=dict)
    now: Callable[[], datetime] = _now
    scratch: Path | None = None
    """The folder in which scratch folders are made; None: the system's."""


class Context:
    """`ctx` of one attempt at one instance of a node."""

    def __init__(
        self, surroundings: Surroundings, node: str, instance: str, attempt: int = 1, timeout: float = 60.0
    ) -> None:
        self._surroundings = surroundings
        self._scratch: tempfile.TemporaryDirectory[str] | None = None
        self.run = surroundings.run
        self.node = node
        """Its name in the workflow."""
        self.instance = instance
        """`fetch`, or of an item of a loop `fetch[3]`."""
        self.attempt = attempt
        """From 1."""
        self.deadline = time.monotonic() + timeout
        """When the attempt ends at the latest, by `time.monotonic()`."""
        self.cancelled = asyncio.Event()
        """Set when the attempt is about to be ended from outside. The task is cancelled as well, a moment later."""
        self.usage: dict[str, float] = {}
        self.log = Log(self._tell)

    @property
    def http(self) -> "GuardedClient":
        """The client for everything outside the cluster; one for the whole pod."""
        return self._surroundings.http()

    @property
    def idempotency_key(self) -> str:
        """For services that recognise a repetition: the same for every attempt at this instance, in whatever pod."""
        return idempotency_key(self.run, self.instance)

    @property
    def scratch(self) -> Path:
        """An empty folder of this attempt's own, removed after it."""
        if self._scratch is None:
            self._scratch = tempfile.TemporaryDirectory(dir=self._surroundings.scratch, ignore_cleanup_errors=True)
        return Path(self._scratch.name)

    def remaining(self) -> float:
        """Seconds until the deadline, never below 0."""
        return max(0.0, self.deadline - time.monotonic())

    def now(self) -> datetime:
        """The time, in UTC."""
        return self._surroundings.now()

    def progress(self, done: float, total: float | None = None, message: str = "") -> None:
        """Tell how far the node is, for whoever watches."""
        line = {"type": "progress", "done": done, "total": total, "message": message}
        self._tell({key: value for key, value in line.items() if value not in (None, "")})

    def stream(self, text: str) -> None:
        """Tell a piece of an answer as it arrives, for whoever watches."""
        self._tell({"type": "stream", "text": text})

    def count(self, **amounts: float) -> None:
        """Add to what the attempt used: `ctx.count(promptTokens=12)`. It is counted a node, a Run, a namespace."""
        for what, amount in amounts.items():
            self.usage[what] = self.usage.get(what, 0) + amount

    def credential(self, name: str) -> Credential:
        found = self._surroundings.credentials.get(name)
        if found is None:
            raise NodeError("CredentialMissing", f"the pod was not given the credential {name!r}: look at its status")
        return found

    def model(self, name: str) -> Model:
        found = self._surroundings.models.get(name)
        if found is None:
            raise NodeError("ModelMissing", f"the pod was not told where the model {name!r} is: look at its status")
        return found

    def close(self) -> None:
        """Remove what was made for the attempt."""
        if self._scratch is not None:
            self._scratch.cleanup()
            self._scratch = None

    def _tell(self, line: Mapping[str, Any]) -> None:
        self._surroundings.tell({**line, "node": self.node, "instance": self.instance, "attempt": self.attempt})
