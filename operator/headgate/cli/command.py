"""What passes between `main` and a command: where to read and write, exit codes, and what ends a command early."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import BinaryIO, TextIO

GOOD, PROBLEMS, WRONG_USE, CANCELLED, TIMED_OUT = 0, 1, 2, 3, 4
"""Exit codes; of a Run that ended: Succeeded, Failed, Cancelled and TimedOut (LANGUAGE §3.2)."""


@dataclass(frozen=True, slots=True)
class Streams:
    stdin: BinaryIO
    out: TextIO
    err: TextIO
    environment: Mapping[str, str]


class WrongUseError(Exception):
    """A call that makes no sense. Its text is the one line that people read."""


class HelpWantedError(Exception):
    """Somebody asked for help, which is its text."""
