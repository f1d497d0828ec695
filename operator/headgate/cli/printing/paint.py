"""Colours, for a terminal only; and nothing that a file holds may command the terminal."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TextIO

_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\U000e0000-\U000e007f]")
"""Control characters, those that turn the direction of what follows, and letters that nobody sees and models read."""


def safe(text: str) -> str:
    """The text as it may be shown: a tab is four blanks, what commands a terminal is a mark."""
    return _UNSAFE.sub("\ufffd", text.replace("\t", "    "))


@dataclass(frozen=True, slots=True)
class Paint:
    enabled: bool = False

    def bold(self, text: str) -> str:
        return self._wrap("1", text)

    def red(self, text: str) -> str:
        return self._wrap("1;31", text)

    def green(self, text: str) -> str:
        return self._wrap("1;32", text)

    def yellow(self, text: str) -> str:
        return self._wrap("1;33", text)

    def blue(self, text: str) -> str:
        return self._wrap("1;34", text)

    def _wrap(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.enabled and text else text


def paint_for(stream: TextIO, environment: Mapping[str, str]) -> Paint:
    """Colours if the stream is a terminal that has them and nobody has said no (https://no-color.org)."""
    wanted = not environment.get("NO_COLOR") and environment.get("TERM") != "dumb"
    return Paint(wanted and stream.isatty())
