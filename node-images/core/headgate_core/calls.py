"""One call of a service over HTTP, as `http` and the connectors make it: sent, judged by its status, read.

A connector is a node of a few lines over this: where its service is, what it wants to be told, what its answer means.
"""

import time
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Unpack

from headgate_node import Context, NodeError

if TYPE_CHECKING:
    from headgate_node.http import Body
    from headgate_node.http.request import Options

_SHOWN_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str
    ms: int


def leave_time_to_tell(ctx: Context) -> float:
    """Seconds for a request: a little less than the node has, so that it is told what took so long."""
    remaining = ctx.remaining()
    return remaining - min(0.2, remaining / 20)


async def call(
    ctx: Context, method: str, url: str, accept: Collection[int] = (), **options: "Unpack[Options]"
) -> Answer:
    """Send a request within the node's time. A status above 299 fails the node, unless it is among the accepted."""
    options = {"timeout": leave_time_to_tell(ctx), **options}
    started = time.perf_counter()
    async with ctx.http.stream(method, url, **options) as answer:
        if answer.status > 299 and answer.status not in accept:
            raise _build_status_error(ctx, method, answer, await read_beginning(answer, _SHOWN_BYTES))
        body = b"".join([piece async for piece in answer.pieces])
    ms = round((time.perf_counter() - started) * 1000)
    return Answer(answer.status, answer.headers, body, answer.url, ms)


def _build_status_error(ctx: Context, method: str, answer: "Body", beginning: bytes) -> NodeError:
    """What a bad status is told as: the words of the service, and how long it asks to be left alone."""
    from headgate_lang.waiting import read_retry_after  # noqa: PLC0415 - as above
    from headgate_node.http.content import excerpt  # noqa: PLC0415 - the client is loaded at first use

    phrase = next((one.phrase for one in HTTPStatus if one == answer.status), "")
    place = answer.url.partition("?")[0]
    said = excerpt(answer.headers, beginning)
    message = f"{method} {place} answers {answer.status} {phrase}".rstrip() + (f": {said}" if said else "")
    wait = read_retry_after(answer.headers, ctx.now())
    return NodeError("HttpStatus", message, status=answer.status, retry_after=wait)


async def read_beginning(answer: "Body", most: int) -> bytes:
    """As much of the body of a bad answer as a message can use."""
    from headgate_node.http import HttpError  # noqa: PLC0415 - as above

    beginning = b""
    with suppress(HttpError):  # it is the status that counts
        async for piece in answer.pieces:
            beginning += piece
            if len(beginning) >= most:
                break
    return beginning[:most]


def write_plainly(values: Mapping[str, Any]) -> dict[str, str]:
    """Values of a query or a form, as texts: `true`, `3`, `0.5`."""
    from headgate_lang.text import text_of  # noqa: PLC0415 - only what has a query pays for it

    return {name: text_of(value) for name, value in values.items()}
