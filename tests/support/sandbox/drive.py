"""Runs probes on this machine as a user without rights: a superuser's limits would not be limits."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from support.sandbox.probe import DRIVER, Probe, build_order

PACKAGES = Path(__file__).resolve().parents[3] / "node-images" / "code"
NOBODY = 65532


def drive(probes: Sequence[Probe], *, bare: bool = False, wrapper: Sequence[str] = ()) -> dict[str, Any]:
    """What the driver prints. `bare` is without the sandbox; a `wrapper` runs the driver for us."""
    process = start_driver(wrapper)
    said, complaints = process.communicate(build_order(probes, bare=bare))
    assert process.returncode == 0, complaints
    assert not complaints, complaints
    found: dict[str, Any] = json.loads(said)
    return found


def start_driver(wrapper: Sequence[str] = ()) -> "subprocess.Popen[str]":
    root = os.geteuid() == 0
    user: dict[str, Any] = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if root else {}
    return subprocess.Popen(
        [_find_python() if root else sys.executable, *wrapper, str(DRIVER)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd="/",
        env={"PYTHONPATH": str(PACKAGES), "PYTHONDONTWRITEBYTECODE": "1", "PROBE_SECRET": "not for the code"},
        **user,
    )


def _find_python() -> str:
    """A Python that everybody may run: a superuser's own lies in a folder of theirs."""
    for candidate in (Path(sys.executable).resolve(), Path("/usr/bin/python3")):
        if candidate.exists() and all(folder.stat().st_mode & 0o001 for folder in (candidate, *candidate.parents)):
            return str(candidate)
    pytest.skip("this superuser has no Python that another user may run: install Debian's python3")
