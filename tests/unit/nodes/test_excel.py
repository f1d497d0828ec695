"""`excel` and `excel-write`: openpyxl and calamine as oracles, and files that lie, which cost no more than others."""

import base64
import io
import tracemalloc
from datetime import date, datetime, time, timedelta
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from headgate_core.excel_write import run as excel_write_node
from headgate_core.formats.xlsx_dates import kind_of_format
from support.node_calls import fail, give, reason
from support.spreadsheets import MAIN, letters, make, pack, save

TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=8)
CELLS = (
    st.booleans() | st.integers(-(10**15) + 1, 10**15 - 1) | st.floats(allow_nan=False, allow_infinity=False) | TEXTS
)
NAMES = st.text(alphabet="abcé =+x_", min_size=1, max_size=5).filter(lambda name: name.strip() == name)
TABLES = st.lists(NAMES, min_size=1, max_size=4, unique=True).flatmap(
    lambda names: st.lists(st.fixed_dictionaries(dict.fromkeys(names, CELLS)), min_size=1, max_size=4)
)


def read(data: bytes, **given: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = give("excel", given, base64=letters(data))["rows"]
    return rows


@given(table=TABLES)
def test_what_is_written_is_read_back_by_us_and_by_two_others(table: list[dict[str, Any]]) -> None:
    written = give("excel-write", sheets=[{"name": "A", "rows": table}])
    data = base64.b64decode(written["base64"])
    assert (written["bytes"], written["rows"]) == (len(data), len(table))
    assert read(data) == table
    header, *rows = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_name("A").to_python()
    assert [dict(zip(header, row, strict=True)) for row in rows] == table
    sheet = openpyxl.load_workbook(io.BytesIO(data), read_only=True)["A"]
    cells: list[list[Any]] = [
        ["" if cell is None else cell for cell in row] for row in sheet.iter_rows(values_only=True)
    ]
    assert [dict(zip(cells[0], row, strict=True)) for row in cells[1:]] == table


DAY, MOMENT = date(2026, 11, 21), datetime.fromisoformat("2026-11-21T14:30:05")


def test_every_kind_of_cell_is_what_it_is() -> None:
    row = ["text", 3, 2.5, True, DAY, MOMENT, time(14, 30), timedelta(hours=36, minutes=15), None, "=1/0", 1e20]
    assert read(make([[f"c{n}" for n in range(11)], row])) == [
        {
            "c0": "text",
            "c1": 3,
            "c2": 2.5,
            "c3": True,
            "c4": "2026-11-21",
            "c5": "2026-11-21T14:30:05",
            "c6": "14:30:00",
            "c7": "36:15:00",
            "c10": 1e20,
        }
    ]


@given(
    moment=st.datetimes(datetime.fromisoformat("1900-03-01T00:00:00"), datetime.fromisoformat("9999-12-31T00:00:00")),
    old=st.booleans(),
)
@settings(max_examples=10)
def test_dates_are_the_ones_that_openpyxl_and_calamine_read(moment: datetime, old: bool) -> None:
    moment = moment.replace(microsecond=moment.microsecond // 1000 * 1000, year=max(moment.year, 1905))
    workbook = openpyxl.Workbook()
    workbook.epoch = (
        datetime.fromisoformat("1904-01-01T00:00:00") if old else datetime.fromisoformat("1899-12-30T00:00:00")
    )
    workbook.worksheets[0]["A1"] = moment
    data = save(workbook)
    ours = datetime.fromisoformat(read(data, header=False)[0]["column1"])
    assert ours == moment
    theirs = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()[0][0]
    assert abs(datetime.fromisoformat(str(theirs)) - ours) < timedelta(milliseconds=2)


@pytest.mark.parametrize(
    ("serial", "expected"), [(1, "1900-01-01"), (59, "1900-02-28"), (61, "1900-03-01"), (-1, -1), (1e300, 1e300)]
)
def test_the_first_days_and_what_is_no_day_at_all(serial: float, expected: Any) -> None:
    styles = f'<styleSheet xmlns="{MAIN}"><cellXfs><xf numFmtId="14"/></cellXfs></styleSheet>'
    data = pack(f'<row><c s="0"><v>{serial!r}</v></c></row>', f=styles)
    assert read(data, header=False) == [{"column1": expected}]


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("yyyy\\-mm\\-dd", "date"),
        ("[$-409]d/mmm/yy;@", "date"),
        ("dd.mm.yyyy hh:mm", "time"),
        ("h:mm AM/PM", "time"),
        ("[h]:mm:ss", "elapsed"),
        ('0.00 "days"', "number"),
        ("General", "number"),
        ("#,##0.00_);[Red](#,##0.00)", "number"),
        ("0.0E+00", "number"),
        ("@", "number"),
    ],
)
def test_a_format_says_what_a_number_is(code: str, kind: str) -> None:
    assert kind_of_format(164, code) == kind


def test_sheets_ranges_headers_and_names_of_ones_own() -> None:
    workbook = openpyxl.Workbook()
    first, second = workbook.worksheets[0], workbook.create_sheet("Other")
    first["A1"] = "not this one"
    for place, value in {"B2": "id", "D2": "name", "B3": 1, "D3": "x", "E3": "beside", "B5": 2, "D5": "y"}.items():
        second[place] = value
    data = save(workbook)
    output = give("excel", base64=letters(data), sheet="Other")
    assert output["sheets"] == ["Sheet", "Other"]
    assert output["columns"] == ["id", "name", "column3"]
    assert output["rows"] == [{"id": 1, "name": "x", "column3": "beside"}, {"id": 2, "name": "y"}]
    assert read(data, sheet="Other", range="B2:D3") == [{"id": 1, "name": "x"}]
    assert read(data, sheet="Other", range="D:D", limit=1) == [{"name": "x"}]
    assert read(data, sheet="Other", range="3:", header=False, columns=["a", "b", "c"])[1] == {"a": 2, "b": "y"}


def test_rich_and_escaped_texts_are_read_and_readings_of_words_are_not() -> None:
    texts = (
        f'<sst xmlns="{MAIN}"><si><r><t>a</t></r><r><t>b</t></r></si><si><t>x_x000D_</t><rPh><t>no</t></rPh></si></sst>'
    )
    data = pack('<row><c t="s"><v>0</v></c><c t="s"><v>1</v></c><c t="str"><v>f</v></c></row>', t=texts)
    assert read(data, header=False) == [{"column1": "ab", "column2": "x\r", "column3": "f"}]


def measured(data: bytes, **given: Any) -> tuple[str | None, int]:
    tracemalloc.start()
    try:
        return reason("excel", given, base64=letters(data)), tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_two_cells_far_apart_cost_two_cells() -> None:
    data = pack('<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>')
    found, memory = measured(data, header=False)
    assert (found, memory < 1_000_000) == (None, True)


def test_a_bomb_in_the_zip_is_stopped_and_never_unfolds_in_memory() -> None:
    bomb = pack("<row><c><v>1</v></c></row>" + " " * 20_000_000)
    assert len(bomb) < 50_000
    found, memory = measured(bomb, header=False)
    assert (found, memory < 20_000_000) == ("NotExcel", True)


def test_a_long_text_in_a_million_cells_is_counted() -> None:
    texts = f'<sst xmlns="{MAIN}"><si><t>{"x" * 30_000}</t></si></sst>'
    data = pack("<row>" + '<c t="s"><v>0</v></c>' * 2_000 + "</row>", t=texts)
    assert measured(data, header=False)[0] == "TooLarge"


ENTITIES = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "it is no .xlsx file"),
        (b"name,price\n", "it is no .xlsx file"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "it is an old .xls, or protected by a password: save it as .xlsx"),
        (pack(w="<workbook/>"), "there is no sheet in it"),
        (
            pack(
                s=f'{ENTITIES}<worksheet xmlns="{MAIN}"><sheetData><row><c><v>1</v></c></row></sheetData></worksheet>'
            ),
            "has a document type",
        ),
        (pack(w=f'{ENTITIES}<workbook xmlns="{MAIN}"/>'), "has a document type"),
        (pack(s="<worksheet><sheetData><row>"), "its part s.xml is damaged"),
        (pack("<row><c><v>x</v></c></row>"), "should be a number, and is 'x'"),
        (pack("<row><c><v>nan</v></c></row>"), "should be a number, and is 'nan'"),
        (pack('<row><c r="B1" t="s"><v>7</v></c></row>'), "cell B1 is text number 7, which is not there"),
        (pack()[:-30], "it is no .xlsx file"),
    ],
)
def test_what_is_no_spreadsheet_is_told(data: bytes, said: str) -> None:
    error = fail("excel", base64=letters(data))
    assert error.reason == "NotExcel"
    assert said in error.message


def test_what_is_not_asked_for_may_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("headgate_core.formats.xlsx_package.MAX_STRETCH", 100_000)
    rows = "<row><c><v>1</v></c></row>" * 10_000
    assert len(read(pack(rows), header=False)) == 10_000
    error = fail("excel", base64=letters(pack("<x/>" * 100_000 + rows)))
    assert error.message == "base64: it has 100,000 bytes in which there is no row or text"


@given(place=st.integers(0, 10_000), value=st.integers(0, 255))
def test_any_damage_is_read_over_or_told_in_words(place: int, value: int) -> None:
    data = bytearray(SAMPLE)
    data[place % len(data)] = value
    assert reason("excel", base64=letters(bytes(data))) in {None, "NotExcel", "DoubledColumn", "TooLarge"}


SAMPLE = make([["a", "b"], [1, "x"], [DAY, None]])


@pytest.mark.parametrize(
    ("given", "reason_", "said"),
    [
        ({"sheet": "No"}, "NotFound", "sheet: there is no 'No': there are 'Sheet1'"),
        ({"range": "B2"}, "InvalidParameters", "range: 'B2' is none: write `B2:D10`, `B:D` or `2:10`"),
        ({"range": ":"}, "InvalidParameters", "range: "),
        ({"columns": ["x"]}, "InvalidParameters", "columns: 1 names for 2 columns"),
    ],
)
def test_what_is_not_there_is_told_with_what_there_is(given: dict[str, Any], reason_: str, said: str) -> None:
    error = fail("excel", given, base64=letters(SAMPLE))
    assert error.reason == reason_
    assert said in error.message


def test_texts_stay_texts_whatever_they_look_like() -> None:
    rows = [{"a": "=1+1", "b": "01067", "c": 12345678901234567890, "d": [1, {"x": True}]}]
    data = base64.b64decode(give("excel-write", sheets=[{"name": "A", "rows": rows}])["base64"])
    cells = openpyxl.load_workbook(io.BytesIO(data))["A"]["A2:D2"][0]
    assert [(cell.data_type, cell.value) for cell in cells] == [
        ("s", "=1+1"),
        ("s", "01067"),
        ("s", "12345678901234567890"),
        ("s", '[1,{"x":true}]'),
    ]


def test_dates_are_written_as_dates() -> None:
    rows = [{"d": "2026-11-21", "t": "2026-11-21T14:30:05"}, {}]
    sheet = {"name": "A", "rows": rows, "types": {"d": "date", "t": "datetime"}}
    data = base64.b64decode(give("excel-write", sheets=[sheet])["base64"])
    cells = openpyxl.load_workbook(io.BytesIO(data))["A"]["A2:B2"][0]
    assert [(cell.is_date, cell.value) for cell in cells] == [
        (True, datetime.fromisoformat("2026-11-21T00:00:00")),
        (True, MOMENT),
    ]
    assert read(data) == rows[:1]


@pytest.mark.parametrize(
    ("sheet", "reason_", "said"),
    [
        ({"name": "a/b", "rows": []}, "InvalidParameters", "sheets[0].name: "),
        ({"name": "'a", "rows": []}, "InvalidParameters", "cannot begin or end with an apostrophe"),
        ({"rows": [{"a": "x" * 32_768}]}, "InvalidCell", "rows[0].a: the text has 32,768 letters, a cell takes 32,767"),
        ({"rows": [{"a": "\x01"}]}, "InvalidCell", "letter U+0001 cannot stand in a spreadsheet"),
        ({"rows": [{"a": "1"}], "types": {"a": "datetime"}}, "InvalidCell", "'1' is no datetime"),
        ({"rows": [{"a": "2026-01-01T00:00:00Z"}], "types": {"a": "datetime"}}, "InvalidCell", "no time zones"),
        ({"rows": [{"a": "1800-01-01"}], "types": {"a": "date"}}, "InvalidCell", "no date before March 1900 is safe"),
        ({"rows": [{str(n): 1 for n in range(1_000)}] * 501}, "TooLarge", "more than 500,000 cells"),
    ],
)
def test_what_a_spreadsheet_cannot_hold_is_told(sheet: dict[str, Any], reason_: str, said: str) -> None:
    error = fail("excel-write", sheets=[{"name": "A", **sheet}])
    assert error.reason == reason_
    assert said in error.message


def test_two_sheets_of_one_name_are_refused() -> None:
    assert "two are called 'a'" in fail("excel-write", sheets=[{"name": n, "rows": []} for n in "aA"]).message


def test_the_examples_with_a_reader_are_read() -> None:
    for example in excel_write_node.examples:
        if example.needs:
            output = give("excel-write", dict(example.with_))
            assert output.keys() == (example.output or {}).keys()
            assert len(read(base64.b64decode(output["base64"]))) == output["rows"]
