"""May a node reach this host, and these addresses? Pure: settings and facts in, a failure or nothing out.

`client` asks about the host before anything is looked up, `backend` about the addresses before it connects.
"""

from collections.abc import Iterable, Sequence

from headgate_lang.addresses import Address, find_hidden_ipv4, why_refused
from headgate_node.http.failure import Failure, Reason
from headgate_node.http.request import Request
from headgate_node.http.settings import HttpSettings

_ASK = "ask an admin of the namespace, if the workflow needs it"


def decide_host(host: str, settings: HttpSettings) -> Failure | None:
    """Refuse a host that the namespace denies, or that is not among the only ones it allows."""
    if _matches(host, settings.deny_hosts):
        return Failure(Reason.HOST_REFUSED, f"`{host}` is denied in this namespace", _ASK)
    if settings.only_hosts and not _matches(host, settings.only_hosts):
        known = ", ".join(settings.only_hosts[:3]) + (", …" if len(settings.only_hosts) > 3 else "")
        return Failure(Reason.HOST_REFUSED, f"`{host}` is not among the hosts of this namespace ({known})", _ASK)
    return None


def decide_secrecy(request: Request, settings: HttpSettings) -> Failure | None:
    """Refuse to ask somebody who may be anybody, or to send them secrets, unless an admin calls the host insecure."""
    target, tls = request.target, request.tls
    if _matches(target.host, settings.insecure_hosts):
        return None
    proven = target.scheme == "https" and tls.proves_the_host
    if (request.credentials or request.is_secret) and not proven:
        message = f"a credential goes to {target.shown} only where its certificate is checked by the platform"
        return Failure(Reason.INSECURE_REFUSED, message, "write https, without a `tls` of your own, or " + _ASK)
    if not tls.verify and target.scheme == "https":
        message = f"the certificate of `{target.host}` must be checked"
        return Failure(Reason.INSECURE_REFUSED, message, "give its authority under `tls`, or " + _ASK)
    return None


def decide_addresses(host: str, addresses: Sequence[Address], settings: HttpSettings) -> Failure | None:
    """Refuse a host if a single one of its addresses is refused: the next look-up may give that one alone."""
    for address in addresses:
        if what := _why_refused(address, settings):
            hidden = find_hidden_ipv4(address)
            leads = "is" if host == str(address) else f"leads to {address},"
            disguise = f" (in truth {hidden})" if hidden else ""
            message = f"`{host}` {leads} an address of {what}{disguise}"
            return Failure(Reason.ADDRESS_REFUSED, message, "nodes reach public addresses only; " + _ASK)
    return None


def _why_refused(address: Address, settings: HttpSettings) -> str | None:
    """Say what an address belongs to that nodes do not reach; None if they do."""
    closed = (
        (settings.cluster_addresses, "the cluster itself"),
        (settings.deny_addresses, "a network that is denied in this namespace"),
    )
    return why_refused(address, settings.open_addresses, closed)


def _matches(host: str, patterns: Iterable[str]) -> bool:
    return any(host.endswith(pattern[1:]) if pattern.startswith("*.") else host == pattern for pattern in patterns)
