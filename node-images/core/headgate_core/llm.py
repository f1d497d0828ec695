"""Asks a language model.

The answer is told in the log while it arrives. With a `schema`, the model is held to it, the answer is checked, and one
that misses it is sent back once, with what is wrong; it then comes out as `json`. An answer that `maxTokens` or the
model's context cut short says so in `cut`; one that should be JSON fails with `AnswerCut`.

A model that is busy (429, 503) or still coming up is asked again within the node's `timeout`.
"""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from headgate_core.chat import chat
from headgate_core.chat_stream import Completion, Usage
from headgate_node import Context, Example, Json, NodeError, Output, Params, Ref, SchemaOf, Trait, node

MOST_TOLD = 10


class LlmParams(Params):
    model: Annotated[str, Ref("Model", accepts=("Generate",))]
    """Which Model to ask."""
    prompt: Annotated[str, Field(max_length=200_000)]
    """The question."""
    system: Annotated[str, Field(max_length=50_000)] | None = None
    """Who the model is to be, and what it is to heed."""
    schema_: dict[str, Json] | None = None
    """The JSON Schema that the answer must have; it then comes out as `json`."""
    temperature: Annotated[float, Field(ge=0, le=2)] = 0
    """0: the likeliest answer, always the same as far as the server can."""
    max_tokens: Annotated[int, Field(ge=1, le=100_000)] | None = None
    """The most that the answer may have."""
    seed: int | None = None
    """The same seed, the same answer, as far as the server can."""


class LlmUsage(Output):
    prompt_tokens: int
    output_tokens: int
    cached_tokens: int | None = None
    """Those of the prompt that the model had not to read anew."""


class LlmOutput(Output):
    text: str
    """The answer as it is."""
    json_: Annotated[Json | None, SchemaOf("with.schema")] = None
    """The answer as a value, where `schema` is given."""
    cut: bool
    """Whether the answer was cut short, by `maxTokens` or by the model's context."""
    usage: LlmUsage
    """What it took, the second try included."""


@node(
    traits=(Trait.LIGHT, Trait.IDEMPOTENT),
    timeout="5m",
    examples=(
        Example(
            with_={"model": "small", "prompt": "What is the capital of France?"},
            output={"text": "Paris.", "cut": False, "usage": {"promptTokens": 14, "outputTokens": 3}},
            needs="network",
        ),
        Example(
            description="An answer that other nodes can compute with.",
            with_={
                "model": "small",
                "system": "Sort mail from customers.",
                "prompt": "My parcel is broken!",
                "schema": {
                    "type": "object",
                    "properties": {"topic": {"type": "string", "enum": ["damage", "delay", "other"]}},
                    "required": ["topic"],
                },
            },
            output={
                "text": '{"topic": "damage"}',
                "json": {"topic": "damage"},
                "cut": False,
                "usage": {"promptTokens": 31, "outputTokens": 7},
            },
            needs="network",
        ),
        Example(
            with_={"model": "small", "prompt": "Say yes or no.", "schema": {"type": "bool"}},
            fails="InvalidParameters",
        ),
    ),
)
async def run(params: LlmParams, ctx: Context) -> LlmOutput:
    messages = [{"role": "user", "content": params.prompt}]
    if params.system is not None:
        messages.insert(0, {"role": "system", "content": params.system})
    if params.schema_ is None:
        answer = await _ask(ctx, params, messages)
        return _build_output(ctx, answer, [answer])
    return await _ask_for_json(ctx, params, params.schema_, messages)


async def _ask_for_json(
    ctx: Context, params: LlmParams, schema: dict[str, Json], messages: list[dict[str, str]]
) -> LlmOutput:
    """Ask, and once more if the answer misses the schema: the model is shown its answer and what is wrong with it."""
    from headgate_core.answers import decide_answer  # noqa: PLC0415 - only what has a schema pays for it

    _require_sane(schema)
    asked: list[Completion] = []
    for is_last in (False, True):
        answer = await _ask(ctx, params, messages, schema)
        asked.append(answer)
        value, faults = decide_answer(answer.text, schema)
        if not faults:
            return _build_output(ctx, answer, asked, value)
        if answer.finish == "length":
            message = "the answer was cut short, and what there is of it is no JSON of the schema"
            raise NodeError("AnswerCut", f"{message}: raise `maxTokens`, or ask for less at once")
        told = "; ".join(faults[:MOST_TOLD])
        if is_last:
            message = f"the answer of `{params.model}` misses the schema, and so does its second: {told}"
            raise NodeError("InvalidAnswer", f"{message}: say in the prompt what is meant, or take a larger model")
        ctx.log.warning("the answer misses the schema, the model is told so", faults=faults[:MOST_TOLD])
        wrong = f"That answer misses the JSON Schema: {told}. Answer again with the corrected JSON and nothing else."
        messages = [*messages, {"role": "assistant", "content": answer.text}, {"role": "user", "content": wrong}]
    raise AssertionError("the last try returns or raises")


async def _ask(
    ctx: Context, params: LlmParams, messages: list[dict[str, str]], schema: Mapping[str, Json] | None = None
) -> Completion:
    question: dict[str, Any] = {"messages": messages, "temperature": params.temperature}
    if params.max_tokens is not None:
        question["max_tokens"] = params.max_tokens
    if params.seed is not None:
        question["seed"] = params.seed
    if schema is not None:
        question["response_format"] = {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema}}
    answer = await chat(ctx, params.model, question)
    if answer.refusal or answer.finish == "content_filter":
        said = f": {answer.refusal[:500]}" if answer.refusal else ""
        raise NodeError("AnswerWithheld", f"the model `{params.model}` declines to answer{said}")
    return answer


def _require_sane(schema: Mapping[str, Json]) -> None:
    from headgate_lang.schema import check_schema  # noqa: PLC0415 - as above

    if faults := check_schema(schema):
        told = "; ".join(f"schema.{fault}" for fault in faults[:MOST_TOLD])
        raise NodeError("InvalidParameters", told)


def _build_output(ctx: Context, answer: Completion, asked: list[Completion], value: Json = None) -> LlmOutput:
    known = [one.usage for one in asked if one.usage is not None]
    if len(known) < len(asked):
        ctx.log.warning("the model does not tell its usage: its tokens are not counted")
    cut = answer.finish == "length"
    if cut:
        ctx.log.warning("the answer was cut short: raise `maxTokens`, or take a model with a larger context")
    return LlmOutput(text=answer.text, json_=value, cut=cut, usage=_sum_up(known))


def _sum_up(known: list[Usage]) -> LlmUsage:
    cached = sum(one.cached for one in known)
    return LlmUsage(
        prompt_tokens=sum(one.prompt for one in known),
        output_tokens=sum(one.output for one in known),
        cached_tokens=cached or None,
    )
