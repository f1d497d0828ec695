"""`compress` and `decompress`: read by Debian's own commands and back, and no bomb goes off."""

import base64
import bz2
import gzip
import shutil
import subprocess
import tracemalloc
import zlib
from collections.abc import Callable

import brotli  # type: ignore[import-untyped]  # it has none
import pytest
from backports import zstd
from hypothesis import given
from hypothesis import strategies as st

from support.node_calls import fail, give, reason

ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "zlib": zlib.compress,
    "bz2": bz2.compress,
    "zstd": zstd.compress,
    "brotli": lambda data: bytes(brotli.compress(data, quality=5)),
}
EVERY = pytest.mark.parametrize("format_", ENCODERS)


def letters(data: bytes) -> str:
    return base64.b64encode(data).decode()


@EVERY
@given(data=st.binary(max_size=300), times=st.integers(1, 300), effort=st.sampled_from(["fast", "normal", "best"]))
def test_what_was_made_smaller_comes_back(format_: str, data: bytes, times: int, effort: str) -> None:
    whole = (data * times).hex()
    small = give("compress", {"text": whole, "from": "hex", "format": format_, "effort": effort})
    assert small["bytes"] == len(base64.b64decode(small["base64"]))
    assert give("decompress", base64=small["base64"], format=format_, to="hex") == {"text": whole}
    if format_ != "brotli":
        assert give("decompress", base64=small["base64"], to="hex") == {"text": whole}


@pytest.mark.parametrize(("format_", "command"), [("gzip", "gzip"), ("bz2", "bzip2"), ("zstd", "zstd")])
def test_the_commands_of_a_system_read_ours_and_we_read_theirs(format_: str, command: str) -> None:
    if shutil.which(command) is None:
        pytest.skip(f"there is no {command} on this machine")
    text = "a text with ümlauts, " * 500
    ours = base64.b64decode(give("compress", text=text, format=format_)["base64"])
    assert subprocess.run([command, "-dc"], input=ours, capture_output=True, check=True).stdout.decode() == text
    theirs = subprocess.run([command, "-c"], input=text.encode(), capture_output=True, check=True).stdout
    assert give("decompress", base64=letters(theirs)) == {"text": text}


@EVERY
def test_a_bomb_is_stopped_at_the_bound_and_never_unfolds_in_memory(format_: str) -> None:
    bomb = letters(ENCODERS[format_](b"\0" * 12_000_000))
    assert len(bomb) < 50_000
    tracemalloc.start()
    try:
        error = fail("decompress", base64=bomb, format=format_, to="hex")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert error.reason == "TooLarge"
    assert "it stands for more than 10,000,000 bytes" in error.message
    assert peak < 30_000_000


@EVERY
def test_what_ends_in_the_middle_was_damaged(format_: str) -> None:
    whole = ENCODERS[format_](bytes(range(256)) * 20)
    for cut in (1, 2, len(whole) // 2, len(whole) - 1):
        assert fail("decompress", base64=letters(whole[:cut]), format=format_, to="hex").reason == "NotCompressed"


@EVERY
@given(data=st.binary(min_size=1, max_size=60))
def test_anything_at_all_is_read_or_refused_in_words(format_: str, data: bytes) -> None:
    given = {"base64": letters(data), "format": format_, "to": "hex"}
    assert reason("decompress", given) in {None, "NotCompressed", "TooLarge"}


@pytest.mark.parametrize("format_", ["gzip", "bz2", "zstd"])
def test_several_parts_are_read_to_the_end_and_nothing_else_after_them(format_: str) -> None:
    part = ENCODERS[format_](b"abc")
    assert give("decompress", base64=letters(part * 3), format=format_) == {"text": "abcabcabc"}
    assert fail("decompress", base64=letters(part + b"garbage"), format=format_).reason == "NotCompressed"


def test_nothing_says_how_it_is_compressed() -> None:
    error = fail("decompress", base64="AAAA")
    assert "nothing at its beginning says how it is compressed: name it (brotli never says it)" in error.message


def test_bytes_that_are_no_text_are_told() -> None:
    assert fail("decompress", base64=letters(gzip.compress(b"\xff"))).reason == "NotText"
