"""The client as a node uses it: what is sent, what comes back, what is refused before anything is sent."""

import asyncio
import gzip
from typing import Any

import pytest

from headgate_node.http import GuardedClient, HttpError, HttpSettings, Reason, Response
from headgate_node.http.request import Options
from support.http_wire import ALLOWED, Names, Wire, build_answer

URL = "https://api.example.com/items"


def ask(
    answer: bytes = build_answer(), method: str = "GET", settings: HttpSettings | None = None, **options: Any
) -> tuple[Response, bytes]:
    """Send one request; give the answer, and what was on the wire."""

    async def send() -> tuple[Response, bytes]:
        wire, ticks = Wire(lambda _: answer), iter([1.0, 1.25])
        names = Names({}, otherwise=ALLOWED)
        clock = ticks.__next__
        async with GuardedClient(settings or HttpSettings(), resolver=names, dial=wire, clock=clock) as client:
            response = await client.request(method, URL, **Options(**options))  # type: ignore[typeddict-item]  # kept short for tests
        return response, wire.requests[0]

    return asyncio.run(send())


def refuse(answer: bytes = build_answer(), method: str = "GET", **options: Any) -> HttpError:
    with pytest.raises(HttpError) as told:
        ask(answer, method, **options)
    return told.value


def test_an_answer_has_all_that_a_node_gives_on() -> None:
    response, _ = ask(build_answer(b"no such item", "X-A: 1", "x-a: 2", status="404 Not Found"))
    assert response == Response(404, {"content-length": "12", "x-a": "1, 2"}, b"no such item", URL, ms=250, redirects=0)


def test_a_request_is_sent_as_it_was_meant() -> None:
    _, sent = ask(method="post", json={"ä": [1]}, headers={"X-Trace": "7"}, credentials={"Authorization": "Bearer t"})
    head, body = sent.split(b"\r\n\r\n")
    first, *lines = head.split(b"\r\n")
    assert first == b"POST /items HTTP/1.1"
    assert dict(line.split(b": ") for line in lines) == {
        b"host": b"api.example.com",
        b"accept": b"*/*",
        b"accept-encoding": b"gzip, deflate, br, zstd",
        b"user-agent": b"headgate-node",
        b"content-type": b"application/json",
        b"x-trace": b"7",
        b"authorization": b"Bearer t",
        b"content-length": b"14",
    }
    assert body == b'{"\\u00e4":[1]}'


def test_bytes_are_sent_as_they_are_and_a_node_says_what_they_are() -> None:
    _, sent = ask(method="PUT", content=b"\x00\xff", headers={"Content-Type": "image/png"})
    assert b"content-type: image/png" in sent
    assert sent.endswith(b"\r\n\r\n\x00\xff")


@pytest.mark.parametrize(
    ("method", "options", "says"),
    [
        ("GET\r\nX: y", {}, "is no method that nodes send"),
        ("CONNECT", {}, "is no method that nodes send"),
        ("", {}, "is no method that nodes send"),
        ("GET", {"headers": {"X": "a\r\nY: b"}}, "the header `x` has a line break"),
        ("GET", {"headers": {"X": "a\x00"}}, "the header `x` has a line break or another character"),
        ("GET", {"headers": {"X": "\ud800"}}, "or another character that none may have"),
        ("GET", {"headers": {"X Y": "a"}}, "is no name of a header"),
        ("GET", {"headers": {"Host": "127.0.0.1"}}, "`host` is not the node's to set"),
        ("GET", {"credentials": {"HOST": "127.0.0.1"}}, "`host` is not the node's to set"),
        ("POST", {"headers": {"Content-Length": "0"}}, "`content-length` is not the node's to set"),
        ("POST", {"headers": {"Transfer-Encoding": "chunked"}}, "`transfer-encoding` is not the node's"),
        ("GET", {"headers": {"Connection": "upgrade"}}, "`connection` is not the node's to set"),
        ("GET", {"headers": {"Proxy-Authorization": "x"}}, "`proxy-authorization` is not the node's"),
        ("POST", {"content": b"", "json": 1}, "a request has one body"),
        ("POST", {"json": [float("nan")]}, "a number that JSON cannot write"),
    ],
)
def test_what_would_be_another_request_on_the_wire_is_refused(method: str, options: dict[str, Any], says: str) -> None:
    error = refuse(method=method, **options)
    assert error.reason is Reason.INVALID_REQUEST
    assert says in str(error)


def test_a_body_that_says_it_is_too_large_is_not_read() -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 10000001\r\n\r\n"
    error = refuse(answer)
    assert (error.reason, str(error)) == (
        Reason.BODY_TOO_LARGE,
        "the answer has more than 10,000,000 bytes: ask for less: a page, a range, fewer fields",
    )


def test_the_head_of_something_large_may_be_asked_for() -> None:
    assert ask(b"HTTP/1.1 200 OK\r\nContent-Length: 10000001\r\n\r\n", "HEAD")[0].body == b""


def test_a_body_that_does_not_say_how_large_it_is_is_stopped_at_the_bound() -> None:
    chunk = b"3e8\r\n" + b"x" * 1000 + b"\r\n"
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert refuse(head + chunk * 11 + b"0\r\n\r\n", max_bytes=10_000).reason is Reason.BODY_TOO_LARGE
    assert len(ask(head + chunk * 10 + b"0\r\n\r\n", max_bytes=10_000)[0].body) == 10_000


def test_a_bomb_is_stopped_at_the_bound() -> None:
    bomb = build_answer(gzip.compress(b"\0" * 20_000_000), "Content-Encoding: gzip")
    assert refuse(bomb).reason is Reason.BODY_TOO_LARGE


def test_a_node_may_ask_for_less_than_the_settings_allow_and_not_for_more() -> None:
    settings = HttpSettings(max_body_bytes=1000)
    assert refuse(build_answer(b"x" * 1001), settings=settings, max_bytes=5000).reason is Reason.BODY_TOO_LARGE


def test_an_encoded_body_comes_decoded() -> None:
    assert ask(build_answer(gzip.compress(b"text"), "Content-Encoding: gzip"))[0].body == b"text"


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: " + b"y" * 200_000 + b"\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
    ],
)
def test_what_is_no_whole_answer_is_told_as_such(answer: bytes) -> None:
    assert refuse(answer).reason is Reason.INVALID_RESPONSE


def test_a_body_is_given_while_it_arrives_and_may_be_left_in_the_middle() -> None:
    async def read() -> tuple[int, bytes]:
        def script(_: bytes) -> bytes:
            return build_answer(b"x" * 500_000)

        client = GuardedClient(HttpSettings(), resolver=Names({}, otherwise=ALLOWED), dial=Wire(script))
        async with client, client.stream("GET", URL) as answer:
            return answer.status, await anext(answer.pieces)

    status, piece = asyncio.run(read())
    assert status == 200
    assert 0 < len(piece) < 500_000


def test_a_denied_host_is_not_even_looked_up() -> None:
    async def send() -> list[str]:
        names = Names({}, otherwise=ALLOWED)
        async with GuardedClient(HttpSettings(deny_hosts=("*.example.com",)), resolver=names, dial=Wire()) as client:
            with pytest.raises(HttpError, match=r"`api\.example\.com` is denied in this namespace"):
                await client.request("GET", URL)
        return names.asked

    assert asyncio.run(send()) == []
