"""Clients of vendors, which are built on httpx, go through the same guard."""

import asyncio
import gzip

import httpx
import pytest

from headgate_node.http import HttpError, HttpSettings
from headgate_node.http.failure import Reason
from headgate_node.http.transport import GuardedTransport
from support.http_wire import ALLOWED, Names, Wire, build_answer

URL = "https://api.example.com/v1"


def ask(answer: bytes, url: str = URL, settings: HttpSettings | None = None) -> tuple[httpx.Response, Wire]:
    async def post() -> tuple[httpx.Response, Wire]:
        wire = Wire(lambda _: answer)
        names = Names({"localhost": [["127.0.0.1"]]}, otherwise=ALLOWED)
        transport = GuardedTransport(settings or HttpSettings(), resolver=names, dial=wire)
        async with httpx.AsyncClient(transport=transport, follow_redirects=True) as client:
            return await client.post(url, json={"a": 1}), wire

    return asyncio.run(post())


def refuse(answer: bytes, url: str = URL, settings: HttpSettings | None = None) -> HttpError:
    with pytest.raises(HttpError) as told:
        ask(answer, url, settings)
    return told.value


def test_an_answer_comes_whole_and_decoded() -> None:
    answer, wire = ask(build_answer(gzip.compress(b"x" * 100_000), "Content-Encoding: gzip"))
    assert answer.content == b"x" * 100_000
    assert wire.connected == [ALLOWED]
    assert wire.requests[0].startswith(b"POST /v1 HTTP/1.1\r\nHost: api.example.com\r\n")
    assert wire.requests[0].endswith(b'{"a":1}')


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/",
        "https://127.1/",
        "https://localhost/",
        "https://[::ffff:10.0.0.1]/",
        "https://u:p@a.example/",
    ],
)
def test_what_a_node_may_not_reach_its_library_may_not_reach(url: str) -> None:
    assert refuse(build_answer(), url).reason in {Reason.ADDRESS_REFUSED, Reason.INVALID_URL}


def test_redirects_that_httpx_follows_are_checked_too() -> None:
    moved = build_answer(b"", "Location: https://10.0.0.1/", status="302 Elsewhere")
    assert refuse(moved).reason is Reason.ADDRESS_REFUSED


def test_what_a_library_sends_is_secret_and_needs_encryption() -> None:
    plain = "http://api.example.com/v1"
    assert refuse(build_answer(), plain).reason is Reason.INSECURE_REFUSED
    moved = build_answer(b"", f"Location: {plain}", status="302 Elsewhere")
    assert refuse(moved).reason is Reason.INSECURE_REFUSED
    assert ask(build_answer(), plain, HttpSettings(insecure_hosts=("api.example.com",)))[0].status_code == 200


def test_bodies_have_the_bound_of_the_settings() -> None:
    bomb = build_answer(gzip.compress(b"x" * 100_000), "Content-Encoding: gzip")
    assert refuse(bomb, settings=HttpSettings(max_body_bytes=10_000)).reason is Reason.BODY_TOO_LARGE
    assert refuse(build_answer(b"x" * 100), settings=HttpSettings(max_body_bytes=99)).reason is Reason.BODY_TOO_LARGE


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"])
def test_an_answer_that_breaks_off_is_told_in_the_words_of_httpx(answer: bytes) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        ask(answer)
