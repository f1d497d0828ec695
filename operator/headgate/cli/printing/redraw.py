"""A picture that changes in place, on a terminal: each takes the place of the one before."""

import shutil
from collections.abc import Sequence
from typing import TextIO


class Redraw:
    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._lines = 0

    @property
    def width(self) -> int:
        return shutil.get_terminal_size().columns

    def draw(self, lines: Sequence[str]) -> None:
        """What is longer than the terminal is left out. Lines are as wide as it at most: they were cut before."""
        shown = lines[: shutil.get_terminal_size().lines - 1]
        self._out.write(f"\x1b[{self._lines}F\x1b[J" if self._lines else "")
        self._out.write("".join(f"{line}\n" for line in shown))
        self._out.flush()
        self._lines = len(shown)
