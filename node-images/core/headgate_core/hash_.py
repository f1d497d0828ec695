"""Computes the digest of a text or of bytes: SHA-2, SHA-3, BLAKE2, CRC-32.

`sha1` and `md5` are there for what still asks for them; both can be forged. To prove who sent something, use `hmac`.
"""

from typing import Literal

from headgate_core.formats.content import Encoding, Form, Letters, read_bytes, write_base64
from headgate_node import Context, Example, Output, Params, Trait, node


class HashParams(Params):
    text: Letters
    """What to compute the digest of."""
    from_: Form = "text"
    """How `text` stands for bytes."""
    encoding: Encoding = "utf-8"
    """Which bytes the letters of a text are."""
    algorithm: Literal[
        "sha224",
        "sha256",
        "sha384",
        "sha512",
        "sha3-224",
        "sha3-256",
        "sha3-384",
        "sha3-512",
        "blake2b",
        "blake2s",
        "sha1",
        "md5",
        "crc32",
    ] = "sha256"
    """How to compute it."""


class HashOutput(Output):
    hex: str
    """The digest in hexadecimal digits."""
    base64: str
    """The same bytes as Base64."""


@node(
    traits=(Trait.INSTANT, Trait.IDEMPOTENT),
    examples=(
        Example(
            with_={"text": "abc"},
            output={
                "hex": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
                "base64": "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=",
            },
        ),
        Example(
            with_={"text": "616263", "from": "hex", "algorithm": "crc32"},
            output={"hex": "352441c2", "base64": "NSRBwg=="},
        ),
    ),
)
async def run(params: HashParams, ctx: Context) -> HashOutput:
    digest = _digest(params.algorithm, read_bytes(params.text, params.from_, params.encoding))
    return HashOutput(hex=digest.hex(), base64=write_base64(digest))


def _digest(algorithm: str, data: bytes) -> bytes:
    import hashlib  # noqa: PLC0415 - only what uses it pays for it
    import zlib  # noqa: PLC0415

    if algorithm == "crc32":
        return zlib.crc32(data).to_bytes(4)
    return hashlib.new(algorithm.replace("-", "_"), data, usedforsecurity=False).digest()
