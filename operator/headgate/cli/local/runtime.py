"""Finds what runs nodes on this machine: `headgate-node`, and the packages that it has nodes in.

The runtime is a program of its own, as in a node image; nothing of it is imported. `command` asks.
"""

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from headgate.cli.cluster.session import StoppedError
from headgate_lang import report, strict, task

PROGRAM = "headgate-node"
_INSTALL = (
    "install it from a clone of Headgate (pip install ./operator/headgate_lang './node-images/sdk[http]' "
    "./node-images/core), or say --runtime COMMAND"
)
_RUN = task.Run("probe", "local", "probe", "probe", "probe", "2026-01-01T00:00:00Z")
_NODE, _TYPE = "probe", "headgate-probe.v1"
_UNKNOWN = "UnknownNode"
_SECONDS = 60.0
VARIABLES = ("PATH", "HOME", "LANG", "LC_ALL", "SSL_CERT_FILE", "SSL_CERT_DIR")
"""Of a person's environment, what a node's process gets: nothing that a workflow could read a secret from."""


def find_runtime(said: str | None, environment: Mapping[str, str]) -> tuple[str, ...]:
    """The command that a package is added to: the one that was said, beside this interpreter, or on the path."""
    if said:
        command = tuple(shlex.split(said))
        if not command or shutil.which(command[0], path=environment.get("PATH")) is None:
            raise StoppedError(f"there is no program {command[0] if command else said!r}, which --runtime names")
        return command
    beside = Path(sys.executable).parent / PROGRAM
    found = str(beside) if os.access(beside, os.X_OK) else shutil.which(PROGRAM, path=environment.get("PATH"))
    if found is None:
        raise StoppedError(f"nodes run as processes of `{PROGRAM}`, which is not here: {_INSTALL}")
    return (found,)


def check_package(runtime: tuple[str, ...], package: str, environment: Mapping[str, str]) -> str | None:
    """Why nodes of a package cannot run here; None if they can. It is asked for a node that no package has."""
    todo = task.Task(task.VERSION, _RUN, (task.Member(_NODE, _TYPE, "o0", 1024),))
    with tempfile.TemporaryDirectory(prefix="headgate-probe-") as root:
        (Path(root) / "out").mkdir()
        told = {task.VARIABLE: task.encode(todo), "HEADGATE_ROOT": root}
        passed = {name: environment[name] for name in VARIABLES if name in environment}
        try:
            ended = subprocess.run(  # noqa: S603 - the command that a person named
                [*runtime, package],
                env={**passed, **told},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return f"{runtime[0]} does not answer: {error}"
        return _judge(Path(root) / "out" / task.REPORT, ended.stderr or ended.stdout)


def _judge(file: Path, printed: bytes) -> str | None:
    try:
        entry = report.decode(file.read_text(encoding="utf-8"), [_NODE]).instances[_NODE]
    except (OSError, UnicodeDecodeError, KeyError, strict.MalformedError):
        last = printed.decode(errors="replace").strip().splitlines()[-1:]
        return f"it left no report{f': {last[0][:300]}' if last else ''}"
    return None if entry.reason == _UNKNOWN else entry.message
