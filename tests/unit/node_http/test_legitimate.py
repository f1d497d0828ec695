"""What workflows really ask for is let through: fifty URLs, to a real server on loopback, in plain and in TLS.

The names lead to public addresses, which are checked; only then a detour leads to the server.
"""

import asyncio
from pathlib import Path

import pytest
import yaml

from headgate_node.http import GuardedClient, HttpError, HttpSettings
from headgate_node.http.target import Target, parse_target
from support.certificates import issue
from support.figures import record
from support.http_peer import Detour, run_peer
from support.http_wire import Names

URLS: dict[str, str] = yaml.safe_load(Path(__file__).with_name("legitimate.yaml").read_text(encoding="utf-8"))


def read_target(url: str) -> Target:
    target = parse_target(url)
    assert isinstance(target, Target), f"{url}: {target}"
    return target


async def ask_for_all(folder: Path) -> list[str]:
    hosts = {read_target(url).host: address for url, address in URLS.items()}
    names = Names({host: [[address]] for host, address in hosts.items()})
    ca_file, tls = issue(hosts, folder)
    blocked = []
    async with run_peer(tls=tls) as peer:
        detour = Detour(peer)
        async with GuardedClient(HttpSettings(ca_file=str(ca_file)), resolver=names, dial=detour) as client:
            for url, address in URLS.items():
                try:
                    answer = await client.request("GET", url)
                except HttpError as error:
                    blocked.append(f"{url}: {error}")
                    continue
                assert (answer.status, answer.body) == (200, b"ok")
                assert address in detour.connected
                assert b"host: " + read_target(url).authority.encode() in peer.requests[-1]
    return blocked


def test_all_fifty_connect_and_are_answered(tmp_path: Path) -> None:
    assert len(URLS) == 50
    blocked = asyncio.run(ask_for_all(tmp_path))
    record("ssrf_legitimate_blocked", len(blocked), "== 0", "of 50", n=len(URLS))
    assert blocked == []


def test_a_loopback_server_is_reached_where_the_admin_opened_it() -> None:
    async def ask(settings: HttpSettings) -> int:
        async with run_peer() as peer, GuardedClient(settings) as client:
            return (await client.request("GET", f"http://127.0.0.1:{peer.ports[False]}/")).status

    assert asyncio.run(ask(HttpSettings.model_validate({"openAddresses": ["127.0.0.1/32"]}))) == 200
    with pytest.raises(HttpError, match="an address of this very host"):
        asyncio.run(ask(HttpSettings()))


def test_a_certificate_for_another_host_or_by_an_unknown_authority_is_refused(tmp_path: Path) -> None:
    async def ask(host: str, *, trusts: bool) -> str:
        ca_file, tls = issue(["api.example.com"], tmp_path)
        names = Names({}, otherwise="93.184.215.14")
        settings = HttpSettings(ca_file=str(ca_file) if trusts else None)
        async with run_peer(tls=tls) as peer, GuardedClient(settings, resolver=names, dial=Detour(peer)) as client:
            with pytest.raises(HttpError) as told:
                await client.request("GET", f"https://{host}/")
        return told.value.reason

    assert asyncio.run(ask("other.example.com", trusts=True)) == "TlsFailed"
    assert asyncio.run(ask("api.example.com", trusts=False)) == "TlsFailed"
