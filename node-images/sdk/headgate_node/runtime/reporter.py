"""The report of a pod, kept and written whole: what has started is on disk before it starts (ARCHITECTURE §5).

What starts or ends at the same moment is written at once. What has only ended waits a little, if writing takes long. An
item is told as running until the document is on disk in which the outputs of items grow.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from headgate_lang.report import Entry, Phase
from headgate_node.runtime.fitting import encode_entry, encode_report
from headgate_node.runtime.folders import Folders

REST = 10
"""Writing takes at most one part in so many of the time."""


class Reporter:
    def __init__(self, folders: Folders, limit: int, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.entries: dict[str, Entry] = {}
        """All that there is to tell, written or not."""
        self._written: dict[str, Entry] = {}
        self._encoded: dict[str, str] = {}
        self._unwritten: dict[str, Entry] = {}
        self._folders = folders
        self._limit = limit
        self._now = now
        self._before: list[Callable[[], None]] = []
        self._starting: asyncio.Future[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._due = 0.0
        self._begun: dict[str, float] = {}

    def before_ends(self, action: Callable[[], None]) -> None:
        """What must be on disk before the report says that something has ended."""
        self._before.append(action)

    async def start(self, instance: str) -> None:
        """Say that an instance starts. It may do so when this returns."""
        self._begun[instance] = time.monotonic()
        entry = Entry(Phase.RUNNING, started_at=self._now().strftime("%Y-%m-%dT%H:%M:%SZ"))
        self._put(instance, entry)
        if self._starting is None:
            loop = asyncio.get_running_loop()
            self._starting = loop.create_future()
            loop.call_soon(self._write_starts)
        await asyncio.shield(self._starting)

    def settle(self, instance: str, entry: Entry) -> None:
        """Say how an instance ended."""
        begun = self._begun.pop(instance, None)
        if begun is not None:
            started = self.entries[instance].started_at
            entry = replace(entry, started_at=started, seconds=round(time.monotonic() - begun, 3))
        self.entries[instance] = self._unwritten[instance] = entry
        self.write_soon()

    def update(self, instance: str, entry: Entry) -> None:
        """Say more of an instance that runs."""
        self._put(instance, replace(entry, started_at=self.entries[instance].started_at))
        self.write_soon()

    def write_soon(self) -> None:
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_at(max(loop.time(), self._due), self.write)

    def write(self) -> None:
        """Write all of it now. Raises OSError."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        begun = time.monotonic()
        for action in self._before:
            action()
        for instance, entry in self._unwritten.items():
            self._written[instance], self._encoded[instance] = entry, encode_entry(instance, entry)
        self._unwritten.clear()
        self._write()
        ended = time.monotonic()
        self._due = ended + REST * (ended - begun)

    def _write_starts(self) -> None:
        starting, self._starting = self._starting, None
        assert starting is not None
        try:
            if self._before and time.monotonic() < self._due:
                self._write()
            else:
                self.write()
        except OSError as error:
            starting.set_exception(error)
        else:
            starting.set_result(None)

    def _put(self, instance: str, entry: Entry) -> None:
        self.entries[instance] = self._written[instance] = entry
        self._encoded[instance] = encode_entry(instance, entry)

    def _write(self) -> None:
        self._folders.write_report(encode_report(self._encoded, self._written, self._limit))
