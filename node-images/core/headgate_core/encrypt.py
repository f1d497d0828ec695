"""Encrypts a text or bytes, so that only those who have the key can read it, and any change is noticed.

The key is the value `key` of a Credential of type `key`: 32 bytes in Base64 or hexadecimal digits, as
`openssl rand -base64 32` makes them. What comes out is nonce (12 bytes, new each time), ciphertext and tag (16 bytes),
one after the other. `decrypt` reads it.
"""

import os
from typing import Annotated

from pydantic import Field

from headgate_core.formats.ciphers import NONCE, Cipher, open_cipher
from headgate_core.formats.content import Encoding, Form, Letters, read_bytes, write_base64
from headgate_core.formats.keys import KEY, fetch_cipher_key
from headgate_node import Context, Example, Output, Params, Ref, Trait, node


class EncryptParams(Params):
    credential: Annotated[str, Ref("Credential", accepts=(KEY,))]
    """Whose key it is."""
    text: Letters
    """What to encrypt."""
    from_: Form = "text"
    """How `text` stands for bytes."""
    encoding: Encoding = "utf-8"
    """Which bytes the letters of a text are."""
    bound_to: Annotated[str, Field(max_length=10_000)] = ""
    """Where it belongs, such as `customers/17/iban`: it can be decrypted only with the same words."""
    cipher: Cipher = "aes-256-gcm"
    """How to encrypt."""


class EncryptOutput(Output):
    base64: str
    """Nonce, ciphertext and tag."""


@node(
    traits=(Trait.INSTANT, Trait.IDEMPOTENT),
    examples=(
        Example(
            description="What comes out differs each time. The key here is 32 bytes of value 7.",
            with_={"credential": "vault", "text": "DE02 1203 0000 0000 2020 51", "boundTo": "customers/17/iban"},
            output={"base64": "AAECAwQFBgcICQoLXMTZQj0463lEktWs0mhMytEMhq4qUkUBNvtSgjp5oDLAU5cNChFTTPvqBw=="},
            needs="credential",
        ),
        Example(
            with_={"credential": "vault", "text": "AAECAw==", "from": "base64", "cipher": "chacha20-poly1305"},
            output={"base64": "AAECAwQFBgcICQoLLHTzIInA9abw2ONVaMx45orPetw="},
            needs="credential",
        ),
    ),
)
async def run(params: EncryptParams, ctx: Context) -> EncryptOutput:
    data = read_bytes(params.text, params.from_, params.encoding)
    cipher = open_cipher(params.cipher, fetch_cipher_key(ctx, params.credential))
    nonce = os.urandom(NONCE)
    return EncryptOutput(base64=write_base64(nonce + cipher.encrypt(nonce, data, params.bound_to.encode())))
