"""Entries as files: JSON that can be verified again, and CSV that a spreadsheet may open. Asked by the command line."""

import csv
import io
import json
from collections.abc import Iterable, Iterator

from headgate.audit.entry import FIELDS, Entry, encode

_COLUMNS = tuple(name for name in FIELDS if name != "detail")
_ACTIVE = frozenset("=+-@\t\r\n|%＝＋－＠")
"""What spreadsheets take for the beginning of a formula, or of a call of a program."""


def as_json(entries: Iterable[Entry]) -> Iterator[str]:
    """A list, an entry a line, each line exactly as it was written: `read_json` takes it apart again."""
    before = "[\n"
    for entry in entries:
        yield f"{before}{encode(entry)}"
        before = ",\n"
    yield "[]\n" if before == "[\n" else "\n]\n"


def read_json(text: str) -> Iterator[str]:
    """The lines of what `as_json` wrote, or of plain JSON lines such as a log collector keeps."""
    for line in text.split("\n"):
        if line.strip() not in ("", "[", "]", "[]"):
            yield line.removesuffix(",")


def as_csv(entries: Iterable[Entry]) -> Iterator[str]:
    yield _row([*_COLUMNS, "detail"])
    for entry in entries:
        detail = "; ".join(f"{name}: {_plain(value)}" for name, value in sorted(entry.detail.items()))
        yield _row([*(str(getattr(entry, name)) for name in _COLUMNS), detail])


def _plain(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else json.dumps(value).strip('"')


def _row(cells: Iterable[str]) -> str:
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerow([inert(cell) for cell in cells])
    return text.getvalue()


def inert(cell: str) -> str:
    """A text that no spreadsheet calculates: an apostrophe before it says that it is one."""
    begins = cell.lstrip(" \xa0\u3000")[:1]
    return f"'{cell}" if begins in _ACTIVE and begins else cell
