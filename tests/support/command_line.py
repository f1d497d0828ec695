"""`headgate` as people use it on a real cluster: impersonated, in a pipe or at a terminal.

Called by the integration tests of the command line.
"""

import os
import pty
import re
import select
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

from cluster.context import decide_context
from cluster.settings import Settings
from support.cli import Ran, headgate

SECONDS = 30.0


class Shell:
    """`headgate` in one namespace, for whoever acts there."""

    def __init__(self, settings: Settings, namespace: str, groups: Mapping[str, Sequence[str]]) -> None:
        """`groups`: those of each person."""
        self._groups = groups
        context = decide_context(os.environ)
        where = ["--context", context.name, "-n", namespace]
        self._where = [*where, "--kubeconfig", str(settings.admin_kubeconfig)] if context.ours else where
        self._environment = {**os.environ, "TERM": "xterm", "COLUMNS": "120"}

    def words(self, who: str, *words: str) -> list[str]:
        groups = [f"--as-group={group}" for group in self._groups[who]]
        return [*words, *self._where, f"--as={who}", *groups]

    def run(self, who: str, *words: str, stdin: str = "") -> Ran:
        return headgate(*self.words(who, *words), stdin=stdin)

    def sit_down(self, who: str, *words: str, **environment: str) -> "Typist":
        """Somebody at a terminal who has typed this command."""
        program = Path(sys.executable).with_name("headgate")
        return Typist([str(program), *self.words(who, *words)], {**self._environment, **environment})


class Typist:
    """Somebody at a terminal: types when they have read what they wait for."""

    def __init__(self, words: Sequence[str], environment: Mapping[str, str]) -> None:
        self._fd, slave = pty.openpty()
        self._process = subprocess.Popen(
            words, stdin=slave, stdout=slave, stderr=slave, env=dict(environment), start_new_session=True
        )
        os.close(slave)
        self.seen = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing goes on that a failed test has left there."""
        self._process.kill()
        self._process.wait()
        os.close(self._fd)

    def read_until(self, text: str) -> str:
        while text not in self.plain:
            assert self._read(), self.seen
        return self.plain

    @property
    def plain(self) -> str:
        return re.sub(r"\x1b\[[0-9;]*m", "", self.seen).replace("\r\n", "\n")

    def type(self, text: str) -> None:
        os.write(self._fd, text.encode())

    def interrupt(self) -> None:
        self._process.send_signal(signal.SIGINT)

    def end(self) -> int:
        """Its exit code; what it has printed to its end has been seen then."""
        while self._read():
            pass
        return self._process.wait(SECONDS)

    def _read(self) -> bool:
        """A piece, if there comes one soon; False when the other end is closed."""
        if select.select([self._fd], [], [], SECONDS)[0]:
            try:
                piece = os.read(self._fd, 65536)
            except OSError:  # which is how the end of a terminal is told
                return False
            self.seen += piece.decode()
            return bool(piece)
        raise AssertionError(f"nothing more is said: {self.seen}")
