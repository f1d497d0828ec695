"""Plain paths: what is copied out of a document, exactly as it stands there (LANGUAGE §3.7, 5)."""

from typing import Any

import pytest

from headgate_lang.paths import MissingError, lookup, parse

DOCUMENT = {
    "text": "héllo\0\ud800",
    "big": 2**80,
    "null": None,
    "list": [{"x": 1}, {"x": None}],
    "content-type": "json",
    "order": {"b": 1, "a": 2},
}


def read(source: str, document: Any = DOCUMENT) -> Any:
    reference = parse(source)
    assert reference is not None
    return lookup(document, reference)


@pytest.mark.parametrize(
    ("source", "root", "keys"),
    [
        ("a", "a", []),
        ("a.b[0].c", "a", ["b", 0, "c"]),
        (" a . b [ 0 ] ", "a", ["b", 0]),
        ('a["content-type"]', "a", ["content-type"]),
        ("a['x y'].z", "a", ["x y", "z"]),
        ("a.package", "a", ["package"]),
        ("math.sqrt", "math", ["sqrt"]),
        ("a\n.b", "a", ["b"]),
    ],
)
def test_fields_places_and_literal_keys_make_a_plain_path(source: str, root: str, keys: list[str | int]) -> None:
    reference = parse(source)
    assert reference is not None
    assert reference.root == root
    assert [step.key for step in reference.steps] == keys


@pytest.mark.parametrize(
    "source",
    [
        *("", "1", "'a'", "null", "loop.x", ".a", "a.", "a..b", "a b", "a[0", "(a).b", "a.`b`", "a // x"),
        *("a.?b", "a[?0]", "a[i]", "a[-1]", "a[01]", "a + b", "a.b()", "a.in", 'a["x\\n"]'),
    ],
)
def test_nothing_else_does(source: str) -> None:
    assert parse(source) is None


def test_it_knows_where_its_parts_stand() -> None:
    source = " a .bc[ 0 ]"
    reference = parse(source)
    assert reference is not None
    assert source[reference.start : reference.root_end] == "a"
    assert [source[step.start : step.end] for step in reference.steps] == [".bc", "[ 0 ]"]
    assert reference.end == len(source)


def test_it_says_what_it_needs_of_a_node() -> None:
    error, output = parse("a.error.message"), parse("a.text")
    assert error is not None
    assert output is not None
    assert error.is_error
    assert not output.is_error
    assert not output.is_optional
    assert str(error) == "a.error.message"


def test_what_is_copied_arrives_as_it_was() -> None:
    assert read("a.text") == "héllo\0\ud800"
    assert read("a.big") == 2**80
    assert read("a['null']") is None
    assert list(read("a.order")) == ["b", "a"]
    assert read("a.list[1]") == {"x": None}
    assert read('a["content-type"]') == "json"
    assert read("a") is DOCUMENT


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("a.txt", "`a` has no `txt`: did you mean `text`?"),
        ("a.zebra", "`a` has no `zebra`: it has text, big, null, list, content-type, order"),
        ("a.list[2].x", "`a.list` has no item 2: it has 2, counted from 0"),
        ("a.list.x", "`a.list` is a list, not an object, and has no `x`"),
        ("a.order[0]", "`a.order` is an object, not a list, and has no `0`"),
        ("a.text.x", "`a.text` is a string, not an object, and has no `x`"),
        ("a['null'].x", '`a["null"]` is null, not an object, and has no `x`'),
    ],
)
def test_what_is_missing_is_told_with_what_is_there_instead(source: str, says: str) -> None:
    with pytest.raises(MissingError) as missing:
        read(source)
    assert str(missing.value) == says


def test_an_empty_document_and_a_long_one_are_told_apart() -> None:
    with pytest.raises(MissingError, match="it is empty"):
        read("a.b", {})
    with pytest.raises(MissingError, match="k11 and 88 more"):
        read("a.zebra", {f"k{number}": 0 for number in range(100)})
