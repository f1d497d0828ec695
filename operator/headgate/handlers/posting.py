"""One signed request to a webhook, from inside the cluster: only to where it may go, and nothing of the answer is kept.

The operator stands where a node's pod does not: it reaches the API server and the network of machines. So a name is
looked up once, each of its addresses is judged, and connected is only to what was judged; redirects are not followed;
what the other side says beside its status and Retry-After is not even read. Used by the outbox.
"""

import asyncio
import socket
import ssl
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from typing import Any

import aiohttp
import certifi
import yarl
from aiohttp.abc import AbstractResolver, ResolveResult

from headgate.lifecycle.notices.outbox import Arrived, Attempt, Missed
from headgate.settings import Reach
from headgate_lang.addresses import Address, read_address, why_refused
from headgate_lang.endpoint import BadEndpoint, Endpoint, matches, read_endpoint
from headgate_lang.waiting import read_retry_after

AGENT = "headgate"
_GONE = 410
_MAX_ADDRESSES = 8
_LOOK_UPS = 4


class Poster:
    def __init__(self, reach: Reach) -> None:
        self._reach = reach
        self._threads = ThreadPoolExecutor(_LOOK_UPS, "look-up")
        """Of its own: names that nobody answers for must not hold up those of others."""
        self._tls: ssl.SSLContext | None = None

    async def post(self, url: str, headers: Mapping[str, str], body: bytes, now: datetime) -> Attempt:
        place = read_endpoint(url)
        if isinstance(place, BadEndpoint):
            return Missed(place.message)
        if why := self._why_not(place):
            return Missed(why)
        try:
            async with asyncio.timeout(self._reach.seconds):
                return await self._post(place, headers, body, now)
        except TimeoutError:
            return Missed(f"no answer within {self._reach.seconds:g} s")
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return Missed(_words(error))

    def _why_not(self, place: Endpoint) -> str | None:
        reach = self._reach
        if reach.only_hosts and not matches(place.host, reach.only_hosts):
            return f"{place.host} is not among the hosts that may be told"
        if place.scheme != "https" and not matches(place.host, reach.insecure_hosts):
            return f"{place.host} may not be told in plain HTTP: write https"
        return None

    async def _post(self, place: Endpoint, headers: Mapping[str, str], body: bytes, now: datetime) -> Attempt:
        addresses = await self._look_up(place)
        for address in addresses:
            if what := why_refused(address, self._reach.open_addresses):
                return Missed(f"{place.host} leads to an address of {what}, which the operator does not reach")
        if not addresses:
            return Missed(f"there is no host {place.host}")
        connector = aiohttp.TCPConnector(
            resolver=_Known(addresses), use_dns_cache=False, force_close=True, limit=1, ssl=self._trust()
        )
        said = {**headers, "Content-Type": "application/json", "User-Agent": AGENT}
        url = yarl.URL(place.url, encoded=True)
        async with (
            aiohttp.ClientSession(connector=connector, trust_env=False, cookie_jar=aiohttp.DummyCookieJar()) as session,
            session.post(url, data=body, headers=said, allow_redirects=False) as answer,
        ):
            return _read(answer.status, answer.headers, now)

    def _trust(self) -> ssl.SSLContext:
        """The public authorities, of which the image has none of its own, and those of the settings. Read at need."""
        if self._tls is None:
            self._tls = ssl.create_default_context(cafile=certifi.where())
            if self._reach.authorities:
                self._tls.load_verify_locations(cadata=self._reach.authorities)
        return self._tls

    async def _look_up(self, place: Endpoint) -> Sequence[Address]:
        if place.address is not None:
            return [place.address]
        ask = partial(socket.getaddrinfo, place.host, place.port, type=socket.SOCK_STREAM)
        try:
            found = await asyncio.get_running_loop().run_in_executor(self._threads, ask)
        except (socket.gaierror, UnicodeError):
            return []
        texts = dict.fromkeys(str(one[4][0]) for one in found)
        return [address for text in texts if (address := read_address(text)) is not None][:_MAX_ADDRESSES]


def _read(status: int, headers: Mapping[str, str], now: datetime) -> Attempt:
    if 200 <= status < 300:
        return Arrived()
    if 300 <= status < 400:
        return Missed(f"HTTP {status}: redirects are not followed, name the place itself")
    if status == _GONE:
        return Missed(f"HTTP {status}: it wants to be told no more", is_final=True)
    waits = {name.lower(): value[:200] for name, value in headers.items()}
    return Missed(f"HTTP {status}", read_retry_after(waits, now))


class _Known(AbstractResolver):
    """Gives the addresses that were judged, whatever is asked for."""

    def __init__(self, addresses: Sequence[Address]) -> None:
        self._addresses = addresses

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [_result(host, port, address) for address in self._addresses]

    async def close(self) -> None:
        return None


def _result(host: str, port: int, address: Address) -> ResolveResult:
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    flags: Any = socket.AI_NUMERICHOST
    return ResolveResult(hostname=host, host=str(address), port=port, family=family, proto=0, flags=flags)


def _words(error: Exception) -> str:
    """What a person can act on, and nothing that the other side wrote."""
    if isinstance(error, aiohttp.ClientConnectorCertificateError | ssl.SSLCertVerificationError):
        return "its certificate is not one that the platform trusts"
    if isinstance(error, aiohttp.ClientConnectorSSLError | ssl.SSLError):
        return "no encryption could be agreed on"
    if isinstance(error, aiohttp.ClientConnectorError | ConnectionRefusedError):
        return "no connection"
    if isinstance(error, aiohttp.ServerDisconnectedError | ConnectionError):
        return "the connection broke off"
    return f"no answer that is HTTP ({type(error).__name__})"
