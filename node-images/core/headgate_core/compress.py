"""Makes a text or bytes smaller: gzip, zlib, bzip2, Zstandard, Brotli.

The same input always gives the same bytes. `decompress` makes it whole again.
"""

import asyncio

from headgate_core.formats.compression import Effort, Format, compress
from headgate_core.formats.content import Encoding, Form, Letters, read_bytes, write_base64
from headgate_node import Context, Example, Output, Params, Trait, node


class CompressParams(Params):
    text: Letters
    """What to make smaller."""
    from_: Form = "text"
    """How `text` stands for bytes."""
    encoding: Encoding = "utf-8"
    """Which bytes the letters of a text are."""
    format_: Format = "gzip"
    """How to do it."""
    effort: Effort = "normal"
    """How long to try."""


class CompressOutput(Output):
    base64: str
    """What came out."""
    bytes_: int
    """How many bytes that is."""


@node(
    traits=(Trait.LIGHT, Trait.IDEMPOTENT),
    examples=(
        Example(
            with_={"text": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "format": "bz2"},
            output={"base64": "QlpoOTFBWSZTWfKQybkAAAIhAAAEIAAgACEAggsXckU4UJDykMm5", "bytes": 39},
        ),
        Example(
            with_={"text": "AAAA", "from": "base64", "format": "brotli"}, output={"base64": "CwGAAAAAAw==", "bytes": 7}
        ),
    ),
)
async def run(params: CompressParams, ctx: Context) -> CompressOutput:
    data = read_bytes(params.text, params.from_, params.encoding)
    small = await asyncio.to_thread(compress, data, params.format_, params.effort)
    return CompressOutput(base64=write_base64(small), bytes_=len(small))
