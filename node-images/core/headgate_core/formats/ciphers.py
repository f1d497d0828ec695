"""The two ciphers that `encrypt` and `decrypt` know, both of which notice if anything was changed."""

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305

Cipher = Literal["aes-256-gcm", "chacha20-poly1305"]

NONCE = 12
TAG = 16


def open_cipher(cipher: Cipher, key: bytes) -> "AESGCM | ChaCha20Poly1305":
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305  # noqa: PLC0415 - heavy

    return AESGCM(key) if cipher == "aes-256-gcm" else ChaCha20Poly1305(key)
