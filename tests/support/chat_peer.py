"""A server on loopback that answers as vLLM and OpenAI do, in the shapes that they use. For tests of `llm`."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from support.http_peer import Act, Peer, run_peer
from support.http_wire import build_answer

PATH = "/v1/chat/completions"


def chunk(
    content: str | None = None, finish: str | None = None, usage: tuple[int, int] | None = None
) -> dict[str, Any]:
    """A piece of an answer, as vLLM streams it."""
    delta = {} if content is None else {"content": content}
    document: dict[str, Any] = {
        "id": "chatcmpl-7",
        "object": "chat.completion.chunk",
        "created": 1_763_703_060,
        "model": "served-name",
        "choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}],
    }
    if usage:
        prompt, output = usage
        document["usage"] = {"prompt_tokens": prompt, "total_tokens": prompt + output, "completion_tokens": output}
    return document


def closing(prompt: int = 14, output: int = 3, cached: int | None = None) -> dict[str, Any]:
    """What comes after the last piece: no choice, and the usage."""
    details = None if cached is None else {"cached_tokens": cached}
    usage = {"prompt_tokens": prompt, "completion_tokens": output, "prompt_tokens_details": details}
    return {**chunk(), "choices": [], "usage": usage}


def stream(*documents: dict[str, Any] | str) -> bytes:
    """An answer of events, on the wire."""
    return build_answer(write_events(*documents), "Content-Type: text/event-stream; charset=utf-8")


def write_events(*documents: dict[str, Any] | str) -> bytes:
    data = [one if isinstance(one, str) else json.dumps(one) for one in documents]
    return "".join(f"data: {one}\n\n" for one in data).encode()


def say(*pieces: str, finish: str = "stop") -> bytes:
    """A whole answer in these pieces."""
    first = {**chunk(""), "choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}}]}
    return stream(first, *(chunk(piece) for piece in pieces), chunk("", finish), closing(), "[DONE]")


def fail(status: str, error: Any, *headers: str) -> bytes:
    return build_answer(json.dumps(error).encode(), "Content-Type: application/json", *headers, status=status)


@asynccontextmanager
async def run_chat_peer(answers: Sequence[bytes]) -> AsyncIterator[Peer]:
    """Gives the answers one after the other; the last one stays."""
    turns = iter(answers)
    last = answers[-1]

    async def act(writer: asyncio.StreamWriter) -> None:
        writer.write(next(turns, last))
        await writer.drain()

    answer: Act = act
    async with run_peer({PATH: answer}) as peer:
        yield peer


def read_asked(peer: Peer, number: int = 0) -> dict[str, Any]:
    """What the model was asked."""
    asked: dict[str, Any] = json.loads(peer.requests[number].partition(b"\r\n\r\n")[2])
    return asked
