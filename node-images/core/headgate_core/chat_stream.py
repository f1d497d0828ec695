"""What a model answers, piece by piece: server-sent events into one `Completion`. Pure; `chat` feeds it.

The shapes are OpenAI's, as vLLM and others speak them. An answer that comes whole, because a server does not stream, is
read by the same fold.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

MAX_LINE = 4_000_000


class MalformedError(ValueError):
    """The server does not speak the protocol."""


class Events:
    """Server-sent events out of the bytes of a body: the data of each, as soon as it is whole."""

    def __init__(self) -> None:
        self._rest = b""
        self._data: list[bytes] = []

    def feed(self, piece: bytes) -> Iterator[str]:
        *lines, self._rest = (self._rest + piece).split(b"\n")
        if len(self._rest) > MAX_LINE:
            raise MalformedError("a line of its stream has no end")
        for line in lines:
            yield from self._read(line.removesuffix(b"\r"))

    def finish(self) -> Iterator[str]:
        """What was left without the empty line that should follow it."""
        yield from self._read(self._rest)
        yield from self._read(b"")

    def _read(self, line: bytes) -> Iterator[str]:
        if line.startswith(b"data:"):
            self._data.append(line[5:].removeprefix(b" "))
        elif not line and self._data:
            data, self._data = b"\n".join(self._data), []
            yield data.decode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens, as the server counts them. `cached` are those of the prompt that it had not to read anew."""

    prompt: int = 0
    cached: int = 0
    output: int = 0


@dataclass
class Completion:
    """The answer so far."""

    pieces: list[str] = field(default_factory=list)
    finish: str | None = None
    """Why it ended: stop, length, content_filter; None while it has not."""
    refusal: str = ""
    usage: Usage | None = None
    fault: str | None = None
    """What the server says went wrong in the middle."""
    is_done: bool = False

    @property
    def text(self) -> str:
        return "".join(self.pieces)

    def add(self, data: str) -> str:
        """Take an event, and give what it adds to the text. Raises MalformedError."""
        if data.strip() == "[DONE]":
            self.is_done = True
            return ""
        try:
            document = json.loads(data)
        except (ValueError, RecursionError):
            raise MalformedError(f"it sends what is no JSON: {data[:100]!r}") from None
        if not isinstance(document, dict):
            raise MalformedError(f"it sends what is no object: {data[:100]!r}")
        if fault := read_fault(document):
            self.fault = fault
        self.usage = _read_usage(document.get("usage")) or self.usage
        choices = document.get("choices")
        first = choices[0] if isinstance(choices, list) and choices else None
        return self._add_choice(first) if isinstance(first, dict) else ""

    def _add_choice(self, choice: dict[str, Any]) -> str:
        said = choice.get("delta") or choice.get("message") or {}
        if not isinstance(said, dict):
            raise MalformedError("a choice of it is no message")
        if isinstance(choice.get("finish_reason"), str):
            self.finish = choice["finish_reason"]
        if isinstance(said.get("refusal"), str):
            self.refusal += said["refusal"]
        added = said.get("content")
        if not isinstance(added, str):
            return ""
        self.pieces.append(added)
        return added


def read_fault(document: Any) -> str | None:
    """The server's own words for what went wrong, with its code; None if the document tells of no error."""
    if not isinstance(document, dict):
        return None
    error = document.get("error")
    if error is None and document.get("object") == "error":
        error = document
    if isinstance(error, str):
        return error
    if not isinstance(error, dict):
        return None
    words = (error.get("message"), error.get("code"))
    told = [str(one) for one in words if isinstance(one, str | int)]
    return f"{told[0]} ({told[1]})" if len(told) == 2 else (told or ["it does not say what"])[0]


def _read_usage(usage: Any) -> Usage | None:
    if not isinstance(usage, dict):
        return None
    details = usage.get("prompt_tokens_details")
    cached = details.get("cached_tokens") if isinstance(details, dict) else None
    return Usage(*(_read_count(one) for one in (usage.get("prompt_tokens"), cached, usage.get("completion_tokens"))))


def _read_count(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
