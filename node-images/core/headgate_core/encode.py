"""Writes bytes in letters, and reads them back: Base64, Base64 for URLs, hexadecimal, percent signs.

`from` says what `text` is, `to` what it is to become. Text becomes bytes, and bytes become text, in `encoding`. Base64
may have line breaks, and may lack the `=` at its end; any other letter that does not belong is refused.
"""

from headgate_core.formats.content import Encoding, Form, Letters, read_bytes, write_text
from headgate_node import Context, Example, Output, Params, Trait, node


class EncodeParams(Params):
    text: Letters
    """What to write in another way."""
    from_: Form = "text"
    """What it is now."""
    to: Form = "text"
    """What it is to become."""
    encoding: Encoding = "utf-8"
    """How text and bytes belong together."""


class EncodeOutput(Output):
    text: str
    """The same bytes, in the other way."""


@node(
    traits=(Trait.INSTANT, Trait.IDEMPOTENT),
    examples=(
        Example(with_={"text": "Grüße?", "to": "base64"}, output={"text": "R3LDvMOfZT8="}),
        Example(with_={"text": "R3LDvMOfZT8", "from": "base64"}, output={"text": "Grüße?"}),
        Example(with_={"text": "a/b c", "to": "percent"}, output={"text": "a%2Fb%20c"}),
        Example(with_={"text": "00ff", "from": "hex", "to": "base64url"}, output={"text": "AP8"}),
        Example(with_={"text": "/w==", "from": "base64"}, fails="NotText"),
    ),
)
async def run(params: EncodeParams, ctx: Context) -> EncodeOutput:
    data = read_bytes(params.text, params.from_, params.encoding)
    return EncodeOutput(text=write_text(data, params.to, params.encoding))
