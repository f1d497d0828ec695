"""Documents inside Argo: they arrive byte for byte, and nothing on the way finds a template in them (FACTS)."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate_lang.documents import DocumentError, decode, digest, encode, size
from support.trying import times

HOSTILE = [
    "{{workflow.name}}",
    "{{=1+1}}",
    "$(VAR) $$(VAR) $$ ${x}",
    '{"a":1}',
    "{}",
    "\x7f\x00\x1f\u2028\u2029",
    "\ud800 \udfff lone",
    "\\{ \\$ \\\\",
    '"{"',
    "line\nbreak\n",
    "é😀",
]
texts = st.text() | st.sampled_from(HOSTILE) | st.text(alphabet='{}$()"\\=.a\x7f\ud800')
documents = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


@given(documents)
@times(2)
def test_a_document_arrives_as_it_was_sent(document: object) -> None:
    text = encode(document)
    assert decode(text) == document
    assert json.dumps(decode(text)) == json.dumps(document)
    assert encode(decode(text)) == text


@given(documents)
@times(2)
def test_nothing_on_the_way_finds_a_template_in_it(document: object) -> None:
    text = encode(document)
    assert text.isascii()
    assert "{{" not in text
    assert "$" not in text
    assert "\x7f" not in text
    assert not text.endswith("\n")


@pytest.mark.parametrize("hostile", HOSTILE)
def test_braces_and_dollars_in_strings_and_keys_are_escaped(hostile: str) -> None:
    text = encode({hostile: [hostile]})
    assert text.count("{") == 1
    assert decode(text) == {hostile: [hostile]}


def test_big_numbers_keep_every_digit() -> None:
    assert decode(encode({"big": 2**200, "small": 0.1, "whole": 1.0})) == {"big": 2**200, "small": 0.1, "whole": 1.0}
    assert isinstance(decode("1.0"), float)


def test_the_order_of_keys_is_kept_but_does_not_matter_to_the_digest() -> None:
    assert list(decode(encode({"b": 1, "a": 2}))) == ["b", "a"]
    assert digest({"b": 1, "a": [{"y": 1, "x": 2}]}) == digest({"a": [{"x": 2, "y": 1}], "b": 1})
    assert digest({"a": 1}) != digest({"a": 2})
    assert digest({}).startswith("sha256:")


def test_the_size_is_what_it_takes_in_argo() -> None:
    assert size("$") == len(r'"\u0024"')


@pytest.mark.parametrize("document", [float("nan"), float("inf"), {1, 2}, object(), b"x"])
def test_what_no_document_can_hold_is_refused(document: object) -> None:
    with pytest.raises(DocumentError):
        encode({"x": document})


@pytest.mark.parametrize("text", ["", "{", "NaN", "-Infinity", "1e999", "nope", "[" * 100_000, "9" * 5000, '"\x01"'])
def test_what_is_no_document_is_refused(text: str) -> None:
    with pytest.raises(DocumentError):
        decode(text)
