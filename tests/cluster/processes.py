"""Starts a component so that it outlives the command, and knows it again later.

A process is ours only while its start time and the machine's boot are those recorded, so a process id that was
given to somebody else is never killed. Used by `supervisor`, `status` and `down`.
"""

import json
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from cluster import cgroups, namespaces
from cluster.component import Component
from cluster.settings import Settings

BASE_ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LANG": "C.UTF-8"}
LOG_LIMIT = 50_000_000
ENTER = 'echo $$ > "$1"; shift; exec "$@"'
"""Joins the component's control group and becomes the component, under the same process id."""


@dataclass(frozen=True)
class Record:
    """What was written down about a process when it was started."""

    pid: int
    ticks: int
    boot: str
    digest: str
    since: float


def boot_id() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def start_ticks(pid: int) -> int | None:
    """When the process started, in ticks since boot; None when there is none, or only its remains."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    fields = text.rpartition(")")[2].split()
    return None if fields[0] in {"Z", "X"} else int(fields[19])


def read_record(settings: Settings, name: str) -> Record | None:
    try:
        return Record(**json.loads(_path(settings, name).read_text()))
    except (OSError, ValueError, TypeError):
        return None


def is_alive(record: Record | None) -> bool:
    return record is not None and record.boot == boot_id() and start_ticks(record.pid) == record.ticks


def launch(settings: Settings, component: Component) -> Record:
    for path, content in component.files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    log = settings.logs / f"{component.name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > LOG_LIMIT:
        log.replace(log.with_suffix(".log.old"))
    procs = cgroups.place(component.name)
    words = [*namespaces.enter(settings), *component.argv]
    with log.open("ab") as stream:
        process = subprocess.Popen(
            ["/bin/sh", "-c", ENTER, "sh", procs, *words],
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
            env={**BASE_ENVIRONMENT, **component.environment},
            cwd="/",
            start_new_session=True,
        )
    record = Record(process.pid, start_ticks(process.pid) or 0, boot_id(), component.digest, time.time())
    process.returncode = 0  # it is meant to outlive us: no warning about a child that still runs
    _path(settings, component.name).parent.mkdir(parents=True, exist_ok=True)
    _path(settings, component.name).write_text(json.dumps(asdict(record)) + "\n")
    return record


def terminate(settings: Settings, names: Sequence[str], patience: float = 3.0) -> None:
    """Ask all of them first, then insist; a process that is not provably ours is left alone."""
    records = [record for name in names if (record := read_record(settings, name)) is not None]
    for sign in (signal.SIGTERM, signal.SIGKILL):
        deadline = time.monotonic() + patience
        for record in filter(is_alive, records):
            with suppress(ProcessLookupError):
                os.kill(record.pid, sign)
        while any(is_alive(record) for record in records) and time.monotonic() < deadline:
            time.sleep(0.02)
    for name in names:
        _path(settings, name).unlink(missing_ok=True)


def last_lines(settings: Settings, name: str, count: int = 8) -> str:
    try:
        text = (settings.logs / f"{name}.log").read_bytes()[-8000:].decode(errors="replace")
    except OSError:
        return ""
    return "".join(f"\n    {line[:400]}" for line in text.splitlines()[-count:])


def _path(settings: Settings, name: str) -> Path:
    return settings.run / "processes" / f"{name}.json"
