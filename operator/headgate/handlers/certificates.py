"""The certificate of the webhook: made by the operator, kept in a Secret for all replicas, renewed long before its end.

It signs itself, and the API server is told to trust exactly it. While one replaces another both are trusted, so that no
replica is ever left out. What decides about it stands beside it as text: the library that makes certificates takes 11
MiB, once in two months, and in a process that ends: `python -m headgate.handlers.certificates`, asked by `make_apart`.
"""

import asyncio
import base64
import json
import ssl
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address

from headgate.kube.kinds import Object

LIFETIME = timedelta(days=90)
RENEW_BEFORE = timedelta(days=30)
CHAIN, KEY, TRUSTED, HOSTS, UNTIL = "tls.crt", "tls.key", "ca.crt", "hosts", "until"


@dataclass(frozen=True, slots=True)
class Certificate:
    """As PEM."""

    chain: bytes
    key: bytes
    trusted: bytes
    """What the API server should trust: this one, and the one before it."""
    hosts: tuple[str, ...]
    until: datetime

    def load_into(self, context: ssl.SSLContext) -> None:
        """New connections get it, those that are open keep theirs."""
        with tempfile.NamedTemporaryFile() as file:
            file.write(self.chain + self.key)
            file.flush()
            context.load_cert_chain(file.name)


def hosts_of(service: str, namespace: str) -> tuple[str, ...]:
    """An operator that runs beside its cluster, as in tests, is reached by an address."""
    return (
        (service,)
        if is_address(service)
        else (
            service,
            f"{service}.{namespace}",
            f"{service}.{namespace}.svc",
            f"{service}.{namespace}.svc.cluster.local",
        )
    )


def make_certificate(hosts: Sequence[str], now: datetime, before: Certificate | None = None) -> Certificate:
    """A new one. `before`: what is in use until every replica has heard of the new one."""
    # ruff: noqa: PLC0415 - see above
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    names = [x509.IPAddress(ip_address(host)) if is_address(host) else x509.DNSName(host) for host in hosts]
    key = ec.generate_private_key(ec.SECP256R1())
    serial = x509.random_serial_number()
    # a name of its own: whoever checks it must not take the one before for its issuer
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"headgate webhook {serial:x}"[:64])])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(serial)
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + LIFETIME)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    )
    chain = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return Certificate(chain, private, chain + (before.chain if before else b""), tuple(hosts), now + LIFETIME)


async def make_apart(hosts: Sequence[str], now: datetime, before: Certificate | None = None) -> Certificate:
    """As `make_certificate`, in a process of its own, which gives back what the library takes."""
    asked = {"hosts": list(hosts), "now": now.isoformat(), "before": secret_data(before) if before else None}
    words = (sys.executable, "-m", "headgate.handlers.certificates")
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*words, stdin=pipe, stdout=pipe, stderr=pipe)
    said, problem = await process.communicate(json.dumps(asked).encode())
    made = read_secret({"data": json.loads(said)}) if process.returncode == 0 else None
    if made is None:
        raise RuntimeError(f"no certificate could be made: {problem.decode(errors='replace')[-1000:]}")
    return made


def needs_another(certificate: Certificate | None, hosts: Sequence[str], now: datetime) -> bool:
    """Whether it is missing, made out to others, or near its end."""
    if certificate is None or not set(hosts) <= set(certificate.hosts):
        return True
    return certificate.until - RENEW_BEFORE <= now


def read_secret(secret: Object | None) -> Certificate | None:
    """None: it is not there, or not as we write it, or no server could show it."""
    data = (secret or {}).get("data") or {}
    try:
        parts = {name: base64.b64decode(data[name]) for name in (CHAIN, KEY, TRUSTED, HOSTS, UNTIL)}
        hosts, until = parts[HOSTS].decode().split(), datetime.fromisoformat(parts[UNTIL].decode())
    except (KeyError, ValueError):
        return None
    if until.tzinfo is None:
        return None
    found = Certificate(parts[CHAIN], parts[KEY], parts[TRUSTED], tuple(hosts), until)
    try:
        found.load_into(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))
    except ssl.SSLError:
        return None
    return found


def secret_data(certificate: Certificate) -> dict[str, str]:
    parts = {
        CHAIN: certificate.chain,
        KEY: certificate.key,
        TRUSTED: certificate.trusted,
        HOSTS: " ".join(certificate.hosts).encode(),
        UNTIL: certificate.until.isoformat().encode(),
    }
    return {name: base64.b64encode(part).decode() for name, part in parts.items()}


def is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def with_trust(configuration: Object, certificate: Certificate) -> list[Object] | None:
    """The webhooks of a configuration, trusting this certificate; None if they do already."""
    bundle = base64.b64encode(certificate.trusted).decode()
    webhooks: list[Object] = configuration.get("webhooks") or []
    if all(one["clientConfig"].get("caBundle") == bundle for one in webhooks):
        return None
    return [{**one, "clientConfig": {**one["clientConfig"], "caBundle": bundle}} for one in webhooks]


def _answer() -> None:
    asked = json.load(sys.stdin)
    before = read_secret({"data": asked["before"]}) if asked["before"] else None
    made = make_certificate(asked["hosts"], datetime.fromisoformat(asked["now"]), before)
    json.dump(secret_data(made), sys.stdout)


if __name__ == "__main__":
    _answer()
