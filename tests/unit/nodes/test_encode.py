"""`encode`: the same bytes in other letters, by Python's own codecs as oracle."""

import base64
import urllib.parse
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.node_calls import fail, give

ORACLES: dict[str, Callable[[bytes], str]] = {
    "base64": lambda data: base64.b64encode(data).decode(),
    "base64url": lambda data: base64.urlsafe_b64encode(data).decode().rstrip("="),
    "hex": lambda data: data.hex(),
    "percent": lambda data: urllib.parse.quote(data, safe=""),
}
FORMS = list(ORACLES)


@pytest.mark.parametrize("form", FORMS)
@given(data=st.binary(max_size=200))
def test_bytes_are_written_as_pythons_codecs_write_them_and_read_back(form: str, data: bytes) -> None:
    written = give("encode", {"text": data.hex(), "from": "hex", "to": form})["text"]
    assert written == ORACLES[form](data)
    assert give("encode", {"text": written, "from": form, "to": "hex"})["text"] == data.hex()


@given(text=st.text(st.characters(exclude_categories=["Cs"]), max_size=100).filter(lambda text: text[:1] != "\ufeff"))
def test_text_comes_back_from_every_form(text: str) -> None:
    for form in FORMS:
        written = give("encode", text=text, to=form)["text"]
        assert give("encode", {"text": written, "from": form})["text"] == text


def test_lines_and_missing_padding_of_base64_are_read() -> None:
    assert give("encode", {"text": "aGVs\r\nbG8\n", "from": "base64"}) == {"text": "hello"}


@pytest.mark.parametrize(
    ("form", "text", "said"),
    [
        ("base64", "aGk*", "text: this is no base64: "),
        ("base64", "-_8", "it has a letter of base64url: say `from: base64url`"),
        ("base64url", "+/8=", "it has a letter of base64: say `from: base64`"),
        ("base64", "a", "text: this is no base64: "),
        ("base64", "aG=k", "text: this is no base64: "),
        ("base64", "aGk===", "text: this is no base64: "),
        ("base64", "äöü", "text: this is no base64: "),
        ("hex", "0g", "non-hexadecimal number found in fromhex() arg at position 1"),
        ("percent", "100%", "the % at letter 4 is not followed by two hexadecimal digits"),
    ],
)
def test_what_does_not_belong_is_refused(form: str, text: str, said: str) -> None:
    error = fail("encode", {"text": text, "from": form})
    assert error.reason == "InvalidParameters"
    assert said in error.message


def test_bytes_that_are_no_text_say_where_and_what_to_do() -> None:
    error = fail("encode", {"text": "6162ff63", "from": "hex"})
    assert error.reason == "NotText"
    assert "byte 3 of 4 (0xff) does not fit: choose another encoding, or `to: base64`" in error.message


@pytest.mark.parametrize("encoding", ["utf-16", "iso-8859-1", "windows-1252", "gb18030", "shift_jis"])
def test_letters_become_the_bytes_of_an_encoding(encoding: str) -> None:
    text = "café" if encoding != "shift_jis" else "カフェ"
    written = give("encode", text=text, encoding=encoding, to="hex")["text"]
    assert written == text.encode(encoding).hex()
    assert give("encode", {"text": written, "from": "hex", "encoding": encoding}) == {"text": text}


def test_a_letter_that_an_encoding_lacks_is_named() -> None:
    error = fail("encode", text="a€", encoding="iso-8859-1", to="hex")
    assert "iso-8859-1 has no letter U+20AC (the 2. of the text)" in error.message


def test_half_a_letter_is_told_and_not_a_crash() -> None:
    assert fail("encode", text="\ud800", to="hex").reason == "InvalidParameters"


def test_more_bytes_than_a_node_takes_are_refused() -> None:
    assert "at most 10,000,000 are taken" in fail("encode", text="é" * 5_000_001, to="base64").message
