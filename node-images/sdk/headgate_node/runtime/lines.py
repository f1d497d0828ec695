"""What a pod prints: one JSON object a line, for the log of the Run and for whoever watches.

The worker marks its lines by a sign that no JSON begins with. What comes without it was printed by somebody else, such
as a library or a program that a node ran: the supervisor makes a line of it.
"""

import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from headgate_node.runtime.mask import Mask

SIGN = b"\x1e"
LONGEST_TEXT = 16_000
LONGEST = 60_000
"""Of a line. Longer ones lose their values."""


class Lines:
    """Writes lines to a descriptor."""

    def __init__(self, descriptor: int, mask: Mask, sign: bytes = b"") -> None:
        self._descriptor = descriptor
        self._mask = mask
        self._sign = sign

    def tell(self, line: Mapping[str, Any]) -> None:
        write_all(self._descriptor, self._sign + build_line(line, self._mask, datetime.now(UTC)))


def build_line(line: Mapping[str, Any], mask: Mask, now: datetime) -> bytes:
    """A line as it is printed: masked, bounded, and JSON whatever a node put into it."""
    told = mask.value({"time": now.isoformat(timespec="milliseconds").replace("+00:00", "Z"), **line})
    shortened = {key: _cut(value) if isinstance(value, str) else value for key, value in told.items()}
    text = _dump(shortened, mask)
    if len(text) > LONGEST:
        shortened["values"] = "left out: they are too long for a line"
        text = _dump(shortened, mask)[:LONGEST]
    return text + b"\n"


def _dump(line: Mapping[str, Any], mask: Mask) -> bytes:
    def plain(value: Any) -> str:
        return mask.text(_cut(str(value)))

    try:
        return json.dumps(line, ensure_ascii=True, separators=(",", ":"), default=plain, skipkeys=True).encode("ascii")
    except (ValueError, RecursionError) as error:
        return _dump({**line, "values": f"left out: {error}"}, mask)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}… ({len(text):,} characters)"


def write_all(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]
