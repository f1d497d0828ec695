"""Which Run of a workflow was the last, in its status. Of a thousand that start at once, few are worth a write."""

from collections.abc import Callable
from dataclasses import dataclass, field

from headgate.handlers.conditions import write_status
from headgate.handlers.siblings import Siblings
from headgate.kube.cache import Cache
from headgate.kube.client import Client
from headgate.kube.kinds import Key

_SECONDS = 5.0
"""How often it is written at most."""


@dataclass(frozen=True, kw_only=True)
class LastRuns:
    cache: Cache
    """Of Workflows."""
    siblings: Siblings
    client: Client
    clock: Callable[[], float]
    _written: dict[Key, float] = field(default_factory=dict)

    async def look(self, namespace: str, workflow: str) -> float | None:
        """Say after how many seconds to look again, though nothing has been heard by then."""
        key = (namespace, workflow)
        thing = self.cache.get(namespace, workflow)
        last = self.siblings.last(key)
        if thing is None or last is None or "status" not in thing:  # what is checked for the first time says it too
            self._written.pop(key, None)
            return None
        if thing["status"].get("lastRun") == last.name:
            return None
        wait = self._written.get(key, 0.0) + _SECONDS - self.clock()
        if wait > 0:
            return wait
        await write_status(self.client, self.cache, thing, {**thing["status"], "lastRun": last.name})
        self._written[key] = self.clock()
        return None
