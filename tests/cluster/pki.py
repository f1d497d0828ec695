"""The cluster's certificates: one authority, and a certificate for each component and for the person.

`up` calls `ensure_pki` before anything starts; certificates are made once and kept with the cluster's data.
"""

import datetime as dt
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cluster.settings import NODE_NAME, Settings

ARGO_USER = "headgate:argo-workflow-controller"
"""As whom the API server knows Argo's controller: what admission policies let write its objects."""

if TYPE_CHECKING:
    from cryptography import x509

LIFETIME = dt.timedelta(days=3650)


@dataclass(frozen=True)
class Identity:
    """A certificate to be made: who it is for, its groups, and the names it answers to as a server."""

    file: str
    name: str
    groups: Sequence[str] = ()
    serves: Sequence[str] = ()


def identities(settings: Settings) -> list[Identity]:
    node, api = settings.network.node, settings.network.api_service
    service_names = [
        "kubernetes",
        "kubernetes.default",
        "kubernetes.default.svc",
        "kubernetes.default.svc.cluster.local",
    ]
    return [
        Identity("etcd", "etcd", serves=[node, "localhost"]),
        Identity("apiserver", "kube-apiserver", serves=[*service_names, "localhost", node, api]),
        Identity("kubelet-server", NODE_NAME, serves=[NODE_NAME, node]),
        Identity("apiserver-client", "kube-apiserver", ["system:masters"]),
        Identity("front-proxy", "front-proxy-client"),
        Identity("admin", "headgate-admin", ["system:masters"]),
        Identity("controller-manager", "system:kube-controller-manager"),
        Identity("scheduler", "system:kube-scheduler"),
        Identity("kubelet", f"system:node:{NODE_NAME}", ["system:nodes"]),
        Identity("kube-proxy", "system:kube-proxy"),
        Identity("coredns", "headgate:coredns"),
        Identity("argo", ARGO_USER),
    ]


def ensure_pki(settings: Settings) -> None:
    """Make what is missing. The last file written says for which address, so an interrupted run starts over."""
    done = settings.pki / "complete"
    if done.exists() and done.read_text() == settings.network.node:
        return
    from cryptography.hazmat.primitives.asymmetric import ec  # slow to import, and needed once in a cluster's life

    settings.pki.mkdir(parents=True, exist_ok=True)
    settings.pki.chmod(0o700)
    authority = ec.generate_private_key(ec.SECP256R1())
    _write_key(settings.pki / "ca.key", authority)
    _write_key(settings.pki / "service-accounts.key", ec.generate_private_key(ec.SECP256R1()))
    _write_certificate(settings.pki / "ca.crt", Identity("ca", "headgate-ca"), authority, authority)
    for identity in identities(settings):
        key = ec.generate_private_key(ec.SECP256R1())
        _write_key(settings.pki / f"{identity.file}.key", key)
        _write_certificate(settings.pki / f"{identity.file}.crt", identity, key, authority)
    done.write_text(settings.network.node)


def _write_key(path: Path, key: object) -> None:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    assert isinstance(key, ec.EllipticCurvePrivateKey)
    form = serialization.PrivateFormat.TraditionalOpenSSL
    path.write_bytes(key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()))
    path.chmod(0o600)


def _write_certificate(path: Path, identity: Identity, key: object, authority: object) -> None:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    assert isinstance(key, ec.EllipticCurvePrivateKey)
    assert isinstance(authority, ec.EllipticCurvePrivateKey)
    groups = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, group) for group in identity.groups]
    subject = x509.Name([*groups, x509.NameAttribute(NameOID.COMMON_NAME, identity.name)])
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "headgate-ca")])
    now = dt.datetime.now(dt.UTC)
    is_authority = identity.file == "ca"
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + LIFETIME)
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
    )
    if not is_authority:
        uses = [ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH]
        builder = builder.add_extension(x509.ExtendedKeyUsage(uses), critical=False)
    if identity.serves:
        names = [_general_name(name) for name in identity.serves]
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    signed = builder.sign(authority, hashes.SHA256())
    path.write_bytes(signed.public_bytes(serialization.Encoding.PEM))


def _general_name(name: str) -> "x509.GeneralName":
    from cryptography import x509

    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
