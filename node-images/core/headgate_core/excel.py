"""Reads a spreadsheet (.xlsx), into a list of rows with a field for each column.

The first row that has anything in it names the columns, unless `header` is false; then they are called by `columns`, or
`column1` and so on. Texts, numbers and booleans are what they are; dates and times become texts in ISO 8601
(`2026-11-21`, `14:30:00`, `2026-11-21T14:30:00`), elapsed time `36:15:00`. Of a formula it reads what came out when the
file was last saved. An empty cell is absent, and rows without anything are left out.
"""

import asyncio
import itertools
from typing import Annotated

from pydantic import Field

from headgate_core.formats.columns import MAX_COLUMNS, MAX_ROWS, check_size, name_columns
from headgate_core.formats.content import Base64, read_base64
from headgate_node import Context, Example, Json, NodeError, Output, Params, Trait, node

Name = Annotated[str, Field(min_length=1, max_length=1_000)]


class ExcelParams(Params):
    base64: Base64
    """The file."""
    sheet: Annotated[str, Field(min_length=1, max_length=31)] | None = None
    """Which sheet to read; without it the first."""
    range: Annotated[str, Field(max_length=21)] | None = None
    """Which part of it: `B2:D10`, `B:D` or `2:10`; without it all."""
    header: bool = True
    """Whether the first row names the columns."""
    columns: Annotated[list[Name], Field(max_length=MAX_COLUMNS)] | None = None
    """Names for the columns, in place of those in the header."""
    limit: Annotated[int, Field(ge=1, le=MAX_ROWS)] | None = None
    """How many rows to read at most."""


class ExcelOutput(Output):
    rows: list[dict[str, Json]]
    """The rows, by the names of the columns."""
    columns: list[str]
    """The names of the columns that have anything in them, in their order."""
    sheet: str
    """The name of the sheet."""
    sheets: list[str]
    """The names of all sheets of the file."""


_PRICES = (
    "UEsDBBQAAAAIAAAAIQBgOipRxgAAAKEBAAATAAAAW0NvbnRlbnRfVHlwZXNdLnhtbK2Ru27DMAxFf8XQWkQ0OnQIbC9p17ZDfoCQ"
    "aVuwXhCZxPn7yE66dChQIBMf9/Kegc3xmoirxbvArZpE0h6AzUQeWcdEoShDzB6ljHmEhGbGkeC1rt/AxCAUZCdrhuqadxrw5KT6"
    "WMqabQytyuRYVYe7cWW1ClNy1qAUHc6h/0XZPQi6XG4enmzil2JQ0DVfZ8rZ9lR9Y5ZP9CUOLnoV/8WIw2AN9dGcfDnRnDJhzxOR"
    "eKe3qj3a8BeVn0y9xDxv/Q8Uts90N1BLAwQUAAAACAAAACEAdY0g2X8AAADjAAAACwAAAF9yZWxzLy5yZWxzjc89CgIxEAXgq4Q5"
    "wM5iYSFJKhtb8QJDnGyCmx+SEfX2plzFwvLxHh88feaVJJbcQ6xdPdOau4EgUg+I3QVO1KdSOY/Gl5ZIRmwLVnI3Whh387zHtjXA"
    "6q2pTlcDBOryqvwPXLyPjo/F3RNn+eF/LYZMbWEx8JgGBWg1fnyyb1BLAwQUAAAACAAAACEAkqB2so8AAADhAAAABQAAAHcueG1s"
    "jY8xDsIwDEWvEvkAuDAwVG0nFjauYFqXRDRxZAfB8YlaujP5+3/9Z7l7iz7vIk/3iUuyHnwpuUW00XMkO0jmVJNZNFKpqz7QsjJN"
    "5plLXPDUNGeMFBJshFb/Ycg8h5EvMr4ip7JBlBcqQZL5kA2Gbr1gv+kSRe7hprVm4FbvOvVwBKdtqIIAhw73Du5vDV9QSwMEFAAA"
    "AAgAAAAhABNrwzGDAAAA3gAAABAAAABfcmVscy93LnhtbC5yZWxzjc89CgIxEIbhq4QcYGexsJAklY2teIEhTjZhNz9kRtTbm3IF"
    "C8uPFx74zJU2lFQLx9RYvfJW2Ooo0k4A7CNl5Kk2KqOE2jPKmH2Bhn7FheAwz0foe0M7szfV5W41anV7N/oHriEkT+fqH5mK/PDh"
    "WfvKkUgGin0hsZqnoWhwBr7uuA9QSwMEFAAAAAgAAAAhAG3lkn2cAAAAVQEAAAUAAABzLnhtbI2QTQ6CQAxGr0I4AEVMXJjSlTeA"
    "CzRjlYnMT2Ya8PgiC2OIGpdf+/qSfjiHdMuDiBZ3N/rcloNqPAJkM4jjXIUoftlcQnKsS0xXyDEJn9cjN0JT1wdwbH1JuM5OrEyY"
    "wkxoCm1L60frpdO0ADYTKnl2gqCE8MxgvoIxWbMhYRX/sneB48ZOONGuahCmfyW98AfHfmOAt4fh1SQ9AFBLAQIUAxQAAAAIAAAA"
    "IQBgOipRxgAAAKEBAAATAAAAAAAAAAAAAACAAQAAAABbQ29udGVudF9UeXBlc10ueG1sUEsBAhQDFAAAAAgAAAAhAHWNINl/AAAA"
    "4wAAAAsAAAAAAAAAAAAAAIAB9wAAAF9yZWxzLy5yZWxzUEsBAhQDFAAAAAgAAAAhAJKgdrKPAAAA4QAAAAUAAAAAAAAAAAAAAIAB"
    "nwEAAHcueG1sUEsBAhQDFAAAAAgAAAAhABNrwzGDAAAA3gAAABAAAAAAAAAAAAAAAIABUQIAAF9yZWxzL3cueG1sLnJlbHNQSwEC"
    "FAMUAAAACAAAACEAbeWSfZwAAABVAQAABQAAAAAAAAAAAAAAgAECAwAAcy54bWxQSwUGAAAAAAUABQAeAQAAwQMAAAAA"
)


@node(
    traits=(Trait.LIGHT, Trait.IDEMPOTENT),
    examples=(
        Example(
            with_={"base64": _PRICES},
            output={
                "rows": [{"name": "Soap", "price": 1.2}, {"name": "Tea", "price": 3}],
                "columns": ["name", "price"],
                "sheet": "Prices",
                "sheets": ["Prices"],
            },
        ),
        Example(
            with_={"base64": _PRICES, "range": "B2:B9", "header": False},
            output={
                "rows": [{"column1": 1.2}, {"column1": 3}],
                "columns": ["column1"],
                "sheet": "Prices",
                "sheets": ["Prices"],
            },
        ),
        Example(with_={"base64": "AAAA"}, fails="NotExcel"),
    ),
)
async def run(params: ExcelParams, ctx: Context) -> ExcelOutput:
    return await asyncio.to_thread(_read, params)


def _read(params: ExcelParams) -> ExcelOutput:
    from headgate_core.formats.xlsx_reading import Range, Workbook, read_range  # noqa: PLC0415 - loads libxml2

    within = read_range(params.range) if params.range else Range()
    workbook = Workbook(read_base64(params.base64, "base64"))
    sheet = params.sheet or next(iter(workbook.sheets))
    if sheet not in workbook.sheets:
        there = ", ".join(map(repr, itertools.islice(workbook.sheets, 20)))
        raise NodeError("NotFound", f"sheet: there is no {sheet!r}: there are {there}")
    found = workbook.read_rows(sheet, within)
    header: tuple[int, dict[int, Json]] = next(found, (1, {})) if params.header else (1, {})
    rows = list(itertools.islice(found, params.limit or MAX_ROWS + 1))
    used = sorted({*header[1], *(column for _, row in rows for column in row)})
    check_size(len(rows), 1)
    if params.columns is not None and len(params.columns) != len(used):
        message = f"columns: {len(params.columns)} names for {len(used)} columns: write one for each that is not empty"
        raise NodeError("InvalidParameters", message)
    names = params.columns or name_columns([_title(header[1].get(one)) for one in used], f"row {header[0]}")
    by_column = dict(zip(used, names, strict=True))
    return ExcelOutput(
        rows=[{by_column[column]: value for column, value in sorted(row.items())} for _, row in rows],
        columns=names,
        sheet=sheet,
        sheets=list(workbook.sheets),
    )


def _title(value: Json) -> str:
    from headgate_lang.text import text_of  # noqa: PLC0415 - at use

    return "" if value is None else text_of(value)
