"""Signatures by a private key, checked by its public key. Used by `sign` and `verify`.

The kind of the key must be the one that the algorithm is for: nothing is chosen by what a key happens to be.
"""

from typing import TYPE_CHECKING, Any, Literal

from headgate_node import NodeError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes, PublicKeyTypes

Algorithm = Literal["ed25519", "rsa-pss-sha256", "rsa-pkcs1-sha256", "ecdsa-p256-sha256"]

MIN_RSA_BITS = 2048


def sign(algorithm: Algorithm, key: "PrivateKeyTypes", data: bytes) -> bytes:
    _check_kind(algorithm, key.public_key())
    signature: bytes = key.sign(data, *_how(algorithm))  # type: ignore[union-attr]  # the kind was checked
    return signature


def is_signed(algorithm: Algorithm, key: "PublicKeyTypes", data: bytes, signature: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - heavy

    _check_kind(algorithm, key)
    try:
        key.verify(signature, data, *_how(algorithm))  # type: ignore[union-attr]  # the kind was checked
    except InvalidSignature:
        return False
    return True


def read_public_key(text: str) -> "PublicKeyTypes":
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415 - heavy
    from cryptography.hazmat.primitives.serialization import load_pem_public_key  # noqa: PLC0415

    try:
        return load_pem_public_key(text.encode())
    except (ValueError, UnsupportedAlgorithm):
        message = "publicKey: this is no public key in PEM: it begins with `-----BEGIN PUBLIC KEY-----`"
        raise NodeError("InvalidParameters", message) from None


def _check_kind(algorithm: Algorithm, key: "PublicKeyTypes | Any") -> None:
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa  # noqa: PLC0415 - heavy

    match key:
        case rsa.RSAPublicKey() if key.key_size < MIN_RSA_BITS:
            message = f"the RSA key has {key.key_size} bits, fewer than {MIN_RSA_BITS} can be broken: make a longer one"
            raise NodeError("WeakKey", message)
        case rsa.RSAPublicKey():
            fits, kind = algorithm.startswith("rsa-"), "an RSA key"
        case ed25519.Ed25519PublicKey():
            fits, kind = algorithm == "ed25519", "an Ed25519 key"
        case ec.EllipticCurvePublicKey():
            fits, kind = algorithm.startswith("ecdsa-") and key.curve.name == "secp256r1", f"a key on {key.curve.name}"
        case _:
            fits, kind = False, f"a key of another kind ({type(key).__name__})"
    if not fits:
        raise NodeError("WrongKey", f"{algorithm} is not for {kind}: choose the algorithm of the key, or another key")


def _how(algorithm: Algorithm) -> tuple[Any, ...]:
    from cryptography.hazmat.primitives.asymmetric import ec, padding  # noqa: PLC0415 - heavy
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415

    match algorithm:
        case "ed25519":
            return ()
        case "ecdsa-p256-sha256":
            return (ec.ECDSA(SHA256()),)
        case "rsa-pkcs1-sha256":
            return (padding.PKCS1v15(), SHA256())
        case "rsa-pss-sha256":
            return (padding.PSS(padding.MGF1(SHA256()), padding.PSS.DIGEST_LENGTH), SHA256())
