"""Whatever a server says is an answer or an HttpError: nothing that it sends makes a node crash."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate_node.http import GuardedClient, HttpError, HttpSettings
from support.http_wire import ALLOWED, Names, Wire

PIECES = st.sampled_from(
    [
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 302 Found\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"Location: ",
        b"//[x]/",
        b"http://[",
        b"https://b.example/",
        b"\xe2\x98\x83",
        b"Content-Length: ",
        b"9" * 40,
        b"3",
        b"Transfer-Encoding: chunked\r\n",
        b"Content-Encoding: gzip, br\r\n",
        b"Content-Encoding: zstd\r\n",
        b"\r\n",
        b"\r\n\r\n",
        b"0\r\n\r\n",
        b"abc",
        b"\x00",
        b"\xff",
    ]
)
ANSWERS = st.lists(PIECES | st.binary(max_size=4), max_size=12).map(b"".join)


def ask(answer: bytes) -> None:
    async def send() -> None:
        client = GuardedClient(
            HttpSettings(max_redirects=3), resolver=Names({}, otherwise=ALLOWED), dial=Wire(lambda _: answer)
        )
        async with client:
            await client.request("GET", "http://a.example/")

    try:
        asyncio.run(send())
    except HttpError:
        return


@given(ANSWERS, st.sampled_from([b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 307 Elsewhere\r\nLocation: "]))
def test_whatever_it_says_is_an_answer_or_an_error_of_http(answer: bytes, before: bytes) -> None:
    ask(before + answer)


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"f" * 5000 + b"\r\n",
        b"HTTP/1.1 302 X\r\nLocation: //[x]/\r\n\r\n",
        b"HTTP/1.1 302 X\r\nLocation: http://a\xc2\xadb/\r\n\r\n",
        b"HTTP/1.1 000 X\r\n\r\n",
        b"HTTP/9.9 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: \xff\r\n\r\nabc",
    ],
)
def test_what_once_broke_a_client_does_not_break_this_one(answer: bytes) -> None:
    ask(answer)
