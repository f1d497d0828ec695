"""From rows to CSV. Used by `csv-write`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from headgate_core.formats.columns import MAX_CELLS
from headgate_core.formats.content import MAX_BYTES
from headgate_lang.text import text_of
from headgate_lang.values import ExpressionError
from headgate_node import Json, NodeError

_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


@dataclass
class Writer:
    delimiter: str
    line_end: str
    quote_all: bool
    formulas: Literal["escape", "keep", "refuse"]
    escaped: int = 0
    """How many cells have an apostrophe before them so far."""
    _lines: list[str] = field(default_factory=list)
    _size: int = 0

    def write(self, rows: Sequence[Mapping[str, Json]], columns: Sequence[str], *, header: bool) -> str:
        if len(rows) * len(columns) > MAX_CELLS:
            raise NodeError("TooLarge", f"rows: there are more than {MAX_CELLS:,} cells: write a part of them")
        if header:
            self._write_line([self._guard(name, f"columns[{number}]") for number, name in enumerate(columns)])
        for number, row in enumerate(rows):
            self._write_line([self._cell(row.get(name), f"rows[{number}].{name}") for name in columns])
        return "".join(self._lines)

    def _write_line(self, cells: list[str]) -> None:
        is_nothing = cells == [""]  # an empty line would be no row
        quoted = (self._quote(cell, always=self.quote_all or is_nothing) for cell in cells)
        self._lines.append(self.delimiter.join(quoted) + self.line_end)
        self._size += len(self._lines[-1])
        if self._size > MAX_BYTES:
            raise NodeError("TooLarge", f"rows: the text has more than {MAX_BYTES:,} letters: write a part of them")

    def _cell(self, value: Json, place: str) -> str:
        if value is None:
            return ""
        if isinstance(value, str):
            return self._guard(value, place)
        try:
            return text_of(value)
        except ExpressionError as error:
            raise NodeError("InvalidParameters", f"{place}: {error}") from None

    def _guard(self, text: str, place: str) -> str:
        if self.formulas == "keep" or not text.startswith(_STARTS_A_FORMULA):
            return text
        if self.formulas == "refuse":
            message = f"{place}: {text[:40]!r} would be run as a formula: leave it out, or write `formulas: escape`"
            raise NodeError("FormulaInCell", message)
        self.escaped += 1
        return f"'{text}"

    def _quote(self, text: str, *, always: bool) -> str:
        """Python's own writer leaves a single carriage return bare, which readers take for the end of a line."""
        if always or any(letter in text for letter in (self.delimiter, '"', "\r", "\n")):
            return '"' + text.replace('"', '""') + '"'
        return text
