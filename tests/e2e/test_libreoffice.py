"""Spreadsheets of `excel-write` through LibreOffice and back, where it is installed. Needs no cluster."""

import base64
import csv
import shutil
import subprocess
from pathlib import Path

import pytest

from support.node_calls import give

pytestmark = pytest.mark.skipif(
    shutil.which("libreoffice") is None, reason="LibreOffice is not installed (Debian: libreoffice-calc-nogui)"
)

ROWS = [
    {"t": "=1+1", "n": 1.5, "i": -3, "b": True, "d": "2026-11-21", "m": "2026-11-21T14:30:05"},
    {"t": 'Ä <&> "q" _x0041_ \n2', "i": 7},
]
UTF_8, COMMA, QUOTE = "76", "44", "34"


def convert(file: Path, to: str) -> Path:
    profile = f"-env:UserInstallation=file://{file.parent}/profile"
    command = ["libreoffice", "--headless", profile, "--convert-to", to, "--outdir", str(file.parent), str(file)]
    subprocess.run(command, capture_output=True, check=True, timeout=120)
    return file.with_suffix(f".{to.partition(':')[0]}")


def test_libreoffice_reads_what_we_write_and_we_read_what_it_writes(tmp_path: Path) -> None:
    sheets = [
        {"name": "Ä & b", "rows": ROWS, "types": {"d": "date", "m": "datetime"}},
        {"name": "Two", "rows": []},
    ]
    ours = tmp_path / "ours.xlsx"
    ours.write_bytes(base64.b64decode(give("excel-write", sheets=sheets)["base64"]))

    read = convert(ours, f"csv:Text - txt - csv (StarCalc):{COMMA},{QUOTE},{UTF_8}")
    with read.open(encoding="utf-8", newline="") as file:
        assert list(csv.reader(file)) == [
            ["t", "n", "i", "b", "d", "m"],
            ["=1+1", "1.5", "-3", "TRUE", "2026-11-21", "2026-11-21 14:30:05"],
            ['Ä <&> "q" _x0041_ \n2', "", "7", "", "", ""],
        ]

    through = convert(ours, "ods")
    ours.unlink()
    theirs = base64.b64encode(convert(through, "xlsx").read_bytes()).decode()
    assert give("excel", base64=theirs) == {
        "rows": ROWS,
        "columns": ["t", "n", "i", "b", "d", "m"],
        "sheet": "Ä & b",
        "sheets": ["Ä & b", "Two"],
    }
