"""Spreadsheets for tests: honest ones made by openpyxl, and others put together part by part."""

import base64
import io
import zipfile
from typing import TYPE_CHECKING, Any

import openpyxl

if TYPE_CHECKING:
    from collections.abc import Mapping

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def letters(data: bytes) -> str:
    return base64.b64encode(data).decode()


def save(workbook: openpyxl.Workbook) -> bytes:
    file = io.BytesIO()
    workbook.save(file)
    return file.getvalue()


def make(rows: list[list[Any]], sheet: str = "Sheet1") -> bytes:
    workbook = openpyxl.Workbook()
    target = workbook.worksheets[0]
    target.title = sheet
    for row in rows:
        target.append(row)
    return save(workbook)


def _relations(*targets: tuple[str, str]) -> str:
    each = (f'<Relationship Id="r{n}" Type="{OFFICE}/{kind}" Target="{to}"/>' for n, (kind, to) in enumerate(targets))
    return f'<Relationships xmlns="{PACKAGE}">{"".join(each)}</Relationships>'


def pack(rows: str = "", **more: str | bytes) -> bytes:
    """A file from the XML of its rows; `more` replaces parts, by their names without the ending."""
    parts: Mapping[str, str | bytes] = {
        "_rels/.rels": _relations(("officeDocument", "w.xml")),
        "_rels/w.xml.rels": _relations(("worksheet", "s.xml"), ("sharedStrings", "t.xml"), ("styles", "f.xml")),
        "w.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets><sheet name="S" r:id="r0"/></sheets></workbook>',
        "s.xml": f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>',
        **{f"{name}.xml": content for name, content in more.items()},
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()
