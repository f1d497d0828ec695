"""Signs a text or bytes with a private key, so that everybody can check it with the public one.

The key is the value `privateKey` (PEM) of a Credential of type `signingKey`; a value `password` opens it if it is
locked. `verify` checks what comes out.
"""

import asyncio
from typing import Annotated

from headgate_core.formats.content import Encoding, Form, Letters, read_bytes, write_base64
from headgate_core.formats.keys import SIGNING_KEY, fetch_private_key
from headgate_core.formats.signing import Algorithm, sign
from headgate_node import Context, Example, Output, Params, Ref, Trait, node


class SignParams(Params):
    credential: Annotated[str, Ref("Credential", accepts=(SIGNING_KEY,))]
    """Whose private key it is."""
    text: Letters
    """What to sign."""
    from_: Form = "text"
    """How `text` stands for bytes."""
    encoding: Encoding = "utf-8"
    """Which bytes the letters of a text are."""
    algorithm: Algorithm = "ed25519"
    """How to sign; it must be one for the key."""


class SignOutput(Output):
    base64: str
    """The signature."""


@node(
    traits=(Trait.INSTANT, Trait.IDEMPOTENT),
    examples=(
        Example(
            description="The key is the first one of RFC 8032.",
            with_={"credential": "release", "text": "headgate 1.0"},
            output={
                "base64": "lwqGlRlR0txQ86AMc4fbCt8DjFjBaAaZoQ0WMKirNHEBBbo7c4JQ7WC6mmwGXuWdQssWbdwwWuzmXvaCKwxuCA=="
            },
            needs="credential",
        ),
        Example(
            with_={"credential": "release", "text": "AAECAw==", "from": "base64", "algorithm": "rsa-pss-sha256"},
            fails="WrongKey",
            needs="credential",
        ),
    ),
)
async def run(params: SignParams, ctx: Context) -> SignOutput:
    data = read_bytes(params.text, params.from_, params.encoding)
    key = fetch_private_key(ctx, params.credential)
    return SignOutput(base64=write_base64(await asyncio.to_thread(sign, params.algorithm, key, data)))
