"""Connections: one look-up each, every answer checked, kept only where the check holds, no proxy from anywhere."""

import asyncio
import ssl
from typing import Any

import httpcore
import pytest

from headgate_node.http import GuardedClient, HttpError, HttpSettings
from headgate_node.http.exchange import build_ssl_context
from headgate_node.http.failure import Reason
from headgate_node.http.resolver import resolve_by_system
from support.http_peer import run_peer
from support.http_wire import ALLOWED, Names, Wire, build_answer

OTHER = "93.184.215.15"
LOOPBACK = HttpSettings.model_validate({"openAddresses": ["127.0.0.1/32"]})
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")


async def ask_twice(names: Names, wire: Wire) -> list[Reason | None]:
    told: list[Reason | None] = []
    async with GuardedClient(HttpSettings(), resolver=names, dial=wire) as client:
        for _ in range(2):
            try:
                await client.request("GET", "http://a.example/")
                told.append(None)
            except HttpError as error:
                told.append(error.reason)
    return told


def test_a_kept_connection_goes_where_its_check_allowed_whatever_the_name_leads_to_by_now() -> None:
    names, wire = Names({"a.example": [[ALLOWED], ["127.0.0.1"]]}), Wire()
    assert asyncio.run(ask_twice(names, wire)) == [None, None]
    assert (wire.connected, names.asked) == ([ALLOWED], ["a.example"])


def test_a_new_connection_is_checked_anew() -> None:
    names, wire = (
        Names({"a.example": [[ALLOWED], ["127.0.0.1"]]}),
        Wire(lambda _: build_answer(b"", "Connection: close")),
    )
    assert asyncio.run(ask_twice(names, wire)) == [None, Reason.ADDRESS_REFUSED]
    assert (wire.connected, names.asked) == ([ALLOWED], ["a.example", "a.example"])


def test_a_connection_is_not_shared_by_two_names_of_one_address() -> None:
    async def ask() -> Wire:
        wire = Wire()
        async with GuardedClient(HttpSettings(), resolver=Names({}, otherwise=ALLOWED), dial=wire) as client:
            for host in ("a.example", "b.example", "a.example"):
                await client.request("GET", f"http://{host}/")
        return wire

    assert asyncio.run(ask()).connected == [ALLOWED, ALLOWED]


@pytest.mark.parametrize(
    "answers",
    [
        [ALLOWED, "127.0.0.1"],
        ["127.0.0.1", ALLOWED],
        [ALLOWED, OTHER, "::1"],
        [ALLOWED, "fe80::1%1"],
        [ALLOWED, "2606:4700::1111%eth0"],
        [ALLOWED, "::ffff:169.254.169.254"],
        [ALLOWED] * 4 + ["10.0.0.1"],
    ],
)
def test_one_forbidden_answer_of_several_refuses_the_name(answers: list[str]) -> None:
    names, wire = Names({"a.example": [answers]}), Wire()
    assert asyncio.run(ask_twice(names, wire)) == [Reason.ADDRESS_REFUSED] * 2
    assert wire.connected == []


class DeadFirst(Wire):
    """A network in which one address does not answer."""

    async def connect_tcp(self, host: str, port: int, *_: Any, **__: Any) -> httpcore.AsyncNetworkStream:
        stream = await super().connect_tcp(host, port)
        if host == ALLOWED:
            raise httpcore.ConnectError("refused")
        return stream


def test_the_next_address_is_tried_when_the_first_is_dead() -> None:
    names, wire = Names({"a.example": [[ALLOWED, OTHER]]}), DeadFirst()
    assert asyncio.run(ask_twice(names, wire)) == [None, None]
    assert wire.connected == [ALLOWED, OTHER]


def test_a_service_that_is_down_and_a_name_that_is_none_are_told_apart() -> None:
    assert asyncio.run(ask_twice(Names({"a.example": [[ALLOWED]]}), DeadFirst())) == [Reason.CONNECT_FAILED] * 2
    assert asyncio.run(ask_twice(Names({}), Wire())) == [Reason.NAME_NOT_RESOLVED] * 2


def test_a_proxy_in_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    async def ask() -> tuple[bytes, int]:
        async with run_peer() as proxy, run_peer({"/": build_answer(b"direct")}) as peer:
            for name in PROXIES:
                monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.ports[False]}")
            async with GuardedClient(LOOPBACK) as client:
                answer = await client.request("GET", f"http://127.0.0.1:{peer.ports[False]}/")
            return answer.body, len(proxy.requests)

    assert asyncio.run(ask()) == (b"direct", 0)


def test_certificates_and_key_logs_in_the_environment_are_not_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setenv("SSLKEYLOGFILE", f"{tmp_path}/keys")
    monkeypatch.setenv("SSL_CERT_FILE", f"{tmp_path}/none")
    context = build_ssl_context(HttpSettings())
    assert not context.keylog_filename
    assert len(context.get_ca_certs()) > 50
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)


def test_the_system_resolves_names_of_this_host_and_says_nothing_of_names_that_are_none() -> None:
    assert "127.0.0.1" in map(str, asyncio.run(resolve_by_system("localhost")))
    assert asyncio.run(resolve_by_system("a." * 127 + "too-long-for-a-name")) == []
