"""Every URL of the corpus, in four ways, counted at the socket: none connects to a forbidden address.

- direct: a node asks for the URL, whose name, if it has one, leads to the forbidden address;
- redirect: a host that is allowed answers with it as its Location;
- rebind: a name leads to an allowed address when it is first looked up, and to the forbidden one ever after;
- among: a name leads to an allowed address and to the forbidden one at once.

The client and its connections are the real ones. Only names are made up, and the one allowed address is that of a
server on loopback.
"""

import _socket
import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
import yaml

from headgate_node.http import GuardedClient, HttpError, HttpSettings, Reason
from headgate_node.http.policy import decide_addresses
from support.figures import record
from support.http_peer import Act, Peer, run_peer
from support.http_wire import ALLOWED, Names, build_answer

CORPUS = Path(__file__).parent / "corpus"
WAYS = ("direct", "redirect", "rebind", "among")
REDIRECTS = (301, 302, 303, 307, 308)
SETTINGS = HttpSettings.model_validate(
    {
        "clusterAddresses": ["10.96.0.0/12", "10.244.0.0/16", "8.8.4.4/32", "2a00:1450:4001:cafe::/64"],
        "openAddresses": ["10.20.0.0/16"],
        "denyAddresses": ["10.20.66.0/24"],
        "maxRedirects": 3,
    }
)
PROXY = "http://127.0.0.1:9"


@dataclass(frozen=True)
class Case:
    family: str
    url: str
    aims: str


@dataclass(frozen=True)
class Attack:
    """What came of one case in one way: where connections went, how it ended, how often the name was looked up."""

    case: Case
    way: str
    connected: tuple[str, ...]
    reason: Reason | None
    lookups: int


def read_corpus() -> Iterator[Case]:
    for path in sorted(CORPUS.glob("*.yaml")):
        for group in yaml.safe_load(path.read_text(encoding="utf-8")):
            for url, aims in group["urls"].items():
                yield Case(path.stem, url, aims)


class Always(dict[str, bytes | Act]):
    """The answer of a network for every path."""

    def __init__(self, network: "Network") -> None:
        super().__init__({"/": b""})
        self._network = network

    def get(self, *_: object) -> bytes:
        return self._network.answer


@dataclass
class Network:
    """What the process asks of the operating system. The allowed address leads to a peer, every other nowhere."""

    answer: bytes = b""
    """What the peer says, whatever it is asked for."""
    port: int = 0
    connected: list[str] = field(default_factory=list)
    looked_up: list[object] = field(default_factory=list)

    def connect(self, connection: socket.socket, address: Any) -> None:
        self.connected.append(str(address[0]))
        if address[0] != ALLOWED:
            raise ConnectionRefusedError
        _socket.socket.connect(connection, ("127.0.0.1", self.port))

    def look_up(self, host: object, *_: object, **__: object) -> list[object]:
        self.looked_up.append(host)
        raise socket.gaierror

    @asynccontextmanager
    async def run(self) -> AsyncIterator[Peer]:
        def connect(connection: socket.socket, address: Any) -> None:
            self.connect(connection, address)

        async with run_peer(Always(self)) as peer:
            self.port = peer.ports[False]
            with pytest.MonkeyPatch.context() as patch:
                for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
                    patch.setenv(name, PROXY)
                patch.setattr(socket.socket, "connect", connect)
                patch.setattr(socket.socket, "connect_ex", connect)
                patch.setattr(socket, "getaddrinfo", self.look_up)
                yield peer


async def attack_directly(network: Network, case: Case) -> Attack:
    return await attack(network, case, "direct", case.url, Names({}, otherwise=case.aims))


async def attack_by_redirect(network: Network, case: Case, status: int) -> Attack:
    location = b"Location: " + case.url.encode("utf-8")
    network.answer = b"HTTP/1.1 %d Elsewhere\r\nContent-Length: 0\r\n%b\r\n\r\n" % (status, location)
    names = Names({"allowed.example": [[ALLOWED]]}, otherwise=case.aims)
    return await attack(network, case, "redirect", "http://allowed.example/go", names)


async def attack_by_rebinding(network: Network, case: Case) -> Attack:
    network.answer = build_answer(b"", "Location: /again", "Connection: close", status="307 Again")
    names = Names({"rebind.example": [[ALLOWED], [case.aims]]})
    return await attack(network, case, "rebind", "http://rebind.example/", names)


async def attack_among_others(network: Network, case: Case) -> Attack:
    return await attack(network, case, "among", "http://two.example/", Names({"two.example": [[ALLOWED, case.aims]]}))


async def attack(network: Network, case: Case, way: str, url: str, names: Names) -> Attack:
    reason = None
    network.connected.clear()
    async with GuardedClient(SETTINGS, resolver=names) as client:
        try:
            await client.request("GET", url)
        except HttpError as error:
            reason = error.reason
    return Attack(case, way, tuple(network.connected), reason, len(names.asked))


async def attack_in_all_ways(cases: list[Case], network: Network) -> list[Attack]:
    done = []
    async with network.run():
        for number, case in enumerate(cases):
            done.append(await attack_directly(network, case))
            done.append(await attack_by_redirect(network, case, REDIRECTS[number % len(REDIRECTS)]))
            done.append(await attack_by_rebinding(network, case))
            done.append(await attack_among_others(network, case))
    return done


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    return list(read_corpus())


@pytest.fixture(scope="module")
def network() -> Network:
    return Network()


@pytest.fixture(scope="module")
def attacks(cases: list[Case], network: Network) -> list[Attack]:
    return asyncio.run(attack_in_all_ways(cases, network))


def test_the_corpus_has_at_least_300_cases_each_of_which_aims_at_a_forbidden_address(cases: list[Case]) -> None:
    assert len({case.url for case in cases}) == len(cases) >= 300
    allowed = [case for case in cases if decide_addresses("x", [ip_address(case.aims)], SETTINGS) is None]
    assert allowed == []


def test_no_attack_connects_to_anything_but_the_allowed_host(attacks: list[Attack], network: Network) -> None:
    broken = [one for one in attacks if set(one.connected) - {ALLOWED}]
    record("ssrf_cases", len(attacks), ">= 900", "attempts", note=f"{len(attacks) // len(WAYS)} URLs in four ways")
    record("ssrf_connected", len(broken), "== 0", "connections", n=len(attacks))
    assert broken == []
    assert network.looked_up == []


def test_what_is_allowed_does_connect(attacks: list[Attack]) -> None:
    """Or the counting would prove nothing."""
    assert {one.connected[:1] for one in attacks if one.way in {"redirect", "rebind"}} == {(ALLOWED,)}


def test_what_is_asked_for_directly_is_refused_before_any_connection(attacks: list[Attack]) -> None:
    direct = [one for one in attacks if one.way == "direct"]
    assert [one for one in direct if one.connected or one.reason is None] == []
    assert {one.reason for one in direct} == {Reason.INVALID_URL, Reason.SCHEME_REFUSED, Reason.ADDRESS_REFUSED}


def test_what_a_redirect_leads_to_is_refused_as_if_it_were_asked_for_directly(attacks: list[Attack]) -> None:
    assert [one for one in attacks if one.way == "redirect" and one.reason is None] == []


def test_a_name_that_leads_elsewhere_by_now_is_looked_up_and_checked_again(attacks: list[Attack]) -> None:
    rebound = [one for one in attacks if one.way == "rebind"]
    assert {(one.connected, one.reason, one.lookups) for one in rebound} == {((ALLOWED,), Reason.ADDRESS_REFUSED, 2)}


def test_a_name_of_which_one_answer_is_forbidden_is_refused_before_any_connection(attacks: list[Attack]) -> None:
    among = [one for one in attacks if one.way == "among"]
    assert {(one.connected, one.reason, one.lookups) for one in among} == {((), Reason.ADDRESS_REFUSED, 1)}
