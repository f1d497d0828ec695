"""Every phase of a request has its time, and a server that gives a byte now and then gains none."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import httpcore
import pytest

from headgate_lang.addresses import Address
from headgate_node.http import GuardedClient, HttpError, HttpSettings, Reason
from support.http_peer import Act, Detour, Peer, run_peer
from support.http_wire import ALLOWED, Names

SHORT = 0.1
OPEN = ["127.0.0.1/32"]


async def never(*_: object) -> Sequence[Address]:
    await asyncio.sleep(60)
    return []


def drip(before: bytes, drop: bytes) -> Act:
    async def act(writer: asyncio.StreamWriter) -> None:
        writer.write(before)
        while True:
            writer.write(drop)
            await writer.drain()
            await asyncio.sleep(0.02)

    return act


async def ask(phase: str, act: Act, resolver: Callable[[str], Awaitable[Sequence[Address]]] | None = None) -> HttpError:
    settings = HttpSettings.model_validate({"openAddresses": OPEN, "timeouts": {phase: SHORT}})
    async with run_peer({"/": act}) as peer:
        resolver = resolver or Names({}, otherwise="127.0.0.1")
        async with GuardedClient(settings, resolver=resolver, dial=Detour(peer)) as client:
            with pytest.raises(HttpError) as told:
                await client.request("GET", "http://a.example/")
    return told.value


@pytest.mark.parametrize(
    ("phase", "act", "reason", "says"),
    [
        ("header", never, Reason.HEADER_TIMEOUT, "0.1 s were not enough: waiting for the answer to begin"),
        ("header", drip(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"), Reason.HEADER_TIMEOUT, "the answer to begin"),
        ("header", drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), Reason.HEADER_TIMEOUT, "the answer to begin"),
        (
            "read",
            drip(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\n", b""),
            Reason.READ_TIMEOUT,
            "waiting for the next piece of the answer",
        ),
        (
            "total",
            drip(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", b"x"),
            Reason.TOTAL_TIMEOUT,
            "not done after 0.1 s, then waiting for the next piece",
        ),
        ("total", never, Reason.TOTAL_TIMEOUT, "not done after 0.1 s, then waiting for the answer to begin"),
    ],
)
def test_a_server_that_takes_too_long_is_told_with_what_it_was_doing(
    phase: str, act: Act, reason: Reason, says: str
) -> None:
    started = time.monotonic()
    error = asyncio.run(ask(phase, act))
    assert error.reason is reason
    assert says in str(error)
    assert time.monotonic() - started < 5


def test_a_name_server_that_does_not_answer_is_part_of_connecting() -> None:
    assert asyncio.run(ask("connect", never, resolver=never)).reason is Reason.CONNECT_TIMEOUT


class Silent(Detour):
    """A network that takes up no connection."""

    async def connect_tcp(self, host: str, port: int, *_: Any, **__: Any) -> httpcore.AsyncNetworkStream:
        await asyncio.sleep(60)
        return await super().connect_tcp(host, port)


def test_a_host_that_takes_up_no_connection_is_part_of_connecting() -> None:
    async def ask_silent() -> Reason:
        settings = HttpSettings.model_validate({"timeouts": {"connect": SHORT}})
        async with GuardedClient(settings, resolver=Names({}, otherwise=ALLOWED), dial=Silent(Peer({}))) as client:
            with pytest.raises(HttpError) as told:
                await client.request("GET", "http://a.example/")
        return told.value.reason

    assert asyncio.run(ask_silent()) is Reason.CONNECT_TIMEOUT


def test_a_host_that_does_not_agree_on_encryption_has_a_time_of_its_own() -> None:
    async def ask_mute() -> Reason:
        settings = HttpSettings.model_validate({"timeouts": {"tls": SHORT}})
        async with run_peer() as peer:
            peer.ports[True] = peer.ports[False]  # speaks no TLS, and waits for a line
            client = GuardedClient(settings, resolver=Names({}, otherwise=ALLOWED), dial=Detour(peer))
            async with client:
                with pytest.raises(HttpError) as told:
                    await client.request("GET", "https://a.example/")
        return told.value.reason

    assert asyncio.run(ask_mute()) is Reason.TLS_TIMEOUT


def test_redirects_share_one_total() -> None:
    async def slow(writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.04)
        writer.write(b"HTTP/1.1 302 X\r\nLocation: /\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()

    assert asyncio.run(ask("total", slow)).reason is Reason.TOTAL_TIMEOUT


def test_a_node_that_is_cancelled_is_not_told_of_a_timeout() -> None:
    async def cancel() -> bool:
        asking = asyncio.create_task(ask("read", never))
        await asyncio.sleep(0.05)
        asking.cancel()
        await asyncio.wait([asking])
        return asking.cancelled()

    assert asyncio.run(cancel())
