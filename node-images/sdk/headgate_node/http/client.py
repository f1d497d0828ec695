"""The client that a node sends its requests with. `ctx` of a node makes one a pod from the settings of the namespace.

    answer = await client.request("POST", url, json={"a": 1}, credentials={"Authorization": token})

Every hop of a redirect is checked like the first request, and secrets stay at their origin. All that can go wrong is
an `HttpError`; an answer with a bad status is an answer.
"""

import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Self, Unpack

import httpcore

from headgate_node.http.deadlines import Deadlines, Phase
from headgate_node.http.decoding import open_body
from headgate_node.http.exchange import NETWORK_ERRORS, Exchange, tell_network_error
from headgate_node.http.failure import Failure, HttpError, Reason
from headgate_node.http.policy import decide_secrecy
from headgate_node.http.redirect import decide_redirect
from headgate_node.http.request import Options, Request, build_request
from headgate_node.http.resolver import Resolve, resolve_by_system
from headgate_node.http.settings import HttpSettings

Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Response:
    """A whole answer. Names of headers are in lower case, values of one name joined by commas; `ms` is the time of it
    all, redirects included."""

    status: int
    headers: dict[str, str]
    body: bytes
    url: str
    ms: int
    redirects: int


@dataclass(frozen=True, slots=True)
class Body:
    """An answer whose body is still to come. `pieces` gives it decoded, within bounds, once."""

    status: int
    headers: dict[str, str]
    url: str
    redirects: int
    pieces: AsyncIterator[bytes]


class GuardedClient:
    def __init__(
        self,
        settings: HttpSettings,
        *,
        resolver: Resolve = resolve_by_system,
        dial: httpcore.AsyncNetworkBackend | None = None,
        clock: Clock = time.perf_counter,
    ) -> None:
        self._settings = settings
        self._exchange = Exchange(settings, resolver, dial)
        self._clock = clock

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        await self._exchange.aclose()

    async def request(self, method: str, url: str, **options: Unpack[Options]) -> Response:
        """Send a request and read the whole answer."""
        started = self._clock()
        async with self.stream(method, url, **options) as answer:
            body = b"".join([piece async for piece in answer.pieces])
        ms = round((self._clock() - started) * 1000)
        return Response(answer.status, answer.headers, body, answer.url, ms, answer.redirects)

    @asynccontextmanager
    async def stream(self, method: str, url: str, **options: Unpack[Options]) -> AsyncIterator[Body]:
        """Send a request and give the body while it arrives."""
        request = build_request(method, url, options)
        if isinstance(request, Failure):
            raise HttpError(request)
        deadlines = Deadlines(self._settings.timeouts, options.get("timeout"), options.get("answer_within"))
        most = min(options.get("max_redirects", self._settings.max_redirects), self._settings.max_redirects)
        request, response, redirects = await self._follow(request, deadlines, most)
        bound = min(options.get("max_bytes", self._settings.max_body_bytes), self._settings.max_body_bytes)
        try:
            async with aclosing(_read(request, response, deadlines, bound)) as pieces:
                yield Body(response.status, _join_headers(response), request.target.url, redirects, pieces)
        finally:
            await response.aclose()

    async def _follow(
        self, request: Request, deadlines: Deadlines, most: int
    ) -> tuple[Request, httpcore.Response, int]:
        for redirects in range(most + 1):
            response = await self._send(request, deadlines)
            following = decide_redirect(request, response.status, _find_locations(response)) if most else None
            if following is None:
                return request, response, redirects
            await response.aclose()
            if isinstance(following, Failure):
                raise HttpError(following)
            request = following
        message = f"more than {most} redirects, the last one to {request.target.shown}"
        raise HttpError(Failure(Reason.TOO_MANY_REDIRECTS, message, "write the address where it ends"))

    async def _send(self, request: Request, deadlines: Deadlines) -> httpcore.Response:
        if failure := decide_secrecy(request, self._settings):
            raise HttpError(failure)
        extensions: dict[str, object] = {"trace": deadlines.trace}
        headers = request.build_wire_headers()
        try:
            async with deadlines.hold(Phase.WAIT):
                response = await self._exchange.send(
                    request.method, request.target, headers, request.content, extensions, request.tls
                )
        except NETWORK_ERRORS as error:
            raise HttpError(tell_network_error(error, request.target, deadlines.phase)) from error
        if response.status < 200:
            await response.aclose()
            message = f"{request.target.shown} answers {response.status}, which is for other protocols"
            raise HttpError(Failure(Reason.INVALID_RESPONSE, message, "use the node type that is made for it"))
        return response


async def _read(
    request: Request, response: httpcore.Response, deadlines: Deadlines, bound: int
) -> AsyncGenerator[bytes, None]:
    body = open_body(response.headers, bound, is_head=request.method == "HEAD")
    arriving = response.aiter_stream()
    while (data := await _await_piece(arriving, request, deadlines)) is not None:
        for piece in body.feed(data):
            yield piece
    body.finish()


async def _await_piece(arriving: AsyncIterator[bytes], request: Request, deadlines: Deadlines) -> bytes | None:
    try:
        async with deadlines.hold(Phase.READ):
            return await anext(arriving, None)
    except NETWORK_ERRORS as error:
        raise HttpError(tell_network_error(error, request.target, deadlines.phase)) from error


def _find_locations(response: httpcore.Response) -> list[bytes]:
    return [value for key, value in response.headers if key.lower() == b"location"]


def _join_headers(response: httpcore.Response) -> dict[str, str]:
    joined: dict[str, str] = {}
    for key, value in response.headers:
        name, text = key.decode("ascii").lower(), value.decode("utf-8", "replace")
        joined[name] = f"{joined[name]}, {text}" if name in joined else text
    return joined
