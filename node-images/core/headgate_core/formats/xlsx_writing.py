"""From rows to .xlsx. Used by `excel-write`.

Written by hand, part by part: the libraries for it write to temporary files, or make a formula of what looks like one.
"""

import io
import itertools
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from xml.sax.saxutils import escape

from headgate_core.formats.xlsx_parts import HEADER, MAIN, STYLE_OF, build_parts, part_of
from headgate_lang.text import text_of
from headgate_lang.values import ExpressionError
from headgate_node import Json, NodeError

MAX_CELLS = 500_000
MAX_TEXT = 32_767
"""Letters in a cell, by the format."""
_EXACT = 10**15
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_LOOKS_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")

_PROLOGUE = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_DAY_0 = datetime(1899, 12, 30)  # noqa: DTZ001 - a spreadsheet knows no zones


@dataclass(frozen=True)
class SheetToWrite:
    name: str
    rows: Sequence[Mapping[str, Json]]
    columns: Sequence[str]
    types: Mapping[str, str]


def write_workbook(sheets: Sequence[SheetToWrite]) -> bytes:
    """The same sheets give the same bytes."""
    _check(sheets)
    written = ((part_of(number), "".join(_sheet(sheet))) for number, sheet in enumerate(sheets, 1))
    parts = itertools.chain(build_parts([sheet.name for sheet in sheets]), written)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts:
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, _PROLOGUE + content)
    return file.getvalue()


def _check(sheets: Sequence[SheetToWrite]) -> None:
    names = [sheet.name.lower() for sheet in sheets]
    doubled = next((name for name in names if names.count(name) > 1), None)
    if doubled is not None:
        message = f"sheets: two are called {doubled!r}, and capitals make no difference: give each its own name"
        raise NodeError("InvalidParameters", message)
    if any(name[0] == "'" or name[-1] == "'" for name in names):
        raise NodeError("InvalidParameters", "sheets: a name cannot begin or end with an apostrophe: leave it out")
    if sum((len(sheet.rows) + 1) * len(sheet.columns) for sheet in sheets) > MAX_CELLS:
        raise NodeError("TooLarge", f"sheets: there are more than {MAX_CELLS:,} cells: write a part of them")


def _sheet(sheet: SheetToWrite) -> Iterator[str]:
    frozen = '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
    yield f'<worksheet xmlns="{MAIN}"><sheetViews><sheetView workbookViewId="0">{frozen}</sheetView></sheetViews>'
    columns = [(_letters(number), name) for number, name in enumerate(sheet.columns, 1)]
    header = (_text(name, f"{at}1", f"sheet {sheet.name!r}, header", HEADER) for at, name in columns)
    yield f'<sheetData><row r="1">{"".join(header)}</row>'
    for number, row in enumerate(sheet.rows):
        place = f"sheet {sheet.name!r}, rows[{number}]"
        cells = (
            _cell(row[name], f"{at}{number + 2}", sheet.types.get(name), f"{place}.{name}")
            for at, name in columns
            if row.get(name) is not None
        )
        yield f'<row r="{number + 2}">{"".join(cells)}</row>'
    yield "</sheetData></worksheet>"


def _cell(value: Json, at: str, type_: str | None, place: str) -> str:
    if type_ is not None:
        return f'<c r="{at}" s="{STYLE_OF[type_]}"><v>{_serial(value, type_, place)!r}</v></c>'
    if isinstance(value, bool):
        return f'<c r="{at}" t="b"><v>{int(value)}</v></c>'
    if isinstance(value, float) or (isinstance(value, int) and abs(value) < _EXACT):
        return f'<c r="{at}"><v>{value!r}</v></c>'
    try:
        return _text(text_of(value), at, place)
    except ExpressionError as error:
        raise NodeError("InvalidCell", f"{place}: {error}") from None


def _text(text: str, at: str, place: str, style: int = 0) -> str:
    """A text, whatever it looks like."""
    if len(text) > MAX_TEXT:
        message = f"{place}: the text has {len(text):,} letters, a cell takes {MAX_TEXT:,}: cut it"
        raise NodeError("InvalidCell", message)
    if found := _NOT_IN_XML.search(text):
        message = f"{place}: letter U+{ord(found[0]):04X} cannot stand in a spreadsheet: take it out"
        raise NodeError("InvalidCell", message)
    inner = escape(_LOOKS_ESCAPED.sub("_x005F_", text), {"\r": "_x000D_"})
    return f'<c r="{at}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{inner}</t></is></c>'


def _serial(value: Json, type_: str, place: str) -> float:
    """A date as the number of days that it is in a spreadsheet."""
    try:
        if type_ == "date":
            day = date.fromisoformat(value)
            moment = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - a spreadsheet knows no zones
        else:
            moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        example = "2026-11-21" if type_ == "date" else "2026-11-21T14:30:00"
        raise NodeError("InvalidCell", f"{place}: {str(value)[:40]!r} is no {type_}: write it as {example}") from None
    if moment.tzinfo is not None:
        message = f"{place}: a spreadsheet knows no time zones: take {value[:40]!r} without its offset"
        raise NodeError("InvalidCell", message)
    if moment < datetime(1900, 3, 1):  # noqa: DTZ001 - before it, spreadsheets disagree on which day it is
        raise NodeError(
            "InvalidCell", f"{place}: no date before March 1900 is safe in a spreadsheet: write it as a text"
        )
    days = moment - _DAY_0
    return days.days + days.seconds / 86_400 + days.microseconds / 86_400_000_000


def _letters(column: int) -> str:
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
