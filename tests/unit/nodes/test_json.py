"""`json`, `json-write`, `json-patch`: Python and Debian's jq as oracles, the RFCs' own examples, and clear refusals."""

import json
import shutil
import subprocess
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.node_calls import fail, give

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=10)
SCALARS = st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4), max_leaves=12
)


@given(value=VALUES, indent=st.integers(0, 8), sort=st.booleans(), ascii_=st.booleans())
def test_what_is_written_is_read_back(value: Any, indent: int, sort: bool, ascii_: bool) -> None:
    text = give("json-write", {"value": value, "indent": indent, "sort": sort, "ascii": ascii_})["text"]
    assert json.loads(text) == value
    assert give("json", text=text) == {"value": value}
    assert not ascii_ or text.isascii()


@given(values=st.lists(VALUES, max_size=5))
def test_lines_are_read_back(values: list[Any]) -> None:
    text = give("json-write", value=values, lines=True)["text"]
    assert text.count("\n") == len(values)
    assert give("json", text=text, lines=True) == {"value": values}


def test_jq_reads_the_same() -> None:
    if shutil.which("jq") is None:
        pytest.skip("there is no jq on this machine")
    values = [{"a": [1, "ä\u2028", 2.5]}, [True, {}], "x"]
    text = give("json-write", value=values, lines=True)["text"]
    read = subprocess.run(["jq", "-cs", "."], input=text.encode(), capture_output=True, check=True).stdout
    assert json.loads(read) == values


def test_numbers_stay_exact_and_order_stays() -> None:
    text = '{"z": 12345678901234567890123, "a": 0.1, "m": 1E2}'
    value = give("json", text=text)["value"]
    assert list(value.items()) == [("z", 12345678901234567890123), ("a", 0.1), ("m", 100.0)]


def test_bytes_are_read_in_their_encoding() -> None:
    raw = '["é"]'.encode("utf-16")
    assert give("json", {"text": raw.hex(), "from": "hex", "encoding": "utf-16"}) == {"value": ["é"]}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "line 1, column 1: expecting value, at its end"),
        ('{"a": 1,\n "b" 2}', "line 2, column 6: expecting ':' delimiter, at '2}'"),
        ("[1] 2", "line 1, column 5: extra data, at '2'"),
        ("['a']", "line 1, column 2: expecting value, at \"'a']\""),
        ("[NaN]", "NaN is no JSON: leave it out, or write it as a text"),
        ("[1e999]", "the number 1e999 is beyond a double: write it as a text"),
        ("[" * 100_000, "it is nested too deep"),
        ("1" * 5_000, "Exceeds the limit"),
    ],
)
def test_what_is_no_json_says_where(text: str, said: str) -> None:
    error = fail("json", text=text)
    assert error.reason == "NotJson"
    assert said in error.message


def test_a_line_that_is_no_json_is_told_by_its_number() -> None:
    assert "line 3, column 2: expecting value" in fail("json", text="1\n\n[x]\n", lines=True).message


def test_null_is_no_value() -> None:
    assert fail("json", text="null").reason == "NoValue"
    assert fail("json", text='{"a": null}', pointer="/a").reason == "NoValue"
    assert give("json", text='{"a": null}') == {"value": {"a": None}}


RFC6901 = {"foo": ["bar", "baz"], "": 0, "a/b": 1, "c%d": 2, "e^f": 3, 'k"l': 6, " ": 7, "m~n": 8}


@pytest.mark.parametrize(
    ("pointer", "found"),
    [
        ("", RFC6901),
        ("/foo", ["bar", "baz"]),
        ("/foo/0", "bar"),
        ("/", 0),
        ("/a~1b", 1),
        ("/c%d", 2),
        ("/e^f", 3),
        ('/k"l', 6),
        ("/ ", 7),
        ("/m~0n", 8),
    ],
)
def test_the_pointers_of_the_rfc(pointer: str, found: Any) -> None:
    assert give("json", text=json.dumps(RFC6901), pointer=pointer) == {"value": found}


@pytest.mark.parametrize(
    ("pointer", "reason", "said"),
    [
        ("foo", "InvalidParameters", "'foo' is no JSON Pointer: begin it with `/`"),
        ("/m~n", "InvalidParameters", "a `~` in 'm~n' is neither"),
        ("/foo/2", "NotFound", "pointer: /foo/2 is not there: the numbers here are 0 to 1"),
        ("/foo/01", "NotFound", "members are numbered from 0"),
        ("/foo/-", "NotFound", "members are numbered from 0"),
        ("/foo/x/y", "NotFound", "members are numbered from 0"),
        ("/foo/99999999999999999999", "NotFound", "the numbers here are 0 to 1"),
        ("/no", "NotFound", "pointer: /no is not there: there are foo, , a/b"),
        ("/foo/0/x", "NotFound", "what comes before it is a text, which has no members"),
    ],
)
def test_a_pointer_to_nothing_says_what_there_is(pointer: str, reason: str, said: str) -> None:
    error = fail("json", text=json.dumps(RFC6901), pointer=pointer)
    assert error.reason == reason
    assert said in error.message


Operations = list[dict[str, Any]]
RFC6902: list[tuple[Any, Operations, Any]] = [
    ({"foo": "bar"}, [{"op": "add", "path": "/baz", "value": "qux"}], {"baz": "qux", "foo": "bar"}),
    ({"foo": ["bar", "baz"]}, [{"op": "add", "path": "/foo/1", "value": "qux"}], {"foo": ["bar", "qux", "baz"]}),
    ({"baz": "qux", "foo": "bar"}, [{"op": "remove", "path": "/baz"}], {"foo": "bar"}),
    ({"foo": ["bar", "qux", "baz"]}, [{"op": "remove", "path": "/foo/1"}], {"foo": ["bar", "baz"]}),
    ({"baz": "qux"}, [{"op": "replace", "path": "/baz", "value": "boo"}], {"baz": "boo"}),
    (
        {"foo": {"bar": "baz", "waldo": "fred"}, "qux": {"corge": "grault"}},
        [{"op": "move", "from": "/foo/waldo", "path": "/qux/thud"}],
        {"foo": {"bar": "baz"}, "qux": {"corge": "grault", "thud": "fred"}},
    ),
    (
        {"foo": ["all", "grass", "cows", "eat"]},
        [{"op": "move", "from": "/foo/1", "path": "/foo/3"}],
        {"foo": ["all", "cows", "eat", "grass"]},
    ),
    (
        {"baz": "qux", "foo": ["a", 2, "c"]},
        [{"op": "test", "path": "/baz", "value": "qux"}, {"op": "test", "path": "/foo/1", "value": 2.0}],
        {"baz": "qux", "foo": ["a", 2, "c"]},
    ),
    ({"foo": "bar"}, [{"op": "add", "path": "/child", "value": {"g": {}}}], {"foo": "bar", "child": {"g": {}}}),
    ({"/": 9, "~1": 10}, [{"op": "test", "path": "/~01", "value": 10}], {"/": 9, "~1": 10}),
    ({"foo": ["bar"]}, [{"op": "add", "path": "/foo/-", "value": ["abc", "def"]}], {"foo": ["bar", ["abc", "def"]]}),
    ({"a": 1}, [{"op": "replace", "path": "", "value": [1]}], [1]),
    (
        {"a": [1]},
        [{"op": "copy", "from": "/a", "path": "/b"}, {"op": "add", "path": "/a/0", "value": 0}],
        {"a": [0, 1], "b": [1]},
    ),
]


@pytest.mark.parametrize(("document", "patch", "expected"), RFC6902)
def test_the_patches_of_the_rfc(document: Any, patch: Operations, expected: Any) -> None:
    before = json.dumps(document)
    value = give("json-patch", document=document, patch=patch)["value"]
    assert value == expected
    assert json.dumps(document) == before


@pytest.mark.parametrize(
    ("operation", "reason", "said"),
    [
        ({"op": "add", "path": "/no/b", "value": 1}, "NotFound", "patch[0].path: /no is not there"),
        ({"op": "add", "path": "/l/3", "value": 1}, "NotFound", "the numbers here are 0 to 2"),
        ({"op": "add", "path": "/t/x", "value": 1}, "NotFound", "what comes before it is a text"),
        ({"op": "add", "path": "/x"}, "InvalidParameters", "patch[0].value: add needs it"),
        ({"op": "replace", "path": "/x", "value": 1}, "NotFound", "/x is not there"),
        ({"op": "move", "path": "/x"}, "InvalidParameters", "patch[0].from: move needs it"),
        ({"op": "move", "from": "/o", "path": "/o/x"}, "InvalidParameters", "cannot be moved into itself"),
        ({"op": "test", "path": "/n", "value": True}, "TestFailed", "patch[0]: /n is '1', expected 'True'"),
        ({"op": "remove", "path": ""}, "NoValue", "nothing is left of the document"),
        ({"op": "delete", "path": "/n"}, "InvalidParameters", "patch[0].op: "),
    ],
)
def test_an_operation_that_cannot_be_done_is_named(operation: dict[str, Any], reason: str, said: str) -> None:
    error = fail("json-patch", document={"l": [1, 2], "t": "x", "o": {}, "n": 1}, patch=[operation])
    assert error.reason == reason
    assert said in error.message


def test_a_document_that_doubles_with_each_copy_is_stopped() -> None:
    patch = [{"op": "copy", "from": "", "path": f"/{number}"} for number in range(100)]
    assert fail("json-patch", document={"a": "x" * 100}, patch=patch).reason == "TooLarge"


@pytest.mark.parametrize(
    ("document", "merge", "expected"),
    [  # RFC 7396, appendix A; where the change is an object
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b", "b": "c"}, {"a": None, "d": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({"a": 1}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_the_merges_of_the_rfc(document: Any, merge: Any, expected: Any) -> None:
    assert give("json-patch", document=document, merge=merge) == {"value": expected}


@given(document=VALUES, value=VALUES)
def test_what_was_put_there_is_found_there(document: Any, value: Any) -> None:
    patch = [{"op": "add", "path": "/k~1/0", "value": value}, {"op": "test", "path": "/k~1/0", "value": value}]
    changed = give("json-patch", document={"k/": [document]}, patch=patch)["value"]
    assert changed == {"k/": [value, document]}
