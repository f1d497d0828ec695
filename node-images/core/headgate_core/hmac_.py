"""Computes a keyed digest (HMAC), which proves that whoever sent something has the key.

The key is the value `key` of a Credential of type `key`, taken as the letters that it is. `hmac-verify` checks one.
"""

from typing import Annotated, Literal

from headgate_core.formats.content import Encoding, Form, Letters, read_bytes, write_base64
from headgate_core.formats.keys import KEY, fetch_secret
from headgate_node import Context, Example, Output, Params, Ref, Trait, node


class HmacParams(Params):
    credential: Annotated[str, Ref("Credential", accepts=(KEY,))]
    """Whose key it is."""
    text: Letters
    """What to sign."""
    from_: Form = "text"
    """How `text` stands for bytes."""
    encoding: Encoding = "utf-8"
    """Which bytes the letters of a text are."""
    algorithm: Literal["sha256", "sha384", "sha512", "sha1"] = "sha256"
    """The digest inside; `sha1` is for what still asks for it."""


class HmacOutput(Output):
    hex: str
    """The signature in hexadecimal digits."""
    base64: str
    """The same bytes as Base64."""


@node(
    traits=(Trait.INSTANT, Trait.IDEMPOTENT),
    examples=(
        Example(
            description="The key is `key`.",
            with_={"credential": "webhook", "text": "The quick brown fox jumps over the lazy dog"},
            output={
                "hex": "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8",
                "base64": "97yD9DBThCSxMpjmqm+xQ+9NWaFJRhdZl0edvC0aPNg=",
            },
            needs="credential",
        ),
        Example(
            with_={"credential": "webhook", "text": "AA==", "from": "base64", "algorithm": "sha1"},
            output={"hex": "416b0a3c724be3fcd3d4acc571666aa09e69d375", "base64": "QWsKPHJL4/zT1KzFcWZqoJ5p03U="},
            needs="credential",
        ),
    ),
)
async def run(params: HmacParams, ctx: Context) -> HmacOutput:
    import hmac  # noqa: PLC0415 - only what uses it pays for it

    data = read_bytes(params.text, params.from_, params.encoding)
    signature = hmac.digest(fetch_secret(ctx, params.credential), data, params.algorithm)
    return HmacOutput(hex=signature.hex(), base64=write_base64(signature))
