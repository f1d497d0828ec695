"""One question to a model, over the OpenAI-compatible endpoint that a Model names. Called by `llm`.

A model that is busy or just coming up is no failure: it is asked again, as long as the node has time. Once an answer
has begun, it is not.
"""

import asyncio
import json
import random
import re
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from itertools import count
from typing import TYPE_CHECKING, Any

from headgate_core.calls import leave_time_to_tell, read_beginning
from headgate_core.chat_stream import Completion, Events, MalformedError, Usage, read_fault
from headgate_node import Context, Model, NodeError

if TYPE_CHECKING:
    from headgate_node.http import Body, GuardedClient
    from headgate_node.http.request import Options

MAX_TRIES = 8
_FIRST_WAIT, _MOST_WAIT = 0.5, 15.0
_BUSY = frozenset({429, 503})
_NOT_UP = frozenset({"ConnectFailed", "ConnectTimeout"})
_ERROR_BYTES = 16_384
_SHOWN_CHARACTERS = 120
_SHOWN_SECONDS = 0.5
_TOO_LONG = re.compile(
    r"context_length_exceeded|context (?:length|window|size)|maximum model length|prompt is too long|too many tokens",
    re.IGNORECASE,
)


class BusyError(Exception):
    """The model does not take questions just now; `failure` is what the node fails with if that stays so."""

    def __init__(self, failure: NodeError) -> None:
        super().__init__(failure.message)
        self.failure = failure


async def chat(ctx: Context, name: str, question: Mapping[str, Any]) -> Completion:
    """Ask, and give the whole answer. Raises NodeError where there is none; its tokens are counted in any case."""
    model = ctx.model(name)
    asked = {"model": model.name, **question, "stream": True, "stream_options": _choose_stream_options(model)}
    for tried in count(1):
        try:
            async with _open_client(ctx, model) as client:
                return await _ask(ctx, client, name, model, asked)
        except BusyError as error:
            wait = decide_wait(error.failure.retry_after, tried, ctx.remaining(), random.random())  # noqa: S311 - no secret
            if wait is None:
                raise error.failure from error
            ctx.log.warning("the model is busy", model=name, said=str(error), seconds=round(wait, 3))
            await asyncio.sleep(wait)
    raise AssertionError("it counts for ever")


def decide_wait(asked: float | None, tried: int, remaining: float, chance: float) -> float | None:
    """How long to wait before the next try; None if there is none. `chance`, from 0 to 1, keeps many pods apart."""
    grown = min(_FIRST_WAIT * 2 ** (tried - 1), _MOST_WAIT)
    wait = grown * (0.5 + chance / 2) if asked is None else asked
    return None if tried >= MAX_TRIES or wait >= remaining else wait


def _choose_stream_options(model: Model) -> dict[str, bool]:
    """Usage comes at the end; from vLLM with every piece, so that it is known of an answer that breaks off as well."""
    more = {"continuous_usage_stats": True} if model.in_cluster else {}
    return {"include_usage": True, **more}


@asynccontextmanager
async def _open_client(ctx: Context, model: Model) -> "AsyncIterator[GuardedClient]":
    if not model.in_cluster:
        yield ctx.http
        return
    from headgate_node.http.platform import open_platform  # noqa: PLC0415 - the client is loaded at first use

    async with open_platform(model.url) as client:
        yield client


async def _ask(ctx: Context, client: "GuardedClient", name: str, model: Model, asked: Mapping[str, Any]) -> Completion:
    from headgate_node.http import HttpError  # noqa: PLC0415 - as above

    remaining = leave_time_to_tell(ctx)
    options: Options = {"json": asked, "timeout": remaining, "answer_within": remaining, "max_redirects": 0}
    if model.key:
        options["credentials"] = {"authorization": f"Bearer {model.key}"}
    completion = Completion()
    try:
        async with client.stream("POST", f"{model.url.rstrip('/')}/chat/completions", **options) as answer:
            if answer.status != 200:
                raise await _read_error(ctx, name, model, answer)
            await _read(ctx, answer, completion)
    except HttpError as error:
        if error.reason in _NOT_UP:
            raise BusyError(NodeError(error.reason, str(error))) from error
        raise
    except MalformedError as error:
        raise NodeError("InvalidAnswer", f"the model `{name}` does not speak OpenAI's protocol: {error}") from None
    finally:
        _count(ctx, completion.usage)
    if completion.fault is not None:
        raise build_error(name, model, 200, completion.fault, None)
    if completion.finish is None and not completion.is_done:
        raise NodeError("InvalidAnswer", f"the model `{name}` broke off in the middle of its answer: try again")
    return completion


async def _read(ctx: Context, answer: "Body", completion: Completion) -> None:
    if "event-stream" not in answer.headers.get("content-type", ""):
        completion.add((b"".join([piece async for piece in answer.pieces])).decode("utf-8", "replace"))
        ctx.stream(completion.text)
        return
    events, shown, since = Events(), "", time.monotonic()
    async for piece in answer.pieces:
        shown += "".join(completion.add(data) for data in events.feed(piece))
        if len(shown) >= _SHOWN_CHARACTERS or (shown and time.monotonic() - since >= _SHOWN_SECONDS):
            ctx.stream(shown)
            shown, since = "", time.monotonic()
    shown += "".join(completion.add(data) for data in events.finish())
    if shown:
        ctx.stream(shown)


async def _read_error(ctx: Context, name: str, model: Model, answer: "Body") -> Exception:
    from headgate_lang.waiting import read_retry_after  # noqa: PLC0415 - as above
    from headgate_node.http.content import excerpt  # noqa: PLC0415 - as above

    body = await read_beginning(answer, _ERROR_BYTES)
    try:
        said = read_fault(json.loads(body))
    except (ValueError, RecursionError):
        said = None
    wait = read_retry_after(answer.headers, ctx.now())
    error = build_error(name, model, answer.status, said or excerpt(answer.headers, body), wait)
    return BusyError(error) if answer.status in _BUSY else error


def build_error(name: str, model: Model, status: int, said: str, wait: float | None) -> NodeError:
    """What a refusal is told as. Whatever the server repeats of the key is taken out of its words."""
    if model.key:
        said = said.replace(model.key, "***")
    said = said[:1000]
    if status in {200, 400, 413, 422} and _TOO_LONG.search(said):
        remedy = "shorten the prompt, lower `maxTokens`, or choose a model with a larger context"
        return NodeError("ContextTooLong", f"prompt and answer do not fit into the model `{name}`: {said}: {remedy}")
    if status == 200:
        return NodeError("InvalidAnswer", f"the model `{name}` failed in the middle of its answer: {said}")
    remedy = {
        401: ": an admin looks at the key of the Model",
        403: ": an admin looks at the key of the Model",
        404: f": an admin looks whether the server knows a model `{model.name}`",
    }.get(status, "")
    message = f"the model `{name}` answers {status}{f': {said}' if said else ''}{remedy}"
    return NodeError("HttpStatus", message, status=status, retry_after=wait)


def _count(ctx: Context, usage: Usage | None) -> None:
    if usage is not None:
        ctx.count(promptTokens=usage.prompt, cachedTokens=usage.cached, outputTokens=usage.output)
