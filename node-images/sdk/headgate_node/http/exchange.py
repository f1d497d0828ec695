"""One request out, the head of its answer back: the pool of guarded connections under `client` and `transport`.

A connection belongs to one scheme, host and port and to these settings, and is kept for seconds only. So what is
sent on one that was kept goes where the check of that connection allowed it, whatever the name leads to by now.
"""

import ssl
from collections.abc import AsyncIterable

import certifi
import httpcore

from headgate_node.http.backend import GuardedBackend
from headgate_node.http.deadlines import Phase
from headgate_node.http.failure import Failure, HttpError, Reason
from headgate_node.http.policy import decide_host
from headgate_node.http.resolver import Resolve, resolve_by_system
from headgate_node.http.settings import USUAL_TLS, HttpSettings, Tls
from headgate_node.http.target import Target

KEPT_SECONDS = 5
MAX_CONNECTIONS = 20

Headers = list[tuple[bytes, bytes]]


class Exchange:
    """Knows no environment: no proxy, no netrc, no certificates from there."""

    def __init__(
        self,
        settings: HttpSettings,
        resolve: Resolve = resolve_by_system,
        dial: httpcore.AsyncNetworkBackend | None = None,
    ) -> None:
        self._settings = settings
        self._backend = GuardedBackend(settings, resolve, dial or httpcore.AnyIOBackend())
        self._pools: dict[Tls | None, httpcore.AsyncConnectionPool] = {}

    def _find_pool(self, tls: Tls | None) -> httpcore.AsyncConnectionPool:
        """Find the pool of a way to encrypt, or of none. Made when it is needed: to read certificates takes 25 ms."""
        if tls not in self._pools:
            self._pools[tls] = httpcore.AsyncConnectionPool(
                ssl_context=build_ssl_context(self._settings, tls) if tls else None,
                max_connections=MAX_CONNECTIONS,
                keepalive_expiry=KEPT_SECONDS,
                network_backend=self._backend,
            )
        return self._pools[tls]

    async def send(
        self,
        method: str,
        target: Target,
        headers: Headers,
        content: bytes | AsyncIterable[bytes],
        extensions: dict[str, object],
        tls: Tls = USUAL_TLS,
    ) -> httpcore.Response:
        """Send a request where the target says, if the settings let it; the answer must be closed."""
        if failure := decide_host(target.host, self._settings):
            raise HttpError(failure)
        url = httpcore.URL(
            scheme=target.scheme.encode("ascii"),
            host=target.host.encode("ascii"),
            port=target.port,
            target=target.path.encode("ascii"),
        )
        request = httpcore.Request(method, url, headers=headers, content=content, extensions=extensions)
        pool = self._find_pool(tls if target.scheme == "https" else None)
        return await pool.handle_async_request(request)

    async def aclose(self) -> None:
        for pool in self._pools.values():
            await pool.aclose()


_VERSIONS = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}


def build_ssl_context(settings: HttpSettings, tls: Tls = USUAL_TLS) -> ssl.SSLContext:
    """Trust the public authorities. The standard library's own default would read three variables of environment."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = _VERSIONS[tls.at_least]
    if not tls.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context
    if tls.authority is not None:
        try:
            context.load_verify_locations(cadata=tls.authority)
        except (ssl.SSLError, ValueError) as error:
            message = f"what is to be trusted is no certificate in PEM: {error}"
            raise HttpError(Failure(Reason.INVALID_REQUEST, message, "paste it from -----BEGIN to END-----")) from error
        return context
    context.load_verify_locations(certifi.where())
    if settings.ca_file:
        context.load_verify_locations(settings.ca_file)
    return context


NETWORK_ERRORS = (
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.TimeoutException,
    ConnectionError,
    ssl.SSLError,
)


def tell_network_error(error: Exception, target: Target, phase: Phase) -> Failure:
    """Say in our words what the network did."""
    place = f"{target.scheme}://{target.authority}"
    why = str(error).strip() or type(error).__name__
    if isinstance(error, httpcore.LocalProtocolError):
        return Failure(Reason.INVALID_REQUEST, f"the request to {place} cannot be sent: {why}", "mend its headers")
    if phase is Phase.TLS:
        remedy = "look at the certificate of the service, or give the admin the authority that signed it"
        return Failure(Reason.TLS_FAILED, f"no encryption with {place}: {why}", remedy)
    message = f"{place} broke off while {phase}: {why}"
    return Failure(Reason.INVALID_RESPONSE, message, "look whether the service is well, and `retry` if it is at times")
