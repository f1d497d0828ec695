"""`llm` against aimock, which speaks OpenAI's protocol by the book of its own authors and not by ours."""

import asyncio
import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from headgate_node import Model, NodeError
from headgate_node.testing import run_node
from support.npm import AIMOCK, fetch, serve

KEY = "sk-for-tests"
TOPIC = {"type": "object", "properties": {"topic": {"enum": ["damage", "other"]}}, "required": ["topic"]}
LONG = "An answer that is never whole, since the server goes away in the middle of it. " * 20
FIXTURES = [
    {
        "match": {"userMessage": "capital of France", "systemMessage": "Be short."},
        "response": {"content": "Paris, of course.", "usage": {"prompt_tokens": 14, "completion_tokens": 3}},
    },
    {
        "match": {"userMessage": "busy", "sequenceIndex": 0},
        "response": {"error": {"message": "slow down", "type": "rate_limit_error"}, "status": 429, "retryAfter": 1},
    },
    {"match": {"userMessage": "busy", "sequenceIndex": 1}, "response": {"content": "Here I am."}},
    {
        "match": {"userMessage": "mail", "responseFormat": "json_schema", "turnIndex": 0},
        "response": {"content": '{"topic": "weather"}'},
    },
    {"match": {"responseFormat": "json_schema", "turnIndex": 1}, "response": {"content": '{"topic": "other"}'}},
    {"match": {"userMessage": "breaks off"}, "response": {"content": LONG}, "latency": 20, "disconnectAfterMs": 200},
    {"match": {"userMessage": "cut"}, "response": {"content": "An answer that", "finishReason": "length"}},
    {
        "match": {"userMessage": "novel"},
        "response": {
            "error": {
                "message": "This model's maximum context length is 8192 tokens.",
                "type": "invalid_request_error",
                "code": "context_length_exceeded",
            },
            "status": 400,
        },
    },
]


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    folder = tmp_path_factory.mktemp("aimock")
    (folder / "fixtures.json").write_text(json.dumps({"fixtures": FIXTURES}))
    program = fetch(AIMOCK) / ".bin" / "llmock"
    with serve(
        ["node", program, "-p", "0", "-f", "fixtures.json", "--strict"], folder, {"AIMOCK_API_KEYS": KEY}
    ) as one:
        yield one


def ask(port: int, prompt: str, key: str = KEY, **with_: Any) -> tuple[dict[str, Any], list[Mapping[str, Any]]]:
    lines: list[Mapping[str, Any]] = []
    models = {"small": Model(f"http://127.0.0.1:{port}/v1", "gpt-4o", key, in_cluster=True)}
    given = {"model": "small", "prompt": prompt, **with_}
    return asyncio.run(run_node("llm", given, models=models, log=lines.append)), lines


def refuse(port: int, prompt: str, **more: Any) -> NodeError:
    with pytest.raises(NodeError) as raised:
        ask(port, prompt, **more)
    return raised.value


def test_an_answer_is_streamed_and_its_usage_told(port: int) -> None:
    output, lines = ask(port, "What is the capital of France?", system="Be short.")
    usage = {"promptTokens": 14, "outputTokens": 3}
    assert output == {"text": "Paris, of course.", "cut": False, "usage": usage}
    assert "".join(line["text"] for line in lines if line["type"] == "stream") == "Paris, of course."


def test_a_model_that_is_busy_is_asked_again_when_it_says(port: int) -> None:
    output, lines = ask(port, "Are you busy?")
    assert output["text"] == "Here I am."
    assert [line["values"]["seconds"] for line in lines if line["type"] == "log"][:1] == [1.0]


def test_an_answer_that_misses_the_schema_is_mended_in_a_second_turn(port: int) -> None:
    output, _ = ask(port, "Sort this mail.", schema=TOPIC)
    assert output["json"] == {"topic": "other"}


def test_an_answer_that_is_cut_says_so(port: int) -> None:
    assert ask(port, "Be cut.")[0]["cut"] is True


def test_what_goes_wrong_has_its_reason(port: int) -> None:
    assert refuse(port, "Here is my novel.").reason == "ContextTooLong"
    assert refuse(port, "It breaks off.").reason == "InvalidResponse"
    wrong = refuse(port, "What is the capital of France?", key="sk-wrong")
    assert (wrong.reason, wrong.status) == ("HttpStatus", 401)
    assert "sk-wrong" not in wrong.message
