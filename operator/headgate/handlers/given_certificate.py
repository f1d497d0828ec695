"""A certificate that somebody else keeps in the webhook's Secret, such as cert-manager: whose it is, whether it fits.

It is never written over. Whether the API server would take it is tried as the API server would: by a handshake, in
memory. Asked by `webhook`.
"""

import base64
import ssl
from datetime import UTC, datetime

from headgate.handlers.certificates import CHAIN, HOSTS, KEY, TRUSTED, UNTIL, Certificate, is_address
from headgate.kube.kinds import Object

_CERT_MANAGER = "cert-manager.io/"
_MOST_TURNS = 10
_MISMATCHES = (62, 64)
"""OpenSSL's codes for a certificate that is of another name, or another address."""


class UnfitError(Exception):
    """What is in the Secret is not ours, and cannot be served with. Its text says why, and what to do."""


def owner_of(secret: Object) -> str:
    """Who else keeps it, in words; empty for one of ours, and for one in which nothing is."""
    metadata, data = secret["metadata"], secret.get("data") or {}
    if any(name.startswith(_CERT_MANAGER) for name in metadata.get("annotations") or {}):
        return "cert-manager"
    for owner in metadata.get("ownerReferences") or ():
        return f"{owner['kind']} {owner['name']}"
    return "somebody else" if data and not {HOSTS, UNTIL} <= data.keys() else ""


def asked_host(service: str, namespace: str) -> str:
    """By which name the API server asks."""
    return service if is_address(service) else f"{service}.{namespace}.svc"


def read_given(secret: Object, host: str, now: datetime) -> Certificate:
    """Raises UnfitError."""
    try:
        return _read(secret.get("data") or {}, host, now)
    except UnfitError as error:
        metadata = secret["metadata"]
        raise UnfitError(
            f"Secret {metadata['name']} in namespace {metadata['namespace']} is kept by {owner_of(secret)}, so it is "
            f"left as it is, and does not fit: {error}. Have a certificate of {host} put there, or take it away: "
            "Headgate makes its own then"
        ) from None


def _read(data: Object, host: str, now: datetime) -> Certificate:
    lacking = [name for name in (CHAIN, KEY) if name not in data]
    if lacking:
        raise UnfitError(f"{' and '.join(lacking)} {'is' if len(lacking) == 1 else 'are'} missing")
    try:
        chain, key = base64.b64decode(data[CHAIN]), base64.b64decode(data[KEY])
        trusted = base64.b64decode(data.get(TRUSTED) or data[CHAIN])
        found = Certificate(chain, key, trusted, (host,), now)
        end = _end_of(found, host)
    except ssl.SSLCertVerificationError as error:
        is_of_others = error.verify_code in _MISMATCHES
        why = f"it is not one of {host}" if is_of_others else f"`ca.crt` does not vouch for it ({error.verify_message})"
        raise UnfitError(why) from None
    except (ssl.SSLError, ValueError):
        raise UnfitError("it is no certificate with its key") from None
    if end <= now:
        raise UnfitError(f"it ended on {end:%Y-%m-%d}")
    return Certificate(chain, key, trusted, (host,), end)


def _end_of(certificate: Certificate, host: str) -> datetime:
    """When it ends, if a client that trusts what is to be trusted takes it for this host's."""
    server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    certificate.load_into(server)
    client.load_verify_locations(cadata=certificate.trusted.decode("ascii"))
    client.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # as the API server: what it is told to trust need be no root
    client.hostname_checks_common_name = False
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    asking = client.wrap_bio(to_client, to_server, server_hostname=host)
    serving = server.wrap_bio(to_server, to_client, server_side=True)
    for _ in range(_MOST_TURNS):
        if all([_has_shaken(asking), _has_shaken(serving)]):
            shown = asking.getpeercert() or {}
            return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(shown["notAfter"])), UTC)
    raise ssl.SSLError("the two do not come to an end")


def _has_shaken(side: ssl.SSLObject) -> bool:
    try:
        side.do_handshake()
    except ssl.SSLWantReadError:
        return False
    return True
