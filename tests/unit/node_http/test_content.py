"""What a body comes out as: by what the answer says of itself, and never changed without a word."""

import base64
from typing import Any

import pytest

from headgate_node.http.content import excerpt, read_body


@pytest.mark.parametrize(
    ("content_type", "body", "value"),
    [
        ("application/json", b'{"a": [1, 2.5, null]}', {"a": [1, 2.5, None]}),
        ("application/json; charset=utf-8", b"\xef\xbb\xbf[]", []),
        ("application/problem+json", b'{"title": "no"}', {"title": "no"}),
        ("application/json", b'"\xc3\xa4"', "ä"),
        ("application/json", b"", ""),
        ("text/html", b"<p>", "<p>"),
        ("text/plain; charset=iso-8859-1", b"\xe4", "ä"),
        ('text/plain; charset="UTF-16"', "ä".encode("utf-16"), "ä"),
        ("text/csv;charset=no-such-charset", "ä".encode(), "ä"),
        ("text/plain; charset=zlib_codec", b"x", "x"),
        ("application/xml", b"<a/>", "<a/>"),
        ("image/svg+xml", b"<svg/>", "<svg/>"),
        ("", b"plain", "plain"),
        ("", b"", ""),
        ("image/png", b"", ""),
    ],
)
def test_json_is_a_value_and_text_is_text(content_type: str, body: bytes, value: Any) -> None:
    assert read_body(content_type, body) == {"body": value}


@pytest.mark.parametrize(
    "body", [b"{", b"[NaN]", b"[1e999]", b"[" * 100_000, b"1" * 5000, b'{"a": 1} {"b": 2}'], ids=lambda body: body[:9]
)
def test_what_says_it_is_json_and_is_none_comes_out_as_it_is(body: bytes) -> None:
    assert read_body("application/json", body) == {"body": body.decode()}


@pytest.mark.parametrize(
    ("content_type", "body"),
    [("image/png", b"\x89PNG"), ("application/octet-stream", b"text"), ("text/plain", b"\xff\xfe\xfd"), ("", b"a\0b")],
)
def test_all_else_comes_out_as_base64(content_type: str, body: bytes) -> None:
    assert read_body(content_type, body) == {"base64": base64.b64encode(body).decode()}


@pytest.mark.parametrize(
    ("content_type", "body", "shown"),
    [
        ("text/html", b"<p>\n  no\tsuch\r\nthing", "<p> no such thing"),
        ("text/plain", b"x" * 600, "x" * 500 + " …"),
        ("text/plain", ("x" * 5 + "ä").encode()[:-1], "xxxxx"),
        ("image/png", b"\x89PNG", "4 bytes of image/png"),
        ("", b"\xff\xff", "2 bytes of something"),
        ("", b"", ""),
    ],
)
def test_a_message_shows_the_beginning_in_one_line(content_type: str, body: bytes, shown: str) -> None:
    assert excerpt({"content-type": content_type}, body) == shown
