"""A certificate authority that lives as long as a test: it signs one certificate for the hosts that the test names."""

import datetime as dt
import ssl
from collections.abc import Iterable
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


def issue(hosts: Iterable[str], folder: Path) -> tuple[Path, ssl.SSLContext]:
    """Give the file of the authority, for clients to trust, and what a server of these hosts runs with."""
    names = [_name(host) for host in hosts]
    authority_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "an authority for one test")])
    is_authority = x509.BasicConstraints(ca=True, path_length=0)
    root = _start(authority, authority, authority_key.public_key())
    root_signed = root.add_extension(is_authority, critical=True).sign(authority_key, hashes.SHA256())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a server for one test")])
    leaf = _start(subject, authority, key.public_key()).add_extension(
        x509.SubjectAlternativeName(names), critical=False
    )
    leaf_signed = leaf.sign(authority_key, hashes.SHA256())

    ca_file, chain = folder / "ca.pem", folder / "server.pem"
    ca_file.write_bytes(root_signed.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    chain.write_bytes(private + leaf_signed.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    return ca_file, context


def _name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _start(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(hours=1))
    )
