"""A person at a terminal: questions with a letter for an answer, and a page in their editor."""

import shlex
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from headgate.cli.command import Streams
from headgate.cli.printing.paint import Paint, paint_for, safe

_EDITOR = "vi"


@dataclass(frozen=True, slots=True)
class Terminal:
    streams: Streams

    @property
    def is_there(self) -> bool:
        return self.streams.stdin.isatty() and self.streams.out.isatty()

    @property
    def paint(self) -> Paint:
        return paint_for(self.streams.out, self.streams.environment)

    def say(self, *lines: str) -> None:
        self.streams.out.write("".join(f"{line}\n" for line in lines))

    def ask(self, prompt: str) -> str:
        """What they type; nothing where they end their input."""
        self.streams.out.write(f"{self.paint.bold(safe(prompt))} ")
        self.streams.out.flush()
        line = self.streams.stdin.readline()
        if not line.endswith(b"\n"):
            self.streams.out.write("\n")
        return line.decode(errors="replace").strip()

    def edit(self, page: str) -> str:
        """What became of a page in their editor. Raises CannotEditError."""
        words = self._editor()
        with tempfile.TemporaryDirectory(prefix="headgate-") as folder:
            path = Path(folder, "values.yaml")
            path.write_text(page, encoding="utf-8")
            try:
                done = subprocess.run([*words, str(path)], check=False)  # noqa: S603 - the person's own editor
            except OSError as error:
                raise CannotEditError(f"{words[0]} cannot be started ({error.strerror}): set EDITOR") from None
            if done.returncode != 0:
                raise CannotEditError(f"{words[0]} ended with {done.returncode}: nothing is changed")
            try:
                return path.read_text(encoding="utf-8", errors="replace")
            except OSError as error:
                raise CannotEditError(f"{words[0]} left no page ({error.strerror}): nothing is changed") from None

    def _editor(self) -> list[str]:
        chosen = self.streams.environment.get("VISUAL") or self.streams.environment.get("EDITOR") or ""
        try:
            return shlex.split(chosen) or [_EDITOR]
        except ValueError as error:
            raise CannotEditError(f"EDITOR is {chosen}, which is no command ({error})") from None


class CannotEditError(Exception):
    """There is no page to read. The text says why."""
