"""`yaml` and `yaml-write`: the core schema of YAML 1.2, PyYAML as a second reader, and bombs that do not go off."""

import math
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from support.node_calls import fail, give, reason

WORDS = (
    "yes no on off y n ~ null true 010 0o17 0x1F 1_000 1e3 1e 1.5 .5 +1 1:30 2001-01-01 = << - ? : # & * ! | > % @ .inf"
)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    [
        *WORDS.split(),
        "",
        " a",
        "a ",
        "a\nb",
        "a\nb\n",
        "\na\nb",
        "  a\n b\n",
        "a\n\n",
        "a \nb",
        "\x85",
        "\u2028",
        "\x00",
        "\x7f",
        "é",
    ]
)
VALUES = st.recursive(
    st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@given(value=VALUES, sort=st.booleans(), indent=st.integers(2, 8))
def test_what_is_written_is_read_back_by_us_and_by_a_reader_of_yaml_1_1(value: Any, sort: bool, indent: int) -> None:
    text = give("yaml-write", value=value, sort=sort, indent=indent)["text"]
    assert give("yaml", text=text) == {"value": value}
    assert yaml.safe_load(text) == value


@given(values=st.lists(VALUES, max_size=4))
def test_several_documents_are_read_back(values: list[Any]) -> None:
    text = give("yaml-write", {"value": values, "all": True})["text"]
    assert give("yaml", {"text": text, "all": True}) == {"value": values}


@pytest.mark.parametrize(
    ("text", "value"),
    [  # YAML 1.2.2, 10.3.2
        ("[true, True, TRUE, false]", [True, True, True, False]),
        ("[yes, no, on, off, y, n, TrUe]", ["yes", "no", "on", "off", "y", "n", "TrUe"]),
        ("[0, 010, 0o7, 0x3A, -19, +5]", [0, 10, 7, 58, -19, 5]),
        ("[0., -0.0, .5, +12e03, -2E+05, 1e3]", [0.0, -0.0, 0.5, 12000.0, -200000.0, 1000.0]),
        ("[1_000, 1:30, 0b1, 2001-01-01, 1.2.3]", ["1_000", "1:30", "0b1", "2001-01-01", "1.2.3"]),
        ("[~, null, Null, NULL, nULL]", [None, None, None, None, "nULL"]),
        ("['true', \"1\", !!str 1]", ["true", "1", "1"]),
        ("[!!int 3, !!float 3, !!bool true]", [3, 3.0, True]),
        ("{1: a, true: b, ~: c, 1.5: d}", {"1": "a", "true": "b", "~": "c", "1.5": "d"}),
        ("a: |\n  x\n  y\nb: >-\n  x\n  y\n", {"a": "x\ny\n", "b": "x y"}),
        ("{a: &x [1], b: *x}", {"a": [1], "b": [1]}),
        (
            "{a: &x {k: 1}, b: {<<: *x, k: 2}, c: {k: 2, <<: [*x, {l: 3}]}}",
            {"a": {"k": 1}, "b": {"k": 2}, "c": {"k": 2, "l": 3}},
        ),
        ("{'<<': 1}", {"<<": 1}),
        ("&a a: &b b\n*b : d\n", {"a": "b", "b": "d"}),
        ("# nothing but a remark before\na: 1", {"a": 1}),
        ("%YAML 1.2\n---\na: 1\n...\n", {"a": 1}),
    ],
)
def test_words_are_what_yaml_1_2_says(text: str, value: Any) -> None:
    assert repr(give("yaml", text=text)["value"]) == repr(value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: 1\nb: [1, 2\n", "text: line 3, column 1: "),
        ("a: 1\na: 2\n", "text: line 2, column 1: the key 'a' is there twice: keep one"),
        ("a: *b\n", "text: line 1, column 4: nothing is called &b, or it contains itself"),
        ("a: &a [*a]\n", "nothing is called &a, or it contains itself"),
        ("? [1]\n: 2\n", "a list or an object cannot be a key: write a text"),
        (
            "a: !!python/object/apply:os.system [x]\n",
            "line 1, column 4: the tag tag:yaml.org,2002:python/object/apply:os.system",
        ),
        ("a: !secret x\n", "the tag !secret is none that JSON could hold: leave it out"),
        ("a: !!binary aGk=\n", "is none that JSON could hold"),
        ("a: !!int x\n", "'x' is not what its tag tag:yaml.org,2002:int says"),
        ("a: .inf\n", ".inf is no number that JSON could hold: quote it"),
        ("a: 1e999\n", "the number 1e999 is beyond a double"),
        ("a: " + "1" * 5000, "the number has 5,000 digits"),
        ("<<: 1\na: 2\n", "`<<` merges an object"),
        ("a: \x00\n", "text: letter 4 (U+0000) may not stand in YAML"),
        ("[" * 101 + "]" * 101, "it is nested deeper than 100 levels"),
        ("a: 1\n---\nb: 1\n", "there are 2 documents: write `all: true`"),
        ("\ta: 1\n", "found character that cannot start any token"),
    ],
)
def test_what_is_not_yaml_or_not_json_says_where_and_what_to_do(text: str, said: str) -> None:
    error = fail("yaml", text=text)
    assert error.reason == "NotYaml"
    assert said in error.message


@pytest.mark.parametrize("text", ["", "# a remark\n", "null", "---\n...\n"])
def test_nothing_is_no_value(text: str) -> None:
    assert fail("yaml", text=text).reason == "NoValue"


def test_a_billion_laughs_are_counted_before_they_are_made() -> None:
    lines = ["a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    error = fail("yaml", text="\n".join(lines))
    assert "there are more than 500,000 values, with what the aliases repeat" in error.message


def test_a_long_text_that_is_repeated_counts_by_its_length() -> None:
    text = f"a: &a {'x' * 1_000_000}\nb: [{', '.join(['*a'] * 1000)}]\n"
    assert "more than 500,000 values" in fail("yaml", text=text).message


@given(text=st.text(alphabet="ab:-?[]{},&*!|>'\"%@`#\n \t<1.~", max_size=40))
def test_anything_at_all_is_read_or_refused_in_words(text: str) -> None:
    assert reason("yaml", {"text": text, "all": True}) in {None, "NotYaml"}


def test_what_is_too_deep_or_no_list_is_not_written() -> None:
    deep: Any = 1
    for _ in range(101):
        deep = [deep]
    assert "nested deeper than 100 levels" in fail("yaml-write", value=deep).message
    assert "this is none" in fail("yaml-write", {"value": {"a": 1}, "all": True}).message


def test_the_smallest_and_largest_numbers_survive() -> None:
    numbers = [5e-324, 1.7976931348623157e308, 2**63, -(2**200), 0.1, 1e16, 1e-7]
    text = give("yaml-write", value=numbers)["text"]
    assert all(math.isclose(a, b, rel_tol=0) for a, b in zip(give("yaml", text=text)["value"], numbers, strict=True))
