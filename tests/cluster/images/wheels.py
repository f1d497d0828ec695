"""Fetches and builds the Python packages that go into images, on the host: a build itself has no network.

Locked packages come by their hashes into a wheelhouse kept by the lock's content; our own are built by hatchling.
"""

import os
import platform
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

from cluster.commands import run
from cluster.images.base import NEWEST_GLIBC, PYTHON
from cluster.images.content import hash_parts, hash_text
from cluster.images.settings import Settings

PIP_LOCK = Path(__file__).with_name("pip.txt")
"""The pip that installs inside a build and never ends up in an image."""


def list_platforms(machine: str) -> list[str]:
    """The tags of wheels that run in an image, newest first: pip does not expand them itself for another Python."""
    newer = [f"manylinux_2_{minor}_{machine}" for minor in range(NEWEST_GLIBC, 4, -1)]
    return [*newer, f"manylinux2014_{machine}", f"manylinux2010_{machine}"]


def ensure_wheelhouse(lock: Path, settings: Settings, log: Path) -> Path:
    """The folder with the wheels of a lock, from the cache or fetched now."""
    machine = platform.machine()
    key = hash_parts({"lock": hash_text(lock.read_text()), "python": PYTHON, "machine": machine})
    folder = settings.wheelhouses / key[:12]
    if folder.is_dir():
        return folder
    unfinished = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    platforms = [word for tag in list_platforms(machine) for word in ("--platform", tag)]
    target = ["--python-version", PYTHON, "--implementation", "cp", *platforms, "--only-binary=:all:"]
    fetch = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes", *target]
    run([*fetch, "--dest", unfinished, "--requirement", lock], log=log)
    unfinished.rename(folder)
    return folder


def build_own(projects: Iterable[Path], folder: Path, log: Path) -> None:
    """Build wheels of our own projects into `folder`."""
    folder.mkdir(parents=True)
    for project in projects:
        hatchling = [sys.executable, "-m", "hatchling", "build", "--target", "wheel"]
        run([*hatchling, "--directory", folder], folder=project, log=log)


def stage(lock: Path | None, projects: Iterable[Path], folder: Path, settings: Settings, log: Path) -> None:
    """Lay out what a Dockerfile finds as `--from=wheels`: `tool` (pip), `locked` and `own`."""
    shutil.copytree(ensure_wheelhouse(PIP_LOCK, settings, log), folder / "tool", copy_function=os.link)
    if lock is None:
        (folder / "locked").mkdir()
    else:
        shutil.copytree(ensure_wheelhouse(lock, settings, log), folder / "locked", copy_function=os.link)
        shutil.copyfile(lock, folder / "locked" / "requirements.txt")
    build_own(projects, folder / "own", log)
