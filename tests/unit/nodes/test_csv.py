"""`csv` and `csv-write`: Python's csv as oracle, cells as they were, formulas kept from running, and clear refusals."""

import csv
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate_core.formats.columns import check_size
from headgate_node import NodeError
from support.node_calls import fail, give, reason

CELLS = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from(",;\"\n\r\t|'=-@ "), max_size=8)
NAMES = st.text(alphabet="abc,;\" é'", min_size=1, max_size=6).filter(lambda name: name.strip() == name)
TABLES = st.lists(NAMES, min_size=1, max_size=4, unique=True).flatmap(
    lambda names: st.lists(st.fixed_dictionaries(dict.fromkeys(names, CELLS)), max_size=5)
)


def rows(text: str, /, **given: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = give("csv", given, text=text)["rows"]
    return found


@given(table=TABLES, delimiter=st.sampled_from(",;\t|"), quote=st.sampled_from(["needed", "all"]), crlf=st.booleans())
def test_what_is_written_is_read_back_by_us_and_by_python(
    table: list[dict[str, str]], delimiter: str, quote: str, crlf: bool
) -> None:
    how = {"delimiter": delimiter, "quote": quote, "lineEnd": "crlf" if crlf else "lf", "formulas": "keep"}
    written = give("csv-write", how, rows=table)
    assert written["rows"] == len(table)
    assert list(csv.DictReader(io.StringIO(written["text"], newline=""), delimiter=delimiter, strict=True)) == table
    assert rows(written["text"], delimiter=delimiter) == table


@given(table=TABLES)
def test_no_text_that_was_written_starts_a_formula(table: list[dict[str, str]]) -> None:
    written = give("csv-write", rows=table)
    cells = [cell for line in csv.reader(io.StringIO(written["text"], newline=""), strict=True) for cell in line]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))]
    names = list(table[0]) if table else []
    assert written["escaped"] == sum(cell.startswith("'") for cell in cells) - sum(
        text.startswith("'") for text in [*names, *(cell for row in table for cell in row.values())]
    )


def test_numbers_are_no_formulas_and_everything_has_a_spelling() -> None:
    row = {"n": -1, "f": 2.0, "b": False, "l": [1, "a"], "o": {"b": 1, "a": None}, "t": "-1"}
    text = give("csv-write", rows=[row, {}])["text"]
    assert text == 'n,f,b,l,o,t\n-1,2,false,"[1,""a""]","{""a"":null,""b"":1}",\'-1\n,,,,,\n'


def test_what_a_reader_would_take_for_the_end_of_a_line_is_quoted() -> None:
    text = give("csv-write", rows=[{"a": "x\ry", "b": ""}, {"a": 'x"y', "b": "x\ny"}])["text"]
    assert text == 'a,b\n"x\ry",\n"x""y","x\ny"\n'
    assert give("csv-write", rows=[{"a": ""}])["text"] == 'a\n""\n'


def test_a_header_that_starts_a_formula_is_guarded_too() -> None:
    assert give("csv-write", rows=[{"=cmd": 1}]) == {"text": "'=cmd\n1\n", "rows": 1, "escaped": 1}


TEXT = "id;name;price;ok\n1;Ä;1,5;true\n\n2;B;;FALSE\n"


def test_the_delimiter_is_guessed_from_the_first_lines() -> None:
    assert give("csv", text=TEXT, delimiter="guess")["delimiter"] == ";"
    assert give("csv", text="a\tb,c\n1\t2\n", delimiter="guess")["delimiter"] == "\t"
    assert give("csv", text='"a,b"|c\n"1|,,2"|3\n', delimiter="guess")["delimiter"] == "|"
    assert give("csv", text="word\nword\n", delimiter="guess")["delimiter"] == ","


def test_types_are_as_given_or_the_narrowest_that_fit_all_cells() -> None:
    text = "a,b,c,d,e,f\n1,1.5,true,01067,,x\n-2,3,False,2,,\n"
    assert rows(text, guessTypes=True) == [
        {"a": 1, "b": 1.5, "c": True, "d": "01067", "e": "", "f": "x"},
        {"a": -2, "b": 3, "c": False, "d": "2", "e": "", "f": ""},
    ]
    given = {"a": "number", "d": "integer", "e": "boolean"}
    assert fail("csv", text=text, types=given).message == (
        "text: line 2, column 'd': '01067' is no integer: mend it, or take the column as text"
    )
    assert rows("a,e\n1e3,\n", types={"a": "number", "e": "boolean"}) == [{"a": 1000.0}]


@pytest.mark.parametrize("cell", ["1e999", "nan", "inf", "1_000", "0x10", "１", "1,5", "--1", ".", "1e"])
def test_what_only_looks_like_a_number_to_some_is_none(cell: str) -> None:
    assert rows(f"a;b\n{cell};\n", delimiter=";", guessTypes=True) == [{"a": cell, "b": ""}]
    assert fail("csv", text=f"a;b\n{cell};\n", delimiter=";", types={"a": "number"}).reason == "InvalidCell"


def test_lines_to_skip_a_limit_and_names_of_ones_own() -> None:
    text = "report of today\nA,B\n1,2\n3,4\n"
    assert rows(text, skip=1, limit=1) == [{"A": "1", "B": "2"}]
    assert rows(text, skip=1, columns=["x", "y"], limit=1) == [{"x": "1", "y": "2"}]
    assert rows(text, skip=2, header=False, columns=["x", "y"]) == [{"x": "1", "y": "2"}, {"x": "3", "y": "4"}]
    assert rows("", header=False) == []
    assert give("csv", text="") == {"rows": [], "columns": [], "delimiter": ","}


def test_blanks_quotes_and_empty_ends() -> None:
    assert rows('a, b\n 1 ,"2",,\n', trim=True) == [{"a": "1", "b": "2"}]
    assert rows("a,b\n'1,2',3\n", quote="'") == [{"a": "1,2", "b": "3"}]
    assert rows('a,b\n1",2\n', quote="") == [{"a": '1"', "b": "2"}]
    assert rows("a,b\n1\n", fill=True) == [{"a": "1", "b": ""}]


def test_bytes_are_read_in_their_encoding_and_a_mark_is_no_letter() -> None:
    raw = "Straße;1\n".encode("windows-1252").hex()
    given = {"text": raw, "from": "hex", "encoding": "windows-1252", "delimiter": ";", "header": False}
    assert give("csv", given)["rows"] == [{"column1": "Straße", "column2": "1"}]
    assert rows("\ufeffa\n1\n") == [{"a": "1"}]


@pytest.mark.parametrize(
    ("text", "given", "reason_", "said"),
    [
        ('a\n"x\ny', {}, "NotCsv", "text: line 3: a quoted cell has no end"),
        ('a,b\n"x"y,1', {}, "NotCsv", "text: line 2: "),
        ("a,b\n1,2,3\n", {}, "UnevenRow", "text: line 2: 3 cells for 2 columns: is the delimiter right?"),
        ("a,a\n", {}, "DoubledColumn", "line 1: columns 1 and 2 are both called 'a'"),
        ("a\n1\n", {"types": {"b": "text"}}, "InvalidParameters", "types: there is no column 'b': there are a"),
        ("a\n", {"columns": ["x", "y"]}, "InvalidParameters", "columns: 2 names for 1 columns"),
        ("a\n", {"delimiter": '"'}, "InvalidParameters", "delimiter: it must differ from `quote`"),
        ("a\n", {"delimiter": "\n"}, "InvalidParameters", "delimiter: "),
        ("," * 2_000, {}, "TooLarge", "there are 2,001 columns, at most 2,000 are read"),
        ("," * 1_000_001, {"header": False}, "TooLarge", "1,000,000 cells"),
        ((",".join(map(str, range(1_500))) + "\n") * 700, {}, "TooLarge", "1,000,000 cells"),
    ],
)
def test_a_table_that_is_not_one_says_where_and_what_to_do(
    text: str, given: dict[str, Any], reason_: str, said: str
) -> None:
    error = fail("csv", given, text=text)
    assert error.reason == reason_
    assert said in error.message


def test_rows_are_counted_as_cells_are() -> None:
    with pytest.raises(NodeError, match="there are more than 200,000 rows"):
        check_size(200_001, 1)


@given(text=st.text(alphabet="a1,;\"'\n\r\t ", max_size=40), guess=st.booleans())
def test_anything_at_all_is_read_or_refused_in_words(text: str, guess: bool) -> None:
    given = {"delimiter": "guess", "guessTypes": guess, "fill": True}
    assert reason("csv", given, text=text) in {None, "NotCsv", "UnevenRow", "DoubledColumn"}
