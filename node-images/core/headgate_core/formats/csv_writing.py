"""From rows to CSV. Used by `csv-write`."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from headgate_core.formats.columns import MAX_CELLS
from headgate_core.formats.content import MAX_BYTES
from headgate_lang.text import text_of
from headgate_lang.values import ExpressionError
from headgate_node import Json, NodeError

_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


@dataclass
class Written:
    text: str = ""
    escaped: int = 0


def write_table(  # noqa: PLR0913 - a line of the node's parameters each
    rows: Sequence[Mapping[str, Json]],
    columns: Sequence[str],
    *,
    header: bool,
    delimiter: str,
    quote_all: bool,
    line_end: str,
    formulas: Literal["escape", "keep", "refuse"],
) -> Written:
    if len(rows) * len(columns) > MAX_CELLS:
        raise NodeError("TooLarge", f"rows: there are more than {MAX_CELLS:,} cells: write a part of them")
    written = Written()
    file = io.StringIO(newline="")
    quoting: Literal[0, 1] = csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL
    writer = csv.writer(file, delimiter=delimiter, lineterminator=line_end, quoting=quoting)

    def guard(text: str, place: str) -> str:
        if formulas == "keep" or not text.startswith(_STARTS_A_FORMULA):
            return text
        if formulas == "refuse":
            message = f"{place}: {text[:40]!r} would be run as a formula: leave it out, or write `formulas: escape`"
            raise NodeError("FormulaInCell", message)
        written.escaped += 1
        return f"'{text}"

    if header:
        writer.writerow([guard(name, f"columns[{number}]") for number, name in enumerate(columns)])
    for number, row in enumerate(rows):
        cells = []
        for name in columns:
            value = row.get(name)
            text = "" if value is None else _text(value, f"rows[{number}].{name}")
            cells.append(guard(text, f"rows[{number}].{name}") if isinstance(value, str) else text)
        writer.writerow(cells)
        if file.tell() > MAX_BYTES:
            raise NodeError("TooLarge", f"rows: the text has more than {MAX_BYTES:,} letters: write a part of them")
    written.text = file.getvalue()
    return written


def _text(value: Json, place: str) -> str:
    try:
        return text_of(value)
    except ExpressionError as error:
        raise NodeError("InvalidParameters", f"{place}: {error}") from None
