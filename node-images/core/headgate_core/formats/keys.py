"""Keys out of credentials, for the nodes that sign and encrypt. No message says anything of a key's value."""

import binascii
from typing import TYPE_CHECKING

from headgate_core.formats.content import read_bytes
from headgate_node import Context, NodeError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

KEY = "key"
"""The type of a credential with a key, and its value's name."""
SIGNING_KEY = "signingKey"
"""The type of a credential with a private key: its value `privateKey` is PEM, `password` opens it."""

_CIPHER_KEY = 32


def fetch_secret(ctx: Context, name: str) -> bytes:
    """The key of a credential, as the letters that it is."""
    return _value(ctx, name, KEY).encode()


def fetch_cipher_key(ctx: Context, name: str) -> bytes:
    """The 32 bytes of a credential's key, which is written in Base64 or in hexadecimal digits."""
    text = _value(ctx, name, KEY).strip()
    try:
        data = bytes.fromhex(text) if len(text) == 2 * _CIPHER_KEY else read_bytes(text, "base64")
    except (ValueError, NodeError):
        data = b""
    if len(data) != _CIPHER_KEY:
        message = f"the key of credential {name!r} is not {_CIPHER_KEY} bytes in Base64 or hexadecimal digits"
        raise NodeError("InvalidCredential", f"{message}: make one by `openssl rand -base64 {_CIPHER_KEY}`") from None
    return data


def fetch_private_key(ctx: Context, name: str) -> "PrivateKeyTypes":
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415 - heavy
    from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415

    values = ctx.credential(name).values
    password = values.get("password")
    try:
        return load_pem_private_key(_value(ctx, name, "privateKey").encode(), password.encode() if password else None)
    except (ValueError, TypeError, UnsupportedAlgorithm, binascii.Error):
        how = "that its `password` opens" if password else "without a password"
        message = f"`privateKey` of credential {name!r} is no private key in PEM {how}"
        raise NodeError("InvalidCredential", f"{message}: write the whole file, with its first and last line") from None


def _value(ctx: Context, credential: str, name: str) -> str:
    value = ctx.credential(credential).values.get(name)
    if not value:
        raise NodeError("InvalidCredential", f"credential {credential!r} has no value `{name}`: give it one")
    return value
