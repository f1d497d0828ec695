"""What the API server answers: JSON, an error, or lines without end; never more of it than we can hold."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
from pydantic_core import from_json

from headgate.kube.errors import KubeError, MalformedAnswerError, error_from
from headgate.kube.kinds import Object
from headgate.kube.pruning import prune

_LARGEST = 64 * 2**20
"""Of an answer, in bytes; a page of a list is far smaller."""


async def read_object(doing: str, answer: aiohttp.ClientResponse) -> Object:
    try:
        document = parse(await _read(doing, answer))
    except ValueError as error:
        raise MalformedAnswerError(doing, f"the answer is no JSON: {error}") from None
    if not isinstance(document, dict):
        raise MalformedAnswerError(doing, "the answer is no object")
    return document


async def read_error(doing: str, answer: aiohttp.ClientResponse) -> KubeError:
    text = await _read(doing, answer)
    try:
        status = parse(text)
    except ValueError:
        status = {"message": text[:200].decode(errors="replace").strip()}
    status = status if isinstance(status, dict) else {}
    return error_from(doing, answer.status, status, answer.headers.get("Retry-After"))


async def read_lines(answer: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    """Lines of any length up to the largest answer, whatever pieces they arrive in."""
    rest = bytearray()
    async for part in answer.content.iter_any():
        rest += part
        if b"\n" not in part:
            if len(rest) > _LARGEST:
                raise aiohttp.ClientPayloadError(f"a line has more than {_LARGEST} bytes")
            continue
        *whole, last = rest.split(b"\n")
        rest = bytearray(last)
        for line in whole:
            if line.strip():
                yield bytes(line)


def parse(text: bytes) -> Any:
    """JSON, quickly. Of what is nested too deep for that, all but the depth: one such object must keep us from none."""
    try:
        return _parse_quickly(text)
    except ValueError:
        pruned = prune(text)
        if pruned is text:
            raise
        return _parse_quickly(pruned)


def _parse_quickly(text: bytes) -> Any:
    """Keys are shared: ten thousand objects have the same few."""
    return from_json(text, cache_strings="keys", allow_inf_nan=False)


async def _read(doing: str, answer: aiohttp.ClientResponse) -> bytes:
    length = answer.content_length or 0
    if length > _LARGEST:
        raise MalformedAnswerError(doing, f"the answer has {length} bytes, more than {_LARGEST}")
    parts, size = [], 0
    async for part in answer.content.iter_any():
        size += len(part)
        if size > _LARGEST:
            raise MalformedAnswerError(doing, f"the answer has more than {_LARGEST} bytes")
        parts.append(part)
    return b"".join(parts)
