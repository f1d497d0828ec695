"""Checks a signature with a public key: whether whoever has the private key signed exactly this.

What is not valid is no failure: use `valid`.
"""

from typing import Annotated

from pydantic import Field

from headgate_core.formats.content import Encoding, Form, Letters, read_base64, read_bytes
from headgate_core.formats.signing import Algorithm, is_signed, read_public_key
from headgate_node import Context, Example, Output, Params, Trait, node


class VerifyParams(Params):
    public_key: Annotated[str, Field(max_length=20_000)]
    """The key in PEM."""
    text: Letters
    """What was signed."""
    signature: Annotated[str, Field(max_length=3_000)]
    """What came with it, in Base64."""
    from_: Form = "text"
    """How `text` stands for bytes."""
    encoding: Encoding = "utf-8"
    """Which bytes the letters of a text are."""
    algorithm: Algorithm = "ed25519"
    """How it was signed; it must be one for the key."""


class VerifyOutput(Output):
    valid: bool
    """Whether the signature is one of this text by this key."""


_KEY = """-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
-----END PUBLIC KEY-----
"""
_SIGNATURE = "5VZDAMNgrHKQhuLMgG6CioSHfx645dl02HPgZSJJAVVfuIIVkKM7rMYeOXAc+bRr0lv18FlbviRlUUFDjnoQCw=="


@node(
    traits=(Trait.INSTANT, Trait.IDEMPOTENT),
    examples=(
        Example(
            description="The first signature of RFC 8032: of nothing.",
            with_={"publicKey": _KEY, "text": "", "signature": _SIGNATURE},
            output={"valid": True},
        ),
        Example(with_={"publicKey": _KEY, "text": "x", "signature": _SIGNATURE}, output={"valid": False}),
        Example(
            with_={"publicKey": _KEY, "text": "x", "signature": _SIGNATURE, "algorithm": "rsa-pss-sha256"},
            fails="WrongKey",
        ),
    ),
)
async def run(params: VerifyParams, ctx: Context) -> VerifyOutput:
    data = read_bytes(params.text, params.from_, params.encoding)
    signature = read_base64(params.signature, "signature")
    return VerifyOutput(valid=is_signed(params.algorithm, read_public_key(params.public_key), data, signature))
