"""Bytes made smaller, and made whole again within a bound. Used by `compress` and `decompress`.

A few bytes can stand for gigabytes, so no decoder is asked for more than a piece at a time.
"""

from collections.abc import Callable, Iterator
from typing import Any, Literal, Protocol

from headgate_core.formats.content import MAX_BYTES
from headgate_node import NodeError

Format = Literal["gzip", "zlib", "bz2", "zstd", "brotli"]
Effort = Literal["fast", "normal", "best"]

PIECE = 65_536
_EFFORTS = ("fast", "normal", "best")
_LEVELS: dict[Format, tuple[int, int, int]] = {
    "gzip": (1, 6, 9),
    "zlib": (1, 6, 9),
    "bz2": (1, 9, 9),
    "zstd": (1, 3, 12),
    "brotli": (1, 5, 9),  # 11 takes half a minute for 10 MB
}
_MARKS: tuple[tuple[bytes, Format], ...] = ((b"\x1f\x8b", "gzip"), (b"BZh", "bz2"), (b"\x28\xb5\x2f\xfd", "zstd"))


def compress(data: bytes, format_: Format, effort: Effort) -> bytes:
    import bz2  # noqa: PLC0415 - only what uses it pays for it
    import gzip  # noqa: PLC0415
    import zlib  # noqa: PLC0415

    level = _LEVELS[format_][_EFFORTS.index(effort)]
    match format_:
        case "gzip":
            return gzip.compress(data, level, mtime=0)  # the same bytes each time
        case "zlib":
            return zlib.compress(data, level)
        case "bz2":
            return bz2.compress(data, level)
        case "zstd":
            from backports import zstd  # noqa: PLC0415

            return zstd.compress(data, level)
        case "brotli":
            import brotli  # type: ignore[import-untyped]  # it has none  # noqa: PLC0415

            return bytes(brotli.compress(data, quality=level))


def guess_format(data: bytes) -> Format:
    for mark, format_ in _MARKS:
        if data.startswith(mark):
            return format_
    if len(data) >= 2 and data[0] & 0x0F == 8 and int.from_bytes(data[:2]) % 31 == 0:
        return "zlib"
    message = "format: nothing at its beginning says how it is compressed: name it (brotli never says it)"
    raise NodeError("InvalidParameters", message)


def decompress(data: bytes, format_: Format, bound: int = MAX_BYTES) -> bytes:
    """Everything that it stands for, several parts after each other too. Raises NodeError, before it is too much."""
    whole = bytearray()
    for piece in _decode_brotli(data) if format_ == "brotli" else _decode(data, format_):
        whole += piece
        if len(whole) > bound:
            message = f"it stands for more than {bound:,} bytes (it has {len(data):,}): compress it in parts"
            raise NodeError("TooLarge", message)
    return bytes(whole)


class _Decoder(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...


def _decode(data: bytes, format_: Format) -> Iterator[bytes]:
    open_, mistakes = _opener(format_)
    while data:
        decoder: Any = open_()
        start = data
        while not decoder.eof:
            try:
                piece = decoder.decompress(data, PIECE)
            except mistakes as error:
                raise _mismatch(format_, str(error)) from None
            data = getattr(decoder, "unconsumed_tail", b"")  # zlib gives back what it has not read, the others keep it
            if piece:
                yield piece
            elif not data and not decoder.eof:
                raise _mismatch(format_, "it ends in the middle")
        data = decoder.unused_data
        if len(data) >= len(start):
            raise _mismatch(format_, "there is something else after its end")


def _decode_brotli(data: bytes) -> Iterator[bytes]:
    import brotli  # noqa: PLC0415

    decoder = brotli.Decompressor()
    while True:
        try:
            piece = decoder.process(data, output_buffer_limit=PIECE)
        except brotli.error as error:
            raise _mismatch("brotli", str(error)) from None
        if not piece:
            break
        yield piece
        data = b""
    if not decoder.is_finished():
        raise _mismatch("brotli", "it ends in the middle")


def _opener(format_: Format) -> tuple[Callable[[], _Decoder], tuple[type[Exception], ...]]:
    import bz2  # noqa: PLC0415 - only what uses it pays for it
    import zlib  # noqa: PLC0415

    if format_ == "bz2":
        return bz2.BZ2Decompressor, (OSError, ValueError)
    if format_ == "zstd":
        from backports import zstd  # noqa: PLC0415

        options: dict[int, int] = {zstd.DecompressionParameter.window_log_max: 27}  # as far as its own command goes
        return lambda: zstd.ZstdDecompressor(options=options), (zstd.ZstdError,)
    window = zlib.MAX_WBITS | 16 if format_ == "gzip" else zlib.MAX_WBITS
    return lambda: zlib.decompressobj(window), (zlib.error,)


def _mismatch(format_: Format, why: str) -> NodeError:
    return NodeError("NotCompressed", f"this is no {format_}, or it was damaged: {why}: name another format")
