"""A program at a real terminal, and a person who types: for tests of what asks. Waits for what is printed."""

import os
import pty
import re
import select
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

_COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


def _hear_interrupts() -> None:
    """Whoever started the tests in the background has them ignored, and so would all that they start."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Typed:
    def __init__(self, command: Sequence[str], environment: Mapping[str, str], folder: Path | None = None) -> None:
        self._master, slave = pty.openpty()
        self.process = subprocess.Popen(
            command,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=dict(environment),
            cwd=folder,
            start_new_session=True,
            preexec_fn=_hear_interrupts,  # noqa: PLW1509 - no thread of these tests holds a lock
        )
        os.close(slave)
        self.shown = ""
        self._read = 0

    def expect(self, text: str, seconds: float = 60.0) -> None:
        """Wait until this is shown, after all that was expected before."""
        until = time.monotonic() + seconds
        while text not in self.shown[self._read :]:
            assert time.monotonic() < until, f"{text!r} never came:\n{self.shown[self._read :]}"
            assert self._take(), f"it ended before {text!r} came:\n{self.shown}"
        self._read = self.shown.index(text, self._read) + len(text)

    def type(self, line: str) -> None:
        self.press(f"{line}\n")

    def press(self, keys: str) -> None:
        os.write(self._master, keys.encode())

    def interrupt(self) -> None:
        self.process.send_signal(signal.SIGINT)

    def end(self, seconds: float = 60.0) -> int:
        """Its exit code, once it has ended."""
        until = time.monotonic() + seconds
        while self._take():
            assert time.monotonic() < until, f"it never ends:\n{self.shown}"
        os.close(self._master)
        return self.process.wait(seconds)

    def _take(self) -> bool:
        """Read what is there; False once nobody writes any more."""
        ready, _, _ = select.select([self._master], [], [], 1.0)
        if not ready:
            return self.process.poll() is None
        try:
            data = os.read(self._master, 1 << 16)
        except OSError:
            return False
        self.shown += _COLOURS.sub("", data.decode(errors="replace")).replace("\r\n", "\n")
        return bool(data)
