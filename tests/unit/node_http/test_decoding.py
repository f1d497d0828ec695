"""Bodies: decoded piece by piece, whole and unchanged, and never past their bound, whatever they would become."""

import gzip
import tracemalloc
import zlib
from collections.abc import Callable

import brotli  # type: ignore[import-untyped]  # it has none
import pytest
from backports import zstd
from hypothesis import given
from hypothesis import strategies as st

from headgate_node.http.decoding import PIECE, BoundedBody, build_decoders
from headgate_node.http.failure import HttpError, Reason

BOUND = 1_000_000
BOMB = 40_000_000


def deflate(data: bytes) -> bytes:
    return zlib.compress(data)


def deflate_bare(data: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return compressor.compress(data) + compressor.flush()


ENCODERS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": ("gzip", lambda data: gzip.compress(data, 9)),
    "deflate": ("deflate", deflate),
    "deflate without its header": ("deflate", deflate_bare),
    "br": ("br", lambda data: bytes(brotli.compress(data, quality=5))),
    "zstd": ("zstd", zstd.compress),
}
every_encoding = pytest.mark.parametrize(("encoding", "encode"), ENCODERS.values(), ids=ENCODERS)


def decode(encoding: str, data: bytes, size: int = 65536, bound: int = BOUND) -> bytes:
    body = BoundedBody(build_decoders([encoding] if encoding else []), bound)
    decoded = b"".join(piece for start in range(0, len(data), size) for piece in body.feed(data[start : start + size]))
    body.finish()
    return decoded


@every_encoding
@given(data=st.binary(max_size=2000), repeated=st.integers(1, 200), size=st.integers(1, 5000))
def test_what_was_encoded_comes_out_however_it_is_cut(
    encoding: str, encode: Callable[[bytes], bytes], data: bytes, repeated: int, size: int
) -> None:
    assert decode(encoding, encode(data * repeated), size) == data * repeated


@every_encoding
def test_what_ends_exactly_with_a_piece_comes_out_whole(encoding: str, encode: Callable[[bytes], bytes]) -> None:
    for length in (PIECE - 1, PIECE, PIECE + 1, 3 * PIECE):
        assert len(decode(encoding, encode(b"x" * length))) == length


@every_encoding
def test_a_bomb_is_stopped_at_the_bound_and_never_unfolds_in_memory(
    encoding: str, encode: Callable[[bytes], bytes]
) -> None:
    bomb = encode(b"\0" * BOMB)
    assert len(bomb) < BOMB / 500
    tracemalloc.start()
    try:
        with pytest.raises(HttpError) as told:
            decode(encoding, bomb)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert told.value.reason is Reason.BODY_TOO_LARGE
    assert peak < 3 * BOUND


def test_a_bomb_in_a_bomb_is_stopped_too() -> None:
    bomb = gzip.compress(gzip.compress(b"\0" * BOMB, 9), 9)
    assert len(bomb) < BOUND / 100
    with pytest.raises(HttpError, match="more than 1,000,000 bytes"):
        decode("gzip, gzip", bomb)


def test_what_decodes_to_nothing_may_not_be_sent_for_ever() -> None:
    with pytest.raises(HttpError) as told:
        decode("gzip", gzip.compress(b"") * 50_000, bound=100_000)
    assert told.value.reason is Reason.BODY_TOO_LARGE


def test_the_bound_itself_may_be_reached() -> None:
    assert len(decode("", b"x" * 1000, bound=1000)) == 1000
    with pytest.raises(HttpError):
        decode("", b"x" * 1001, bound=1000)


def test_several_members_of_gzip_and_frames_of_zstd_are_one_body() -> None:
    assert decode("gzip", gzip.compress(b"a") + gzip.compress(b"b"), size=7) == b"ab"
    assert decode("zstd", zstd.compress(b"a") + zstd.compress(b"b"), size=7) == b"ab"


def test_encodings_are_undone_in_the_reverse_order_of_their_names() -> None:
    assert decode("deflate, br", ENCODERS["br"][1](deflate(b"text"))) == b"text"
    assert decode("identity, X-GZIP", gzip.compress(b"text")) == b"text"


@every_encoding
def test_what_ends_in_the_middle_or_is_broken_is_told(encoding: str, encode: Callable[[bytes], bytes]) -> None:
    whole = encode(bytes(range(256)) * 40)
    with pytest.raises(HttpError, match="the answer ends in the middle"):
        decode(encoding, whole[:-5])
    for broken in (b"\xff\xff\xff" + whole, whole + b"\xff\xfe\xfd" if encoding != "deflate" else b"\xff\xff"):
        with pytest.raises(HttpError) as told:
            decode(encoding, broken)
        assert told.value.reason is Reason.INVALID_ENCODING


@pytest.mark.parametrize("encoding", ["compress", "gzip, gzip, gzip", "aes128gcm", "gzip;q=1"])
def test_an_encoding_that_nodes_do_not_read_is_told(encoding: str) -> None:
    with pytest.raises(HttpError, match="a way that nodes do not read") as told:
        build_decoders([encoding])
    assert told.value.reason is Reason.INVALID_ENCODING


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd"])
def test_an_encoded_answer_without_a_body_is_empty(encoding: str) -> None:
    assert decode(encoding, b"") == b""


def test_a_frame_of_zstd_that_asks_for_a_huge_window_is_refused() -> None:
    options: dict[int, int] = {zstd.CompressionParameter.window_log: 27, zstd.CompressionParameter.content_size_flag: 0}
    compressor = zstd.ZstdCompressor(options=options)
    greedy = compressor.compress(b"x" * 1000) + compressor.flush()
    with pytest.raises(HttpError) as told:
        decode("zstd", greedy)
    assert told.value.reason is Reason.INVALID_ENCODING
