"""Every URL of the corpus, in three ways, counted where connections are made: none goes to a forbidden address.

- direct: a node asks for the URL, whose name, if it has one, leads to the forbidden address;
- redirect: a host that is allowed answers with it as its Location;
- rebind: a name leads to an allowed address when it is first looked up, and to the forbidden one ever after.
"""

import asyncio
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

import pytest
import yaml

from headgate_node.http import GuardedClient, HttpError, HttpSettings, Reason
from headgate_node.http.policy import decide_addresses
from support.figures import record
from support.http_wire import ALLOWED, Names, Wire, build_answer

CORPUS = Path(__file__).parent / "corpus"
WAYS = ("direct", "redirect", "rebind")
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


async def attack_directly(case: Case) -> Attack:
    wire = Wire()
    return await attack(case, "direct", case.url, Names({}, otherwise=case.aims), wire)


async def attack_by_redirect(case: Case, status: int) -> Attack:
    location = b"Location: " + case.url.encode("utf-8")
    answer = b"HTTP/1.1 %d Elsewhere\r\nContent-Length: 0\r\n%b\r\n\r\n" % (status, location)
    names = Names({"allowed.example": [[ALLOWED]]}, otherwise=case.aims)
    return await attack(case, "redirect", "http://allowed.example/go", names, Wire(lambda _: answer))


async def attack_by_rebinding(case: Case) -> Attack:
    answer = build_answer(b"", "Location: /again", "Connection: close", status="307 Again")
    names = Names({"rebind.example": [[ALLOWED], [case.aims]]})
    return await attack(case, "rebind", "http://rebind.example/", names, Wire(lambda _: answer))


async def attack(case: Case, way: str, url: str, names: Names, wire: Wire) -> Attack:
    reason = None
    async with GuardedClient(SETTINGS, resolver=names, dial=wire) as client:
        try:
            await client.request("GET", url)
        except HttpError as error:
            reason = error.reason
    return Attack(case, way, tuple(wire.connected), reason, len(names.asked))


async def attack_in_all_ways(cases: list[Case]) -> list[Attack]:
    statuses = (301, 302, 303, 307, 308)
    done = []
    for number, case in enumerate(cases):
        done.append(await attack_directly(case))
        done.append(await attack_by_redirect(case, statuses[number % len(statuses)]))
        done.append(await attack_by_rebinding(case))
    return done


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    return list(read_corpus())


@pytest.fixture(scope="module")
def real_connections() -> list[object]:
    return []


@pytest.fixture(scope="module")
def attacks(cases: list[Case], real_connections: list[object]) -> list[Attack]:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
            patch.setenv(name, PROXY)
        for name in ("connect", "connect_ex"):
            patch.setattr(socket.socket, name, lambda _, address: real_connections.append(address))
        return asyncio.run(attack_in_all_ways(cases))


def test_the_corpus_has_at_least_300_cases_each_of_which_aims_at_a_forbidden_address(cases: list[Case]) -> None:
    assert len({case.url for case in cases}) == len(cases) >= 300
    allowed = [case for case in cases if decide_addresses("x", [ip_address(case.aims)], SETTINGS) is None]
    assert allowed == []


def test_no_attack_connects_to_anything_but_the_allowed_host(
    attacks: list[Attack], real_connections: list[object]
) -> None:
    broken = [one for one in attacks if set(one.connected) - {ALLOWED}]
    connected = len(broken) + len(real_connections)
    record("ssrf_cases", len(attacks), ">= 900", "attempts", note=f"{len(attacks) // len(WAYS)} URLs in three ways")
    record("ssrf_connected", connected, "== 0", "connections", n=len(attacks))
    assert broken == []
    assert real_connections == []


def test_what_is_asked_for_directly_is_refused_before_any_connection(attacks: list[Attack]) -> None:
    direct = [one for one in attacks if one.way == "direct"]
    assert [one for one in direct if one.connected or one.reason is None] == []
    assert {one.reason for one in direct} == {Reason.INVALID_URL, Reason.SCHEME_REFUSED, Reason.ADDRESS_REFUSED}


def test_what_a_redirect_leads_to_is_refused_as_if_it_were_asked_for_directly(attacks: list[Attack]) -> None:
    assert [one for one in attacks if one.way == "redirect" and one.reason is None] == []


def test_a_name_that_leads_elsewhere_by_now_is_looked_up_and_checked_again(attacks: list[Attack]) -> None:
    rebound = [one for one in attacks if one.way == "rebind"]
    assert {(one.connected, one.reason, one.lookups) for one in rebound} == {((ALLOWED,), Reason.ADDRESS_REFUSED, 2)}
