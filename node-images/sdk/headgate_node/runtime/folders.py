"""The files of a pod: what it is told, what it writes. Every file is written aside and renamed, so that it is whole.

Paths are those of `headgate_lang.task`; under another root (`HEADGATE_ROOT`) a node can be tried on one's own machine.
"""

import os
from pathlib import Path

from headgate_lang.task import CREDENTIALS, ENDS, IN, LARGE, MODELS, OUT, REPORT
from headgate_node.runtime.exchange import put_in_place

ROOT = "HEADGATE_ROOT"
ASIDE = ".part"
"""What a file is called that is not whole yet, or no longer the last."""


class Folders:
    def __init__(self, root: str) -> None:
        self._root = root.rstrip("/")
        self._out = Path(f"{self._root}{OUT}")
        self.credentials = Path(f"{self._root}{CREDENTIALS}")
        self.models = Path(f"{self._root}{MODELS}")

    def read(self, path: str) -> bytes:
        """A document that a task names, or the one in its place that was too large for Argo. Raises OSError."""
        if path.startswith(f"{IN}/"):
            large = Path(f"{self._root}{IN}/{LARGE}/{path.removeprefix(f'{IN}/')}")
            if large.exists():
                return large.read_bytes()
        return Path(f"{self._root}{path}").read_bytes()

    def read_report(self) -> str | None:
        try:
            return (self._out / REPORT).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return None

    def write_report(self, text: str) -> None:
        self._write(self._out / REPORT, text)

    def write_ends(self, text: str) -> None:
        self._write(self._out / ENDS, text)

    def write_out(self, name: str, text: str) -> None:
        self._write(self._out / name, text)

    def write_large(self, name: str, text: str) -> None:
        folder = self._out / LARGE
        folder.mkdir(exist_ok=True)
        self._write(folder / name, text)

    def remove_out(self, name: str) -> None:
        (self._out / name).unlink(missing_ok=True)

    def remove_large(self, name: str) -> None:
        (self._out / LARGE / name).unlink(missing_ok=True)

    def _write(self, path: Path, text: str) -> None:
        aside = f"{path}{ASIDE}"
        descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            data = text.encode("ascii")
            os.ftruncate(descriptor, len(data))
            while data:
                data = data[os.write(descriptor, data) :]
        finally:
            os.close(descriptor)
        if path.exists():
            put_in_place(aside, str(path))
        else:
            os.rename(aside, path)  # noqa: PTH104 - as in `put_in_place`
