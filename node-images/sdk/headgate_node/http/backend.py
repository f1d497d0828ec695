"""Connections, only to what was checked. httpcore asks this for a connection to a host, and gets one to an address.

The look-up, the check and the connection are one step: the name is not looked up a second time in between. TLS and
the Host header go on with the name, which httpcore keeps.
"""

import ssl
from collections.abc import Iterable
from typing import Any

import httpcore

from headgate_lang.addresses import Address, read_address
from headgate_node.http.failure import Failure, HttpError, Reason
from headgate_node.http.policy import decide_addresses
from headgate_node.http.resolver import Resolve
from headgate_node.http.settings import HttpSettings

MAX_TRIED = 4
"""Of the addresses of a host. Each has its share of the time, so that a dead first one leaves some to the next."""


class GuardedBackend(httpcore.AsyncNetworkBackend):
    def __init__(self, settings: HttpSettings, resolve: Resolve, dial: httpcore.AsyncNetworkBackend) -> None:
        self._settings = settings
        self._resolve = resolve
        self._dial = dial

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature; the settings' is meant
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        addresses = (await self._find_checked(host))[:MAX_TRIED]
        share = self._settings.timeouts.connect / len(addresses)
        problem: Exception | None = None
        for address in addresses:
            try:
                return _Stream(await self._dial.connect_tcp(str(address), port, share, local_address, socket_options))
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                problem = error
        tried = ", ".join(map(str, addresses))
        late = isinstance(problem, httpcore.ConnectTimeout)
        why = "no answer in time" if late else str(problem)
        message = f"no connection to `{host}`, port {port} (tried {tried}): {why}"
        reason = Reason.CONNECT_TIMEOUT if late else Reason.CONNECT_FAILED
        raise HttpError(Failure(reason, message, "look whether the service is up")) from problem

    async def _find_checked(self, host: str) -> list[Address]:
        literal = read_address(host)
        addresses = list(dict.fromkeys([literal] if literal else await self._resolve(host)))
        if not addresses:
            raise HttpError(Failure(Reason.NAME_NOT_RESOLVED, f"there is no host `{host}`", "look for a slip in it"))
        if failure := decide_addresses(host, addresses, self._settings):
            raise HttpError(failure)
        return addresses


class _Stream(httpcore.AsyncNetworkStream):
    """A connection that is closed when encryption comes to nothing. httpcore leaves it open when it is cancelled."""

    def __init__(self, stream: httpcore.AsyncNetworkStream) -> None:
        self._stream = stream

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
    ) -> httpcore.AsyncNetworkStream:
        try:
            return await self._stream.start_tls(ssl_context, server_hostname, timeout)
        except BaseException:
            await self._stream.aclose()
            raise

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109 - as above
        return await self._stream.read(max_bytes, timeout)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109 - as above
        await self._stream.write(buffer, timeout)

    async def aclose(self) -> None:
        await self._stream.aclose()

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
