"""Checks a keyed digest (HMAC), as webhooks carry one: in hexadecimal digits or Base64, `sha256=` before it or not.

It takes the same time wherever the signature is wrong. The bytes must be those that were signed: sign and check the
body as it arrived, never a document that was read and written again. What is not valid is no failure: use `valid`.
"""

from typing import Annotated, Literal

from pydantic import Field

from headgate_core.formats.content import Encoding, Form, Letters, read_bytes
from headgate_core.formats.keys import KEY, fetch_secret
from headgate_node import Context, Example, NodeError, Output, Params, Ref, Trait, node


class HmacVerifyParams(Params):
    credential: Annotated[str, Ref("Credential", accepts=(KEY,))]
    """Whose key it is."""
    text: Letters
    """What was signed."""
    signature: Annotated[str, Field(max_length=200)]
    """What came with it."""
    from_: Form = "text"
    """How `text` stands for bytes."""
    encoding: Encoding = "utf-8"
    """Which bytes the letters of a text are."""
    algorithm: Literal["sha256", "sha384", "sha512", "sha1"] = "sha256"
    """The digest inside."""


class HmacVerifyOutput(Output):
    valid: bool
    """Whether whoever signed it had the key."""


_SIGNED = {"credential": "webhook", "text": "The quick brown fox jumps over the lazy dog"}


@node(
    traits=(Trait.INSTANT, Trait.IDEMPOTENT),
    examples=(
        Example(
            description="The key is `key`.",
            with_={**_SIGNED, "signature": "sha256=f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8"},
            output={"valid": True},
            needs="credential",
        ),
        Example(
            with_={**_SIGNED, "signature": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="},
            output={"valid": False},
            needs="credential",
        ),
    ),
)
async def run(params: HmacVerifyParams, ctx: Context) -> HmacVerifyOutput:
    import hmac  # noqa: PLC0415 - only what uses it pays for it

    data = read_bytes(params.text, params.from_, params.encoding)
    expected = hmac.digest(fetch_secret(ctx, params.credential), data, params.algorithm)
    return HmacVerifyOutput(valid=hmac.compare_digest(expected, _read_signature(params, len(expected))))


def _read_signature(params: HmacVerifyParams, size: int) -> bytes:
    """By its length it is one or the other. What is neither is simply not valid: it comes from strangers."""
    text = params.signature.strip().removeprefix(f"{params.algorithm}=")
    try:
        return bytes.fromhex(text) if len(text) == 2 * size else read_bytes(text, "base64")
    except (ValueError, NodeError):
        return b""
