"""Makes whole again what was made smaller: gzip, zlib, bzip2, Zstandard, Brotli.

What would become more than 10 MB is refused while it is decoded, however small it is. A file of several parts, as
`cat a.gz b.gz` makes one, is read to its end.
"""

import asyncio
from typing import Literal

from headgate_core.formats.compression import Format, decompress, guess_format
from headgate_core.formats.content import Base64, Encoding, Form, read_base64, write_text
from headgate_node import Context, Example, Output, Params, Trait, node


class DecompressParams(Params):
    base64: Base64
    """What was made smaller."""
    format_: Format | Literal["guess"] = "guess"
    """How it was done. All but `brotli` say it in their first bytes."""
    to: Form = "text"
    """How to write what it was: bytes that are no text as `base64`."""
    encoding: Encoding = "utf-8"
    """Which letters the bytes of a text are."""


class DecompressOutput(Output):
    text: str
    """What it was, written as `to` says."""


@node(
    traits=(Trait.LIGHT, Trait.IDEMPOTENT),
    examples=(
        Example(
            with_={"base64": "QlpoOTFBWSZTWfKQybkAAAIhAAAEIAAgACEAggsXckU4UJDykMm5"},
            output={"text": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
        ),
        Example(with_={"base64": "CwGAAAAAAw==", "format": "brotli", "to": "hex"}, output={"text": "000000"}),
        Example(with_={"base64": "eJxLTCQRAAAA", "format": "zlib"}, fails="NotCompressed"),
    ),
)
async def run(params: DecompressParams, ctx: Context) -> DecompressOutput:
    data = read_base64(params.base64, "base64")
    format_ = guess_format(data) if params.format_ == "guess" else params.format_
    whole = await asyncio.to_thread(decompress, data, format_)
    return DecompressOutput(text=write_text(whole, params.to, params.encoding))
