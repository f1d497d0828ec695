"""Decrypts what `encrypt` made: nonce, ciphertext and tag, one after the other.

Key, cipher and `boundTo` must be those it was encrypted with; which of them is wrong cannot be told apart.
"""

from typing import Annotated

from pydantic import Field

from headgate_core.formats.ciphers import NONCE, TAG, Cipher, open_cipher
from headgate_core.formats.content import Base64, Encoding, Form, read_base64, write_text
from headgate_core.formats.keys import KEY, fetch_cipher_key
from headgate_node import Context, Example, NodeError, Output, Params, Ref, Trait, node


class DecryptParams(Params):
    credential: Annotated[str, Ref("Credential", accepts=(KEY,))]
    """Whose key it is."""
    base64: Base64
    """What `encrypt` made."""
    to: Form = "text"
    """How to write what it was: bytes that are no text as `base64`."""
    encoding: Encoding = "utf-8"
    """Which letters the bytes of a text are."""
    bound_to: Annotated[str, Field(max_length=10_000)] = ""
    """Where it belongs: the words that it was encrypted with."""
    cipher: Cipher = "aes-256-gcm"
    """How it was encrypted."""


class DecryptOutput(Output):
    text: str
    """What was encrypted, written as `to` says."""


@node(
    traits=(Trait.INSTANT, Trait.IDEMPOTENT),
    examples=(
        Example(
            description="The key is 32 bytes of value 7.",
            with_={
                "credential": "vault",
                "base64": "AAECAwQFBgcICQoLcOSFHHKi0qh4umMPUAXbf9082RNn",
                "boundTo": "notes/1",
            },
            output={"text": "hello"},
            needs="credential",
        ),
        Example(
            with_={"credential": "vault", "base64": "AAECAwQFBgcICQoLcOSFHHKi0qh4umMPUAXbf9082RNn"},
            fails="NotAuthentic",
            needs="credential",
        ),
    ),
)
async def run(params: DecryptParams, ctx: Context) -> DecryptOutput:
    data = read_base64(params.base64, "base64")
    if len(data) < NONCE + TAG:
        message = f"base64: {len(data)} bytes are too few: nonce and tag alone are {NONCE + TAG}"
        raise NodeError("InvalidParameters", f"{message}: give all that `encrypt` made")
    from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - heavy

    cipher = open_cipher(params.cipher, fetch_cipher_key(ctx, params.credential))
    try:
        plain = cipher.decrypt(data[:NONCE], data[NONCE:], params.bound_to.encode())
    except InvalidTag:
        message = "it was changed, or encrypted with another key, another cipher or another `boundTo`: compare them"
        raise NodeError("NotAuthentic", message) from None
    return DecryptOutput(text=write_text(plain, params.to, params.encoding))
