"""The cluster's corner of the control groups: every process of ours is in it, so every one can be found.

Components are started inside it, containerd's shims inherit it, and the kubelet puts pods into it
(`cgroupRoot`). It is what `down` empties and removes; nothing else is ever killed.
"""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

NAME = "headgate"
MOUNTS = Path("/proc/mounts")


def hierarchies(mounts: str) -> list[Path]:
    """Where control groups are mounted: one place on version 2, one a controller on version 1."""
    rows = [line.split() for line in mounts.splitlines()]
    first = [Path(row[1]) for row in rows if row[2] == "cgroup"]
    return first or [Path(row[1]) for row in rows if row[2] == "cgroup2"][:1]


def tracking(mounts: str) -> Path | None:
    """The one hierarchy that says which processes are ours."""
    found = hierarchies(mounts)
    return next((path for path in found if path.name == "pids"), found[0] if found else None)


def _roots() -> list[Path]:
    return [path / NAME for path in hierarchies(MOUNTS.read_text())]


def _tracked() -> Path | None:
    found = tracking(MOUNTS.read_text())
    return found / NAME if found else None


def create() -> None:
    """The kubelet wants its root in every hierarchy; version 2 also wants the controllers handed down."""
    for root in _roots():
        _hand_down(root.parent)
        root.mkdir(exist_ok=True)
        _hand_down(root)


def _hand_down(group: Path) -> None:
    """Version 2 only: let the groups inside have every controller that this one has, one by one, for some refuse."""
    with suppress(FileNotFoundError):
        for controller in (group / "cgroup.controllers").read_text().split():
            with suppress(OSError):
                (group / "cgroup.subtree_control").write_text(f"+{controller}")


def place(component: str) -> Path:
    """The file into which a component's first process writes itself."""
    tracked = _tracked()
    if tracked is None:
        raise RuntimeError("prerequisites let a machine without control groups pass")
    folder = tracked / "components" / component
    folder.mkdir(parents=True, exist_ok=True)
    return folder / "cgroup.procs"


def processes() -> list[int]:
    """Every living process of ours, containers included."""
    tracked = _tracked()
    if tracked is None or not tracked.exists():
        return []
    return [int(line) for path in tracked.rglob("cgroup.procs") for line in _lines(path)]


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text().split()
    except OSError:  # the group went away while it was read
        return []


def kill_all(patience: float = 20.0) -> list[int]:
    """Kill until none is left; returns those that would not go, which the kernel must be holding."""
    deadline = time.monotonic() + patience
    while left := processes():
        for pid in left:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if time.monotonic() > deadline:
            return left
        time.sleep(0.02)
    return []


def folders() -> list[Path]:
    return [root for root in _roots() if root.exists()]


def remove() -> None:
    for root in folders():
        _remove_tree(root)


def _remove_tree(root: Path) -> None:
    """Innermost first; a group stays busy for a moment after its last process."""
    for _ in range(100):
        children = sorted((p for p in root.rglob("*") if p.is_dir()), reverse=True)
        for folder in [*children, root]:
            with suppress(OSError):
                folder.rmdir()
        if not root.exists():
            return
        time.sleep(0.05)
