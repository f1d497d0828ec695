"""Writes rows as a spreadsheet (.xlsx): a sheet for each list, a column for each field.

The columns are those of `columns`, or every field in the order in which they first occur. A text is always written as a
text, so that none is run as a formula. A column whose type is `date` or `datetime` is read as ISO 8601 and written as a
date. Lists and objects become JSON, and integers too long for a spreadsheet (more than 15 digits) texts.
"""

import asyncio
from typing import Annotated, Literal

from pydantic import Field

from headgate_core.formats.columns import MAX_COLUMNS, MAX_ROWS
from headgate_core.formats.content import MAX_BYTES, write_base64
from headgate_node import Context, Example, Json, NodeError, Output, Params, Trait, node

Name = Annotated[str, Field(min_length=1, max_length=1_000)]


class Sheet(Params):
    name: Annotated[str, Field(min_length=1, max_length=31, pattern=r"^[^\[\]:*?/\\\x00-\x1f]+$")]
    """What it is called; none of `[]:*?/\\` may occur."""
    rows: Annotated[list[dict[str, Json]], Field(max_length=MAX_ROWS)]
    """The rows, by the names of their columns."""
    columns: Annotated[list[Name], Field(max_length=MAX_COLUMNS)] | None = None
    """Which fields to write, in which order."""
    types: Annotated[dict[str, Literal["date", "datetime"]], Field(max_length=MAX_COLUMNS)] | None = None
    """Which columns hold dates, by their names."""


class ExcelWriteParams(Params):
    sheets: Annotated[list[Sheet], Field(min_length=1, max_length=100)]
    """The sheets, in their order."""


class ExcelWriteOutput(Output):
    base64: str
    """The file."""
    bytes_: int
    """How many bytes that is."""
    rows: int
    """How many rows there are, in all sheets together."""


@node(
    traits=(Trait.LIGHT, Trait.IDEMPOTENT),
    examples=(
        Example(
            with_={"sheets": [{"name": "Prices", "rows": [{"name": "Soap", "price": 1.2}, {"name": "Tea"}]}]},
            output={"base64": "UEsDBBQAAAAIA…", "bytes": 4962, "rows": 2},
            needs="reader",
        ),
        Example(
            with_={
                "sheets": [
                    {
                        "name": "Orders",
                        "rows": [{"id": 1, "day": "2026-11-21"}],
                        "columns": ["day", "id"],
                        "types": {"day": "date"},
                    }
                ]
            },
            output={"base64": "UEsDBBQAAAAIA…", "bytes": 4955, "rows": 1},
            needs="reader",
        ),
        Example(
            with_={"sheets": [{"name": "a", "rows": [{"day": "tomorrow"}], "types": {"day": "date"}}]},
            fails="InvalidCell",
        ),
    ),
)
async def run(params: ExcelWriteParams, ctx: Context) -> ExcelWriteOutput:
    data = await asyncio.to_thread(_write, params)
    if len(data) > MAX_BYTES:
        raise NodeError("TooLarge", f"the file has {len(data):,} bytes, at most {MAX_BYTES:,} are given: write less")
    return ExcelWriteOutput(
        base64=write_base64(data), bytes_=len(data), rows=sum(len(one.rows) for one in params.sheets)
    )


def _write(params: ExcelWriteParams) -> bytes:
    from headgate_core.formats.xlsx_writing import SheetToWrite, write_workbook  # noqa: PLC0415 - at use

    sheets = [
        SheetToWrite(
            name=sheet.name,
            rows=sheet.rows,
            columns=sheet.columns or list(dict.fromkeys(name for row in sheet.rows for name in row)),
            types=dict(sheet.types or {}),
        )
        for sheet in params.sheets
    ]
    return write_workbook(sheets)
