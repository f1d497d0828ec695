"""The same guard under clients that are built on httpx: `httpx.AsyncClient(transport=GuardedTransport(settings))`.

For the SDKs of vendors, which take such a client. Where a request goes is read anew by `target` from what httpx says
and sent to exactly that; redirects come by here one by one. Bodies have the bound of the settings, and the SDK's own
timeouts hold. All that an SDK sends is taken for secret; what httpx itself leaves behind at another origin is its
Authorization alone, so an SDK with a header of its own must not follow redirects.
"""

from collections.abc import AsyncIterator

import httpcore
import httpx

from headgate_node.http.decoding import BoundedBody, open_body
from headgate_node.http.exchange import NETWORK_ERRORS, Exchange
from headgate_node.http.failure import Failure, HttpError
from headgate_node.http.policy import decide_secrecy
from headgate_node.http.request import Request
from headgate_node.http.resolver import Resolve, resolve_by_system
from headgate_node.http.settings import HttpSettings
from headgate_node.http.target import parse_target

_OF_THE_ENCODED = frozenset({b"content-encoding", b"content-length"})


class GuardedTransport(httpx.AsyncBaseTransport):
    def __init__(
        self,
        settings: HttpSettings,
        *,
        resolver: Resolve = resolve_by_system,
        dial: httpcore.AsyncNetworkBackend | None = None,
    ) -> None:
        self._settings = settings
        self._exchange = Exchange(settings, resolver, dial)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        target = parse_target(str(request.url))
        if isinstance(target, Failure):
            raise HttpError(target)
        if failure := decide_secrecy(Request(request.method, target, is_secret=True), self._settings):
            raise HttpError(failure)
        headers = [(name, value) for name, value in request.headers.raw if name.lower() != b"host"]
        headers.insert(0, (b"Host", target.authority.encode("ascii")))
        assert isinstance(request.stream, httpx.AsyncByteStream)
        try:
            answer = await self._exchange.send(
                request.method, target, headers, request.stream, dict(request.extensions)
            )
        except NETWORK_ERRORS as error:
            raise _translate(error) from error
        try:
            body = open_body(answer.headers, self._settings.max_body_bytes, is_head=request.method == "HEAD")
        except HttpError:
            await answer.aclose()
            raise
        kept = [(name, value) for name, value in answer.headers if name.lower() not in _OF_THE_ENCODED]
        extensions = dict(answer.extensions)
        return httpx.Response(answer.status, headers=kept, stream=_Decoded(answer, body), extensions=extensions)

    async def aclose(self) -> None:
        await self._exchange.aclose()


class _Decoded(httpx.AsyncByteStream):
    def __init__(self, answer: httpcore.Response, body: BoundedBody) -> None:
        self._answer = answer
        self._body = body

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for data in self._answer.aiter_stream():
                for piece in self._body.feed(data):
                    yield piece
        except NETWORK_ERRORS as error:
            raise _translate(error) from error
        self._body.finish()

    async def aclose(self) -> None:
        await self._answer.aclose()


def _translate(error: Exception) -> httpx.TransportError:
    """Give httpx's error of the same name: SDKs decide by it whether to try again."""
    kind = getattr(httpx, type(error).__name__, httpx.TransportError)
    translated: httpx.TransportError = kind(str(error))
    return translated
