"""The wire to the API server: one request and its answer, counted. What may be sent again, `client` knows."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import aiohttp

from headgate.kube.access import Access
from headgate.kube.answers import read_error, read_object
from headgate.kube.errors import UnauthorizedError, UnavailableError, UnreachableError
from headgate.kube.kinds import Kind, Object

JSON = "application/json"
_CONNECTIONS = 64


@dataclass(frozen=True, slots=True)
class Call:
    """One request, for whoever counts: its verb and kind, the answer's code (0: none), how long it took."""

    verb: str
    kind: Kind
    code: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Request:
    verb: str
    kind: Kind
    path: str
    parameters: Mapping[str, str]
    body: bytes | None = None
    content_type: str = JSON
    accept: str = JSON
    repeatable: bool = True

    @property
    def doing(self) -> str:
        return f"{self.verb} {self.path}"


_METHODS = {
    "get": "GET",
    "list": "GET",
    "watch": "GET",
    "create": "POST",
    "patch": "PATCH",
    "update": "PUT",
    "delete": "DELETE",
}


class Wire:
    """An async context manager: it holds connections."""

    def __init__(self, access: Access, agent: str, on_call: Callable[[Call], None] | None) -> None:
        self._access = access
        self._agent = agent
        self._on_call = on_call
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = open_session(self._access, self._agent)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def ask(self, request: Request, seconds: float) -> Object:
        """Once more where the token was refused, and there is another by now."""
        began = time.monotonic()
        try:
            return await self._ask(request, seconds)
        except UnauthorizedError:
            if not self._access.renew(began):
                raise
            return await self._ask(request, seconds)

    async def _ask(self, request: Request, seconds: float) -> Object:
        began = time.monotonic()
        code = 0
        try:
            async with self._send(request, seconds) as answer:
                code = answer.status
                if code >= 400:
                    raise await read_error(request.doing, answer)
                return await read_object(request.doing, answer)
        except aiohttp.ClientError as error:
            raise _unreachable(request, error) from None
        except TimeoutError:
            raise UnavailableError(request.doing, f"no answer within {seconds:g} s") from None
        except OSError as error:
            raise _unreachable(request, error) from None
        finally:
            self._count(request, code, began)

    @asynccontextmanager
    async def open(self, request: Request, seconds: float | None) -> AsyncIterator[aiohttp.ClientResponse]:
        began = time.monotonic()
        code = 0
        try:
            async with asyncio.timeout(seconds), self._send(request, None) as answer:
                code = answer.status
                if code >= 400:
                    raise await read_error(request.doing, answer)
                self._count(request, code, began)
                yield answer
        except UnauthorizedError:
            self._access.renew(began)
            raise
        except aiohttp.ClientError as error:
            raise _unreachable(request, error) from None
        except TimeoutError:
            raise
        except OSError as error:
            raise _unreachable(request, error) from None
        finally:
            if code >= 400 or code == 0:
                self._count(request, code, began)

    def _send(self, request: Request, seconds: float | None) -> Any:
        if self._session is None:
            raise RuntimeError("the client is used outside its `async with`")
        headers = [("Accept", request.accept)]
        if self._access.acts_as is not None:
            headers += self._access.acts_as.headers()
        if token := self._access.token():
            headers.append(("Authorization", f"Bearer {token}"))
        if request.body is not None:
            headers.append(("Content-Type", request.content_type))
        return self._session.request(
            _METHODS.get(request.verb, "GET"),
            f"{self._access.server}{request.path}",
            params=request.parameters,
            data=request.body,
            headers=headers,
            timeout=aiohttp.ClientTimeout(total=seconds, sock_connect=5),
            allow_redirects=False,
        )

    def _count(self, request: Request, code: int, began: float) -> None:
        if self._on_call is not None:
            self._on_call(Call(request.verb, request.kind, code, time.monotonic() - began))


def open_session(access: Access, agent: str) -> aiohttp.ClientSession:
    """Connections that trust the API server and it alone. What it says is not compressed: it is not far away."""
    tls: Any = access.tls if access.tls is not None else False
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=_CONNECTIONS, ssl=tls),
        headers={"User-Agent": agent, "Accept-Encoding": "identity"},
        timeout=aiohttp.ClientTimeout(total=None),
    )


def _unreachable(request: Request, error: Exception) -> UnreachableError:
    text = f"{type(error).__name__}: {error}".rstrip(": ")
    never_sent = isinstance(error, (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError))
    return UnreachableError(request.doing, text, never_sent=never_sent)
