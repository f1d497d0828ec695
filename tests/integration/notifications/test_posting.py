"""One request to a webhook: whom the operator asks, and what it makes of whatever the other side does. Real sockets."""

import asyncio
import socket
from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from headgate.handlers.posting import Poster
from headgate.lifecycle.notices.outbox import Arrived, Attempt, Missed
from headgate.settings import Reach
from integration.notifications.peer import Act, answer, break_off, dawdle, run_hook, talk
from support.certificates import issue

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
LOOPBACK = (ip_network("127.0.0.0/8"),)
OPEN = Reach(open_addresses=LOOPBACK, insecure_hosts=("127.0.0.1", "localhost"), seconds=1.0)


def post(url: str, reach: Reach = OPEN) -> Attempt:
    return asyncio.run(Poster(reach).post(url, {"webhook-id": "msg_1"}, b"{}", NOW))


def sent_to(*acts: Act, reach: Reach = OPEN, url: str = "{url}") -> tuple[Attempt, list[Any]]:
    async def play() -> tuple[Attempt, list[Any]]:
        async with run_hook(*acts) as hook:
            place = url.format(url=hook.url, port=hook.port)
            attempt = await Poster(reach).post(place, {"webhook-id": "msg_1"}, b'{"a":1}', NOW)
            return attempt, hook.got

    return asyncio.run(play())


def test_what_it_takes_has_arrived_as_it_was_signed() -> None:
    attempt, got = sent_to(answer(204))
    assert attempt == Arrived()
    ((headers, body),) = got
    assert (body, headers["content-type"], headers["user-agent"]) == (b'{"a":1}', "application/json", "headgate")
    assert headers["host"].startswith("127.0.0.1:")


@pytest.mark.parametrize(
    ("act", "missed"),
    [
        (answer(500), Missed("HTTP 500")),
        (answer(429, Retry_After="120"), Missed("HTTP 429", 120.0)),
        (answer(503, Retry_After="Wed, 25 Nov 2026 12:01:00 GMT"), Missed("HTTP 503", 60.0)),
        (answer(429, Retry_After="soon"), Missed("HTTP 429")),
        (answer(503, Retry_After="Wed, 25 Nov 20260000000 12:01:00 GMT"), Missed("HTTP 503")),
        (answer(410), Missed("HTTP 410: it wants to be told no more", is_final=True)),
        (dawdle, Missed("no answer within 1 s")),
        (break_off, Missed("the connection broke off")),
    ],
    ids=["500", "429", "503 with a date", "nonsense in Retry-After", "no year", "410", "slow", "breaks off"],
)
def test_whatever_else_it_does_is_a_miss_with_its_reason(act: Act, missed: Missed) -> None:
    attempt, got = sent_to(act)
    assert attempt == missed
    assert len(got) == 1


@pytest.mark.parametrize("code", [301, 302, 307, 308])
def test_a_redirect_is_not_followed_wherever_it_leads(code: int) -> None:
    attempt, got = sent_to(answer(code, Location="http://169.254.169.254/latest/meta-data"))
    assert isinstance(attempt, Missed)
    assert "redirects are not followed" in attempt.why
    assert len(got) == 1


@pytest.mark.parametrize(("code", "kind"), [(200, Arrived), (500, Missed)])
def test_an_answer_without_end_is_not_read(code: int, kind: type[Attempt]) -> None:
    sent = [0]
    attempt, _ = sent_to(talk(code, sent))
    assert isinstance(attempt, kind)
    assert sent[0] < 20_000_000


def test_what_is_no_http_is_a_miss_and_nothing_of_it_is_told() -> None:
    async def play() -> Attempt:
        async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"SSH-2.0-secret\r\n" + b"y" * 100_000)
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1")
        async with server:
            port = server.sockets[0].getsockname()[1]
            return await Poster(OPEN).post(f"http://127.0.0.1:{port}/", {}, b"", NOW)

    attempt = asyncio.run(play())
    assert isinstance(attempt, Missed)
    assert "secret" not in attempt.why


def test_nobody_there_is_a_miss() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert post(f"http://127.0.0.1:{port}/") == Missed("no connection")
    assert post("https://no-such-host.invalid/") == Missed("there is no host no-such-host.invalid")


def test_a_certificate_that_nobody_vouches_for_is_a_miss_and_gets_no_request(tmp_path: Path) -> None:
    async def play() -> tuple[Attempt, list[Any]]:
        _, tls = issue(["127.0.0.1"], tmp_path)
        async with run_hook(answer(204), tls=tls) as hook:
            attempt = await Poster(OPEN).post(f"https://127.0.0.1:{hook.port}/", {}, b"", NOW)
            return attempt, hook.got

    attempt, got = asyncio.run(play())
    assert (attempt, got) == (Missed("its certificate is not one that the platform trusts"), [])


def test_an_authority_of_ones_own_is_trusted_where_the_settings_have_it(tmp_path: Path) -> None:
    async def play() -> tuple[Attempt, int]:
        authority, tls = issue(["127.0.0.1"], tmp_path)
        reach = replace(OPEN, authorities=authority.read_text())
        async with run_hook(answer(204), tls=tls) as hook:
            return await Poster(reach).post(f"https://127.0.0.1:{hook.port}/", {}, b"{}", NOW), len(hook.got)

    assert asyncio.run(play()) == (Arrived(), 1)


REFUSED = [
    ("http://169.254.169.254/latest/meta-data", "metadata service"),
    ("http://[fd00:ec2::254]/latest", "metadata service"),
    ("http://100.100.100.200/", "metadata service"),
    ("http://10.96.0.1/api", "a private network"),
    ("http://192.168.1.1/", "a private network"),
    ("http://[::1]/", "this very host"),
    ("http://[::ffff:169.254.169.254]/", "plain HTTP"),
    ("http://[::ffff:a9fe:a9fe]/", "metadata service"),
    ("http://[64:ff9b::a9fe:a9fe]/", "metadata service"),
    ("http://[2002:a9fe:a9fe::1]/", "metadata service"),
    ("http://0.0.0.0/", "this very host"),
    ("http://2130706433/", "no plain host"),
    ("http://0x7f.0.0.1/", "no plain host"),
    ("http://127.1/", "no plain host"),
    ("http://user@127.0.0.1/", "is no plain address"),
    ("http://127.0.0.1\\@public.example/", "is no plain address"),
    ("file:///etc/passwd", "is no plain address"),
    ("gopher://127.0.0.1/", "is no plain address"),
]


@pytest.mark.parametrize(("url", "why"), REFUSED, ids=[url for url, _ in REFUSED])
def test_these_are_never_connected_to(url: str, why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    connected: list[Any] = []
    monkeypatch.setattr(socket.socket, "connect", lambda *where: connected.append(where))
    monkeypatch.setattr(asyncio.BaseEventLoop, "sock_connect", lambda *where: connected.append(where))
    reach = Reach(open_addresses=(ip_network("169.254.0.0/16"),), insecure_hosts=tuple(_hosts(url)))
    attempt = post(url, reach)
    assert isinstance(attempt, Missed)
    assert why in attempt.why
    assert connected == []


def _hosts(url: str) -> list[str]:
    return [url.partition("://")[2].partition("/")[0].strip("[]")]


def test_loopback_and_plain_http_are_for_those_who_open_them() -> None:
    attempt, got = sent_to(reach=Reach(insecure_hosts=("127.0.0.1",)))
    assert isinstance(attempt, Missed)
    assert "this very host" in attempt.why
    attempt, more = sent_to(reach=Reach(open_addresses=LOOPBACK))
    assert attempt == Missed("127.0.0.1 may not be told in plain HTTP: write https")
    only = Reach(open_addresses=LOOPBACK, insecure_hosts=("127.0.0.1",), only_hosts=("*.example",))
    attempt, others = sent_to(reach=only)
    assert attempt == Missed("127.0.0.1 is not among the hosts that may be told")
    assert got == more == others == []


def test_a_name_is_judged_by_where_it_leads_and_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second look-up would lead elsewhere: there is none."""
    asked: list[str] = []
    answers: list[str] = []

    def look_up(host: str, port: int, **_: Any) -> list[Any]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 0, "", (answers.pop(0), port))]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    reach = Reach(open_addresses=LOOPBACK, insecure_hosts=("hook.example",), seconds=1.0)
    answers[:] = ["169.254.169.254"]
    attempt, got = sent_to(reach=reach, url="http://hook.example:{port}/")
    assert isinstance(attempt, Missed)
    assert "metadata service" in attempt.why
    assert got == []
    answers[:] = ["127.0.0.1", "169.254.169.254"]
    attempt, got = sent_to(answer(204), reach=reach, url="http://hook.example:{port}/")
    assert attempt == Arrived()
    assert got[0][0]["host"].startswith("hook.example:")
    assert asked == ["hook.example", "hook.example"]
