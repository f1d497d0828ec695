"""`text` and `split`: as Python has it where Python does it, in linear time whatever the pattern."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.node_calls import fail, give

TEXTS = st.text("aAbé ß\n-_.,1ﬁ𝄞", max_size=20)


def text(given_: str | list[str], operation: str, **options: Any) -> str:
    found = give("text", text=given_, operation=operation, **options)
    assert found["length"] == len(found["text"])
    return str(found["text"])


@pytest.mark.parametrize(
    ("given_", "operation", "options", "found"),
    [
        (" a ", "trim", {"side": "start"}, "a "),
        ("xxaxx", "trim", {"characters": "x"}, "a"),
        ("don't STOP", "title", {}, "Don't STOP"),
        ("éa", "capitalize", {}, "Éa"),
        (" a \n b ", "collapse", {}, "a b"),
        ("parseHTTPAnswer-now", "snake", {}, "parse_http_answer_now"),
        ("parse HTTP answer", "camel", {}, "parseHttpAnswer"),
        ("getID2Name", "kebab", {}, "get-id2-name"),
        ("Čížek & Łódź – ÆØ ß", "slug", {}, "cizek-lodz-aeo-ss"),
        ("Привет, мир!", "slug", {}, "привет-мир"),
        ("a  b", "slug", {"separator": "_"}, "a_b"),
        ("Žluťoučký", "plain", {}, "Zlutoucky"),
        ("7", "pad", {"length": 3, "side": "start", "characters": "0"}, "007"),
        ("7", "pad", {"length": 3, "side": "both"}, " 7 "),
        ("abcdef", "truncate", {"length": 4}, "abc…"),
        ("abcdef", "truncate", {"length": 6}, "abcdef"),
        ("abcdef", "truncate", {"length": 0}, ""),
        ("abcdef", "truncate", {"length": 2, "suffix": "..."}, "ab"),
        ("one two three", "truncate", {"length": 8, "wholeWords": True}, "one two…"),
        ("one two three", "truncate", {"length": 9, "wholeWords": True}, "one two…"),
        ("onetwothree", "truncate", {"length": 5, "wholeWords": True}, "onet…"),
        ("ab", "repeat", {"times": 3, "separator": "-"}, "ab-ab-ab"),
        ("ab", "repeat", {"times": 0}, ""),
        ("abc", "reverse", {}, "cba"),
        ("ﬁ", "normalize", {"form": "NFKC"}, "fi"),
        (["a", "b"], "join", {"separator": ", "}, "a, b"),
        ([], "join", {}, ""),
    ],
)
def test_operations(given_: Any, operation: str, options: dict[str, Any], found: str) -> None:
    assert text(given_, operation, **options) == found


@pytest.mark.parametrize(
    ("given_", "options", "found", "replaced"),
    [
        ("a.b.c", {"find": ".", "replace": "-"}, "a-b-c", 2),
        ("a.b.c", {"find": ".", "replace": "-", "limit": 1}, "a-b.c", 1),
        ("Ab aB", {"find": "AB", "replace": r"\1", "ignoreCase": True}, r"\1 \1", 2),
        ("a1b22", {"pattern": "[0-9]+", "replace": "<\\0>"}, "a<1>b<22>", 2),
        ("2026-11", {"pattern": "(?P<y>[0-9]+)-([0-9]+)", "replace": r"\2/\g<y>"}, "11/2026", 1),
        ("ab", {"pattern": "(a)|(b)", "replace": r"[\1\2]"}, "[a][b]", 2),
        ("a\\b", {"pattern": r"\\", "replace": r"\\\\"}, r"a\\b", 1),
        ("abc", {"pattern": "x*", "replace": "-"}, "-a-b-c-", 4),
        ("éé", {"pattern": "É", "replace": "e", "ignoreCase": True}, "ee", 2),
        ("a$1", {"find": "$1", "replace": "$&"}, "a$&", 1),
    ],
)
def test_replacing(given_: str, options: dict[str, Any], found: str, replaced: int) -> None:
    expected = {"text": found, "length": len(found), "replaced": replaced}
    assert give("text", text=given_, operation="replace", **options) == expected


@given(TEXTS, st.sampled_from(["a+", "[aA]b?", "\\s", "(é|ß)+", "[^a]", "\\bA", "^a", "b$"]), st.integers(1, 3))
def test_a_pattern_replaces_what_pythons_would(given_: str, pattern: str, limit: int) -> None:
    if "\\" in pattern and not given_.isascii():
        return  # RE2's \s and \b are of ASCII
    expected = re.sub(pattern, "<>", given_, count=limit, flags=re.ASCII)
    if pattern == "b$" and given_.endswith("\n"):
        return  # Python's `$` also matches before a last line break
    assert text(given_, "replace", pattern=pattern, replace="<>", limit=limit) == expected


@given(TEXTS)
def test_cases_and_words(given_: str) -> None:
    assert text(given_, "upper") == given_.upper()
    assert text(given_, "lower") == given_.lower()
    assert text(given_, "trim") == given_.strip()
    assert re.fullmatch(r"[^\sA-Z]*", text(given_, "slug"))
    slug = text(given_, "slug")
    assert text(slug, "slug") == slug


def test_a_pattern_that_ruins_others_is_linear_here() -> None:
    given_ = "a" * 50_000 + "!"
    assert text(given_, "replace", pattern="^(a+)+$", replace="") == given_


@pytest.mark.parametrize(
    ("given_", "reason", "said"),
    [
        ({"text": "a", "operation": "replace"}, "InvalidParameters", "needs one of `find` and `pattern`"),
        ({"text": "a", "operation": "replace", "find": "a", "pattern": "a"}, "InvalidParameters", "one of"),
        ({"text": "a", "operation": "replace", "pattern": "(?=a)"}, "InvalidPattern", "no lookaround"),
        ({"text": "a", "operation": "replace", "pattern": "(a"}, "InvalidPattern", "missing )"),
        ({"text": "a", "operation": "replace", "pattern": "a", "replace": r"\1"}, "InvalidPattern", "no group `1`"),
        ({"text": "a", "operation": "replace", "pattern": "((a{1,99}){1,99}){1,99}"}, "InvalidPattern", "RE2"),
        ({"text": "a" * 200_001, "operation": "replace", "pattern": "a"}, "TooLarge", "200,001 characters"),
        ({"text": "a" * 1000, "operation": "replace", "find": "a", "replace": "b" * 9999}, "TooLarge", "9,999,000"),
        ({"text": "a" * 1000, "operation": "replace", "pattern": "a", "replace": "b" * 9999}, "TooLarge", "at most"),
        ({"text": "a" * 100, "operation": "repeat", "times": 100_000}, "TooLarge", "10,000,000"),
        ({"text": "\ud800a", "operation": "replace", "pattern": "a"}, "InvalidParameters", "unicode"),
        ({"text": ["a"], "operation": "upper"}, "InvalidParameters", "write `forEach`"),
        ({"text": "a", "operation": "join"}, "InvalidParameters", "takes a list"),
        ({"text": "a", "operation": "pad"}, "InvalidParameters", "`length` is missing"),
        ({"text": "a", "operation": "pad", "length": 3, "characters": "ab"}, "InvalidParameters", "one character"),
        ({"text": "a", "operation": "shout"}, "InvalidParameters", "operation"),
    ],
)
def test_what_is_wrong_is_said(given_: dict[str, Any], reason: str, said: str) -> None:
    error = fail("text", given_)
    assert (error.reason, said in error.message) == (reason, True), error.message


def split(given_: str, **options: Any) -> list[str]:
    found = give("split", text=given_, **options)
    assert found["count"] == len(found["parts"])
    return list(found["parts"])


@pytest.mark.parametrize(
    ("given_", "options", "parts"),
    [
        ("a,b,,c", {}, ["a", "b", "", "c"]),
        ("a, b,,c", {"trim": True, "dropEmpty": True}, ["a", "b", "c"]),
        ("a,b,c", {"limit": 2}, ["a", "b,c"]),
        ("a\r\nb\nc\n", {"by": "lines"}, ["a", "b", "c"]),
        ("a\n\nb", {"by": "lines"}, ["a", "", "b"]),
        ("a\nb\nc", {"by": "lines", "limit": 2}, ["a", "b\nc"]),
        (" a  b ", {"by": "words"}, ["a", "b"]),
        ("a1b22c", {"by": "pattern", "pattern": "[0-9]+"}, ["a", "b", "c"]),
        ("a1b22c", {"by": "pattern", "pattern": "([0-9])+", "limit": 2}, ["a", "b22c"]),
        ("a1b22c", {"by": "matches", "pattern": "[0-9]+"}, ["1", "22"]),
        ("k=v; x=y", {"by": "matches", "pattern": "([a-z])=", "limit": 1}, ["k"]),
        ("abcde", {"by": "length", "length": 2}, ["ab", "cd", "e"]),
        ("abcde", {"by": "length", "length": 3, "overlap": 2}, ["abc", "bcd", "cde"]),
        ("", {}, [""]),
        ("", {"by": "length", "length": 2}, [""]),
        ("", {"by": "words"}, []),
    ],
)
def test_splitting(given_: str, options: dict[str, Any], parts: list[str]) -> None:
    assert split(given_, **options) == parts


@given(st.text("ab,é", max_size=30), st.integers(1, 6), st.integers(0, 5))
def test_pieces_of_a_length_cover_the_text(given_: str, length: int, overlap: int) -> None:
    if overlap >= length:
        assert fail("split", text=given_, by="length", length=length, overlap=overlap).reason == "InvalidParameters"
        return
    parts = split(given_, by="length", length=length, overlap=overlap)
    assert parts[0] + "".join(part[overlap:] for part in parts[1:]) == given_
    assert all(len(part) <= length for part in parts)
    assert split(given_, separator=",") == given_.split(",")


@pytest.mark.parametrize(
    ("given_", "reason", "said"),
    [
        ({"text": "," * 20_000}, "TooLarge", "20,001 items"),
        ({"text": "a" * 30_000, "by": "matches", "pattern": "a"}, "TooLarge", "more than 20,000 times"),
        ({"text": "a", "by": "matches"}, "InvalidParameters", "`pattern` is missing"),
        ({"text": "a", "by": "length"}, "InvalidParameters", "`length` is missing"),
        ({"text": "a" * 300_000, "by": "length", "length": 100_000, "overlap": 99_980}, "TooLarge", "overlap so much"),
        ({"text": "abc", "by": "length", "length": 1, "limit": 2}, "TooLarge", "there are 3 pieces"),
    ],
)
def test_what_cannot_be_split_is_told(given_: dict[str, Any], reason: str, said: str) -> None:
    error = fail("split", given_)
    assert (error.reason, said in error.message) == (reason, True), error.message
