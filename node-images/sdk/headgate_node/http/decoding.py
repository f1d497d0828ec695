"""The body of an answer, decoded while it arrives and never past its bound. `client` and `transport` feed it.

A few bytes can stand for gigabytes, so no decoder is asked for more than a piece at a time, and what is over the bound
is not decoded at all. What arrives is bounded too: there are ways to send for ever and decode to nothing.
"""

import zlib
from collections.abc import Iterator, Sequence
from typing import Protocol

from headgate_node.http.failure import Failure, HttpError, Reason

Headers = Sequence[tuple[bytes, bytes]]

PIECE = 65536
MAX_ENCODINGS = 2
_ZSTD_WINDOW_LOG = 23  # 8 MiB, what RFC 9659 allows on the web


class Decoder(Protocol):
    def feed(self, data: bytes) -> Iterator[bytes]:
        """Give what `data` adds, a piece at a time."""

    def is_done(self) -> bool:
        """Tell whether the data may end here."""


class _Zlib:
    """gzip, and deflate in both of its meanings: with the header that it should have, and without."""

    def __init__(self, encoding: str) -> None:
        self._window = zlib.MAX_WBITS | 16 if encoding == "gzip" else 0
        self._head = b""
        self._inflate = zlib.decompressobj(self._window) if self._window else None

    def feed(self, data: bytes) -> Iterator[bytes]:
        if self._inflate is None:
            data = self._head = self._head + data
            if len(data) < 2:
                return
            has_header = data[0] & 0x0F == 8 and int.from_bytes(data[:2]) % 31 == 0
            self._window = zlib.MAX_WBITS if has_header else -zlib.MAX_WBITS
            self._inflate = zlib.decompressobj(self._window)
        more = True
        while data or more:
            if self._inflate.eof:
                if not data:
                    return
                self._inflate = zlib.decompressobj(self._window)
            try:
                piece = self._inflate.decompress(data, PIECE)
            except zlib.error as error:
                raise _build_mismatch() from error
            data = self._inflate.unconsumed_tail or self._inflate.unused_data
            more = len(piece) == PIECE
            if piece:
                yield piece

    def is_done(self) -> bool:
        return self._inflate.eof if self._inflate else not self._head


class _Brotli:
    def __init__(self) -> None:
        import brotli  # type: ignore[import-untyped]  # it has none  # noqa: PLC0415 - only what uses it pays for it

        self._decompressor = brotli.Decompressor()
        self._error = brotli.error

    def feed(self, data: bytes) -> Iterator[bytes]:
        while True:
            try:
                piece = self._decompressor.process(data, output_buffer_limit=PIECE)
            except self._error as error:
                raise _build_mismatch() from error
            if not piece:
                return
            yield piece
            data = b""

    def is_done(self) -> bool:
        return bool(self._decompressor.is_finished())


class _Zstd:
    def __init__(self) -> None:
        from backports import zstd  # noqa: PLC0415 - only what uses it pays for it

        self._options: dict[int, int] = {zstd.DecompressionParameter.window_log_max: _ZSTD_WINDOW_LOG}
        self._open = zstd.ZstdDecompressor
        self._error = zstd.ZstdError
        self._frame = self._open(options=self._options)

    def feed(self, data: bytes) -> Iterator[bytes]:
        while True:
            if self._frame.eof:
                if not data:
                    return
                self._frame = self._open(options=self._options)
            try:
                piece = self._frame.decompress(data, PIECE)
            except self._error as error:
                raise _build_mismatch() from error
            data = self._frame.unused_data if self._frame.eof else b""
            if piece:
                yield piece
            if not data and (self._frame.eof or self._frame.needs_input):
                return

    def is_done(self) -> bool:
        return self._frame.eof


def build_decoders(content_encodings: Sequence[str]) -> list[Decoder]:
    """Lay out the decoders for what the Content-Encoding headers say, in the order of their work."""
    encodings = [one.strip().lower() for header in content_encodings for one in header.split(",")]
    encodings = [one.removeprefix("x-") for one in encodings if one not in {"", "identity"}]
    unknown = [one for one in encodings if one not in {"gzip", "deflate", "br", "zstd"}]
    if unknown or len(encodings) > MAX_ENCODINGS:
        told = ", ".join(unknown or encodings)
        raise _build_error(f"the answer is encoded in a way that nodes do not read ({told[:80]})")
    return [_Brotli() if one == "br" else _Zstd() if one == "zstd" else _Zlib(one) for one in reversed(encodings)]


class BoundedBody:
    """Decodes what it is fed, and refuses to go over the bound, in what arrives and in what comes of it."""

    def __init__(self, decoders: Sequence[Decoder], bound: int) -> None:
        self._decoders = decoders
        self._bound = bound
        self._arrived = 0
        self._decoded = 0

    def feed(self, data: bytes) -> Iterator[bytes]:
        self._arrived += len(data)
        if self._arrived > self._bound:
            raise HttpError(_build_too_large(self._bound))
        pieces: Iterator[bytes] = iter([data])
        for decoder in self._decoders:
            pieces = _feed_all(decoder, pieces)
        for piece in pieces:
            self._decoded += len(piece)
            if self._decoded > self._bound:
                raise HttpError(_build_too_large(self._bound))
            yield piece

    def finish(self) -> None:
        """Tell if the data may not end here."""
        if self._arrived and not all(decoder.is_done() for decoder in self._decoders):
            raise _build_error("the answer ends in the middle")


def open_body(headers: Headers, bound: int, *, is_head: bool) -> BoundedBody:
    """Lay out what reads a body with these headers. One that says of itself that it is too large is not read at all."""
    announced = _find_texts(headers, b"content-length")
    if announced and int(announced[0]) > bound and not is_head:
        raise HttpError(_build_too_large(bound))
    return BoundedBody(build_decoders(_find_texts(headers, b"content-encoding")), bound)


def _find_texts(headers: Headers, name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in headers if key.lower() == name]


def _build_too_large(bound: int) -> Failure:
    message = f"the answer has more than {bound:,} bytes"
    return Failure(Reason.BODY_TOO_LARGE, message, "ask for less: a page, a range, fewer fields")


def _feed_all(decoder: Decoder, pieces: Iterator[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        yield from decoder.feed(piece)


def _build_mismatch() -> HttpError:
    return _build_error("the answer is not encoded as it says")


def _build_error(message: str) -> HttpError:
    return HttpError(Failure(Reason.INVALID_ENCODING, message, "send the header `Accept-Encoding: identity`"))
