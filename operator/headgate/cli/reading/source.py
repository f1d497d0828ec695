"""The text of one file, and where in it an offset lies. Code speaks of offsets, people of lines."""

import bisect
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path as File
from typing import BinaryIO

MAX_BYTES = 8 * 1024 * 1024
STDIN = "-"
_LINE_BREAK = re.compile(r"\r\n|\n|\r")


@dataclass(frozen=True, slots=True)
class Place:
    """A part of a source's text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Position:
    """Line and column as people count them, from 1."""

    line: int
    column: int


@dataclass(frozen=True)
class Source:
    name: str
    text: str

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(match.end() for match in _LINE_BREAK.finditer(self.text))]

    def position(self, offset: int) -> Position:
        line = bisect.bisect_right(self._starts, offset)
        return Position(line, offset - self._starts[line - 1] + 1)

    def start_of(self, line: int) -> int:
        return self._starts[line - 1]

    def line(self, number: int) -> str:
        end = self._starts[number] if number < len(self._starts) else len(self.text)
        return self.text[self._starts[number - 1] : end].rstrip("\r\n")

    def line_end(self, offset: int) -> int:
        """Where the line of this offset ends, its line break left out."""
        number = self.position(offset).line
        return self._starts[number - 1] + len(self.line(number))


class CannotReadError(Exception):
    """A file that is not there, or is none: a wrong call, not a problem in a workflow."""


def read_bytes(name: str, stdin: BinaryIO) -> bytes:
    """Read a file, or standard input for `-`; of one that is too large no more than shows that it is."""
    if name == STDIN:
        return stdin.read(MAX_BYTES + 1)
    try:
        with File(name).open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise CannotReadError(f"there is no file {name}") from None
    except IsADirectoryError:
        raise CannotReadError(f"{name} is a folder: name its files, {File(name) / '*.yaml'}") from None
    except OSError as error:
        raise CannotReadError(f"{name} cannot be read: {error.strerror}") from None
