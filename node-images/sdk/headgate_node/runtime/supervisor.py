"""The process that Argo started: it passes on what the worker prints and the signals it gets, and outlives the worker.

If that dies, what it was about to do is told as failed: a node that ends its process, or is ended for its memory, is
named. It loads next to nothing, and never what a user wrote.
"""

import os
import re
import select
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from headgate_lang import report, strict
from headgate_lang.report import Entry, Phase
from headgate_lang.task import Task
from headgate_node.runtime.burial import bury, why_died
from headgate_node.runtime.conclusion import instances_of
from headgate_node.runtime.fitting import encode_entry, encode_report
from headgate_node.runtime.folders import Folders
from headgate_node.runtime.leaving import leave
from headgate_node.runtime.lines import SIGN, build_line, write_all
from headgate_node.runtime.mask import Mask

GRACE = 20.0
"""Seconds after SIGTERM for a worker that does not end by itself."""
LOOK = 1.0
SLACK = 5.0
"""How long a worker may seem blocked beyond the longest timeout of its members."""
PRINTED = 300
"""Characters of what a process last said, for the error of a node."""


@dataclass
class Worker:
    process: int
    output: int
    """Where what it prints can be read."""
    pulse: Callable[[], tuple[float, bool]]
    """When its loop last turned, by the monotonic clock, and whether it has come to its end."""


class Supervisor:
    def __init__(self, task: Task, folders: Folders, mask: Mask, worker: Worker, out: int) -> None:
        self._task = task
        self._folders = folders
        self._mask = mask
        self._worker = worker
        self._out = out
        self._rest = b""
        self._printed = ""
        self._stopped_at: float | None = None
        self._was_blocked = False
        self._was_killed = False

    def stop(self, *_: Any) -> None:
        """SIGTERM has come."""
        if self._stopped_at is None:
            self._stopped_at = time.monotonic()
        with suppress(ProcessLookupError):  # it may have ended by itself, and its report is being written
            os.kill(self._worker.process, signal.SIGTERM)

    def run(self) -> int:
        """Until the worker has ended. The exit code: 0 if everything could be told."""
        signal.signal(signal.SIGTERM, self.stop)
        signal.signal(signal.SIGINT, self.stop)
        waking, wake = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        watched = [waking, self._worker.output]
        while (status := self._reap()) is None:
            ready, _, _ = select.select(watched, [], [], LOOK)
            if waking in ready:
                os.read(waking, 4096)
            if self._worker.output in ready and not self._pass_on():
                watched = [waking]  # closed, though the worker may still run
            self._watch()
        self._drain()
        is_done = self._worker.pulse()[1]  # a node may have ended the process, with any code
        return 0 if is_done or self._was_killed else self._settle(status)

    def _reap(self) -> int | None:
        """How the worker ended, if it has."""
        while True:
            try:
                process, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return 0
            if process == 0:
                return None
            if process == self._worker.process:
                return os.waitstatus_to_exitcode(status)

    def _watch(self) -> None:
        now = time.monotonic()
        if self._stopped_at is not None and now - self._stopped_at > GRACE:
            self._was_killed = True
            os.kill(self._worker.process, signal.SIGKILL)
        elif now - self._worker.pulse()[0] > max((one.timeout for one in self._task.members), default=0.0) + SLACK:
            self._was_blocked = True
            os.kill(self._worker.process, signal.SIGKILL)

    def _drain(self) -> None:
        """What is left to read. Who else holds the other end is not waited for."""
        os.set_blocking(self._worker.output, False)
        while self._pass_on():
            pass
        if self._rest:
            self._print(self._rest)

    def _pass_on(self) -> bool:
        try:
            data = os.read(self._worker.output, 1 << 16)
        except BlockingIOError:
            return False
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._print(line)
        if len(self._rest) > 1 << 17:
            self._print(self._rest)
            self._rest = b""
        return bool(data)

    def _print(self, line: bytes) -> None:
        """The worker's own lines as they are; whatever else was printed, as a line of the log."""
        foreign, sign, own = line.partition(SIGN)
        if foreign.strip():
            text = foreign.decode(errors="replace")
            self._printed = self._mask.text(text.strip())[-PRINTED:]
            write_all(self._out, build_line({"type": "log", "level": "info", "message": text}, self._mask, _now()))
        if sign:  # masked once more: what has the sign need not be the worker's
            write_all(self._out, self._mask.text(own.decode(errors="replace")).encode() + b"\n")

    def _settle(self, status: int) -> int:
        reason, words = why_died(
            status, was_blocked=self._was_blocked, ran_out_of_memory=status == -signal.SIGKILL and _ran_out_of_memory()
        )
        entries = _read_entries(self._task, self._folders)
        entries = bury(self._task, entries, reason, words, self._printed)
        encoded = {instance: encode_entry(instance, entry) for instance, entry in entries.items()}
        try:
            self._folders.write_report(encode_report(encoded, entries, self._task.report_limit))
            leave(self._task, entries, self._folders)
        except OSError as error:
            told = {"type": "log", "level": "error", "message": f"the report cannot be written: {error}"}
            write_all(self._out, build_line(told, self._mask, _now()))
            return 1
        return 0


def _read_entries(task: Task, folders: Folders) -> dict[str, Entry]:
    """What the worker had told. If a node wrote something else over it, all may have begun."""
    instances = [instance for member in task.members for instance in instances_of(member)]
    told = folders.read_report()
    try:
        return {} if told is None else dict(report.decode(told, instances).instances)
    except strict.MalformedError:
        return dict.fromkeys(instances, Entry(Phase.RUNNING))


_COUNTERS = (Path("/sys/fs/cgroup/memory.events"), Path("/sys/fs/cgroup/memory/memory.oom_control"))
_KILLED = re.compile(r"^oom_kill ([1-9][0-9]*)$", re.MULTILINE)


def _ran_out_of_memory() -> bool:
    """Whether the kernel has ended a process of this container for its memory."""
    return any(path.exists() and _KILLED.search(path.read_text(encoding="ascii")) for path in _COUNTERS)


def _now() -> datetime:
    return datetime.now(UTC)
