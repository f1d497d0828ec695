"""Runs a command of the machine and turns its failure into one of our errors.

The only place in the package that runs short-lived commands; components are started by `processes`.
"""

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from cluster.errors import CommandError


def run(
    command: Sequence[str | Path],
    *,
    check: bool = True,
    stdin: str | None = None,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    log: Path | None = None,
) -> str:
    """Run to the end and return stdout. With `log`, all output is appended there as well as on failure quoted."""
    words = [str(word) for word in command]
    everything = {**os.environ, **(environment or {})}
    try:
        result = subprocess.run(
            words, input=stdin, capture_output=True, text=True, check=False, cwd=folder, env=everything
        )
    except FileNotFoundError as error:
        raise CommandError(f"{error.filename} is not here: install it.") from error
    if log is not None:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a") as stream:
            stream.write(f"$ {' '.join(words)}\n{result.stdout}{result.stderr}")
    if check and result.returncode != 0:
        said = (result.stderr.strip() or result.stdout.strip())[-2000:]
        where = f" (all of it: {log})" if log is not None else ""
        raise CommandError(f"`{' '.join(words[:6])}` ended with {result.returncode}{where}: {said or 'no output'}")
    return result.stdout
