"""From .xlsx to cells, row by row. Used by `excel`.

A reader of our own, since the fast ones lay out every cell between the first and the last: a file of 5 KB with two
cells far apart takes calamine half a terabyte. This one holds what is there, and counts it.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from headgate_core.formats.columns import MAX_CELLS
from headgate_core.formats.xlsx_dates import Kind, kind_of_format, write_date
from headgate_core.formats.xlsx_package import Package, refuse
from headgate_node import Json, NodeError

MAX_LETTERS = 30_000_000
"""Of all cells together: a text is stored once, and may stand in a million of them."""
MAX_STYLES = 65_000
LAST_ROW, LAST_COLUMN = 1_048_576, 16_384

Row = tuple[int, dict[int, Json]]
"""Its number, and its cells by the number of their column, both from 1."""

_CELL = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})")
_RANGE = re.compile(r"([A-Z]{1,3})?([0-9]{1,7})?:([A-Z]{1,3})?([0-9]{1,7})?")
_INTEGER = re.compile(r"[-+]?[0-9]{1,18}")


@dataclass(frozen=True)
class Range:
    first_row: int = 1
    last_row: int = LAST_ROW
    first_column: int = 1
    last_column: int = LAST_COLUMN


def read_range(text: str) -> Range:
    """`B2:D10`, `B:D` or `2:10`, where any of the four may be left out."""
    found = _RANGE.fullmatch(text.upper())
    if not found or not any(found.groups()):
        raise NodeError("InvalidParameters", f"range: {text[:40]!r} is none: write `B2:D10`, `B:D` or `2:10`")
    left, top, right, bottom = found.groups()
    return Range(
        int(top or 1),
        int(bottom or LAST_ROW),
        column_number(left) if left else 1,
        column_number(right) if right else LAST_COLUMN,
    )


def column_number(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


class Workbook:
    """Raises NodeError NotExcel or TooLarge."""

    def __init__(self, data: bytes) -> None:
        self._package = Package(data)
        main = [part for kind, part in self._package.read_relations("").values() if kind == "officeDocument"]
        if not main:
            raise refuse("it is a zip, but not of a spreadsheet")
        root = self._package.read_small(main[0])
        relations = self._package.read_relations(main[0])
        self.sheets = {
            sheet.get("name", ""): part
            for sheet in root.iterfind("{*}sheets/{*}sheet")
            for kind, part in [relations.get(_relation_of(sheet), ("", ""))]
            if kind == "worksheet"
        }
        """The names of its sheets, with the part of each. Charts that take a whole sheet are none."""
        if not self.sheets:
            raise refuse("there is no sheet in it")
        properties = root.find("{*}workbookPr")
        self._from_1904 = properties is not None and properties.get("date1904") in ("1", "true")
        parts = dict(relations.values())
        self._texts = list(self._read_texts(parts.get("sharedStrings")))
        self._kinds = self._read_kinds(parts.get("styles"))

    def read_rows(self, sheet: str, within: Range) -> Iterator[Row]:
        """The rows that have anything in them."""
        number = cells = letters = 0
        for element in self._package.read_elements(self.sheets[sheet], "row", "sheetData"):
            given = element.get("r", "")
            number = int(given) if given.isascii() and given.isdecimal() and len(given) < 9 else number + 1
            if number > min(within.last_row, LAST_ROW):
                return
            if number < within.first_row:
                continue
            row = dict(self._read_cells(element, within))
            cells += len(row)
            letters += sum(len(value) for value in row.values() if isinstance(value, str))
            if cells > MAX_CELLS or letters > MAX_LETTERS:
                message = f"base64: there are more than {MAX_CELLS:,} cells or {MAX_LETTERS:,} letters: read a `range`"
                raise NodeError("TooLarge", message)
            if row:
                yield number, row

    def _read_cells(self, row: Any, within: Range) -> Iterator[tuple[int, Json]]:
        column = 0
        for cell in row.iterchildren():
            if not _is(cell, "c"):
                continue
            place = _CELL.fullmatch(cell.get("r", ""))
            column = column_number(place[1]) if place else column + 1
            if within.first_column <= column <= min(within.last_column, LAST_COLUMN):
                value = self._read_cell(cell)
                if value is not None:
                    yield column, value

    def _read_cell(self, cell: Any) -> Json:
        kind = cell.get("t", "n")
        if kind == "inlineStr":
            return _text_of(cell.find("{*}is"))
        text = next((child.text or "" for child in cell.iterchildren() if _is(child, "v")), None)
        if text is None or (text == "" and kind != "str"):
            return None
        match kind:
            case "s":
                if not text.isdecimal() or len(text) > 9 or int(text) >= len(self._texts):
                    raise refuse(f"cell {cell.get('r')} is text number {text[:20]}, which is not there")
                return self._texts[int(text)]
            case "b":
                return text.strip() in ("1", "true")
            case "n":
                return self._read_number(text.strip(), cell)
        return text  # a text that a formula gave, an error such as #DIV/0!, a date in ISO 8601

    def _read_number(self, text: str, cell: Any) -> Json:
        try:
            number = int(text) if _INTEGER.fullmatch(text) else float(text)
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            raise refuse(f"cell {cell.get('r')} should be a number, and is {text[:40]!r}")
        style = cell.get("s", "0")
        kind = self._kinds[int(style)] if style.isdecimal() and int(style[:9]) < len(self._kinds) else "number"
        return number if kind == "number" else write_date(number, kind, from_1904=self._from_1904)

    def _read_texts(self, part: str | None) -> Iterator[str]:
        if part is not None and self._package.has(part):
            for element in self._package.read_elements(part, "si", "sst"):
                yield _text_of(element)

    def _read_kinds(self, part: str | None) -> list[Kind]:
        """What the numbers in cells of each style are."""
        if part is None or not self._package.has(part):
            return []
        root = self._package.read_small(part)
        codes = {one.get("numFmtId"): one.get("formatCode", "") for one in root.iterfind("{*}numFmts/{*}numFmt")}
        formats = [one.get("numFmtId", "0") for one in root.iterfind("{*}cellXfs/{*}xf")][:MAX_STYLES]
        kinds = {one: kind_of_format(int(one) if one.isdecimal() else 0, codes.get(one)) for one in set(formats)}
        return [kinds[one] for one in formats]


def _is(element: Any, name: str) -> bool:
    """Whatever its namespace, of which there are two. Three times as fast as to search for `{*}c`."""
    tag = element.tag
    return isinstance(tag, str) and tag.rpartition("}")[2] == name


def _relation_of(sheet: Any) -> str:
    return next((value for name, value in sheet.attrib.items() if name.endswith("}id")), "")


def _text_of(element: Any) -> str:
    """All its pieces, but not the readings that stand beside Japanese words."""
    if element is None:
        return ""
    pieces = [*element.iterfind("{*}t"), *element.iterfind("{*}r/{*}t")]
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), "".join(piece.text or "" for piece in pieces))


_ESCAPED = re.compile(r"_x(00[0-9A-Fa-f]{2})_")  # as the format writes letters that XML cannot hold
