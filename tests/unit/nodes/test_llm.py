"""`llm`: asks, listens, holds the model to a schema, waits for one that is busy, and tells what went wrong."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from headgate_core.chat import MAX_TRIES, decide_wait
from headgate_node import Model, NodeError
from headgate_node.testing import run_node
from support.chat_peer import chunk, closing, fail, read_asked, run_chat_peer, say, stream
from support.http_peer import Peer
from support.http_wire import build_answer

KEY = "sk-s3cret"
TOPIC = {"type": "object", "properties": {"topic": {"enum": ["damage", "other"]}}, "required": ["topic"]}
SOON = "retry-after-ms: 1"


@dataclass
class Asked:
    """What came of a run: what the server was asked, what the log was told, the output."""

    peer: Peer
    lines: list[Mapping[str, Any]] = field(default_factory=list)
    output: dict[str, Any] = field(default_factory=dict)

    def told(self, type_: str) -> list[str]:
        return [line["text" if type_ == "stream" else "message"] for line in self.lines if line["type"] == type_]


def ask(*answers: bytes, in_cluster: bool = True, timeout: float = 30.0, **with_: Any) -> Asked:
    async def run() -> Asked:
        async with run_chat_peer(answers) as peer:
            asked = Asked(peer)
            model = Model(f"http://127.0.0.1:{peer.ports[False]}/v1", "served-name", KEY, in_cluster)
            given = {"model": "small", "prompt": "What is the capital of France?", **with_}
            asked.output = await run_node(
                "llm", given, models={"small": model}, log=asked.lines.append, timeout=timeout
            )
            return asked

    return asyncio.run(run())


def refuse(*answers: bytes, **more: Any) -> NodeError:
    with pytest.raises(NodeError) as raised:
        ask(*answers, **more)
    assert KEY not in raised.value.message
    return raised.value


def test_the_answer_comes_whole_with_its_usage() -> None:
    assert ask(say("Par", "is", ".")).output == {
        "text": "Paris.",
        "cut": False,
        "usage": {"promptTokens": 14, "outputTokens": 3},
    }


def test_the_model_is_asked_in_openais_words() -> None:
    asked = ask(say("Paris."), system="Be short.", temperature=0.5, maxTokens=20, seed=7)
    assert read_asked(asked.peer) == {
        "model": "served-name",
        "messages": [
            {"role": "system", "content": "Be short."},
            {"role": "user", "content": "What is the capital of France?"},
        ],
        "temperature": 0.5,
        "max_tokens": 20,
        "seed": 7,
        "stream": True,
        "stream_options": {"include_usage": True, "continuous_usage_stats": True},
    }
    assert f"authorization: Bearer {KEY}".encode() in asked.peer.requests[0]


def test_the_answer_is_told_in_the_log_while_it_arrives_and_not_a_line_a_token() -> None:
    asked = ask(say(*["word "] * 100))
    assert "".join(asked.told("stream")) == "word " * 100 == asked.output["text"]
    assert 1 <= len(asked.told("stream")) <= 6


def test_tokens_that_were_cached_are_told_apart() -> None:
    output = ask(stream(chunk("Paris."), chunk("", "stop"), closing(900, 3, cached=896), "[DONE]")).output
    assert output["usage"] == {"promptTokens": 900, "cachedTokens": 896, "outputTokens": 3}


def test_a_server_that_does_not_stream_is_understood() -> None:
    message = {"role": "assistant", "content": "Paris.", "refusal": None}
    whole = {"choices": [{"message": message, "finish_reason": "stop"}], "usage": closing()["usage"]}
    asked = ask(build_answer(json.dumps(whole).encode(), "Content-Type: application/json"))
    assert (asked.output["text"], asked.told("stream")) == ("Paris.", ["Paris."])


def test_a_server_that_does_not_tell_its_usage_is_told_on() -> None:
    asked = ask(stream(chunk("Paris."), chunk("", "stop"), "[DONE]"))
    assert asked.output["usage"] == {"promptTokens": 0, "outputTokens": 0}
    assert asked.told("log") == ["the model does not tell its usage: its tokens are not counted"]


def test_an_answer_that_was_cut_says_so() -> None:
    asked = ask(say("Paris is", finish="length"), maxTokens=2)
    assert asked.output["cut"] is True
    assert "raise `maxTokens`" in asked.told("log")[0]


# Answers by a schema


def test_an_answer_of_the_schema_comes_out_as_a_value() -> None:
    asked = ask(say('{"topic"', ': "damage"}'), schema=TOPIC)
    assert asked.output["json"] == {"topic": "damage"}
    wanted = {"type": "json_schema", "json_schema": {"name": "answer", "schema": TOPIC}}
    assert read_asked(asked.peer)["response_format"] == wanted


def test_an_answer_that_is_dressed_up_is_understood() -> None:
    assert ask(say('```json\n{"topic": "other"}\n```\n'), schema=TOPIC).output["json"] == {"topic": "other"}


def test_an_answer_that_misses_the_schema_is_sent_back_once_and_both_are_paid_for() -> None:
    asked = ask(say('{"topic": "weather"}'), say('{"topic": "other"}'), schema=TOPIC)
    assert asked.output["json"] == {"topic": "other"}
    assert asked.output["usage"] == {"promptTokens": 28, "outputTokens": 6}
    *_, answered, told = read_asked(asked.peer, 1)["messages"]
    assert answered == {"role": "assistant", "content": '{"topic": "weather"}'}
    assert 'topic is "weather", must be one of "damage", "other"' in told["content"]


def test_a_second_answer_that_misses_it_fails_and_no_third_is_asked_for() -> None:
    error = refuse(say("Well,"), say("[]"), say('{"topic": "other"}'), schema=TOPIC)
    assert error.reason == "InvalidAnswer"
    assert "the answer is a list, must be an object" in error.message


def test_an_answer_that_was_cut_is_not_asked_for_again() -> None:
    error = refuse(say('{"topic": "da', finish="length"), say('{"topic": "other"}'), schema=TOPIC, maxTokens=5)
    assert error.reason == "AnswerCut"
    assert "raise `maxTokens`" in error.message


def test_a_schema_that_is_none_is_told_before_anybody_is_asked() -> None:
    error = refuse(say("x"), schema={"type": "objekt"})
    assert (error.reason, "`objekt` is no type" in error.message) == ("InvalidParameters", True)


# Models that are busy


@pytest.mark.parametrize("status", ["429 Too Many Requests", "503 Service Unavailable"])
def test_a_model_that_is_busy_is_asked_again_when_it_says(status: str) -> None:
    busy = fail(status, {"error": {"message": f"slow down, {KEY}"}}, SOON)
    asked = ask(busy, busy, say("Paris."))
    assert (asked.output["text"], len(asked.peer.requests)) == ("Paris.", 3)
    assert asked.told("log") == ["the model is busy"] * 2
    assert KEY not in json.dumps(asked.lines)


def test_a_model_that_stays_busy_fails_with_its_status_and_what_it_asks() -> None:
    error = refuse(fail("503 Service Unavailable", {"error": "loading"}, "Retry-After: 60"), timeout=5.0)
    assert (error.reason, error.status, error.retry_after) == ("HttpStatus", 503, 60.0)
    assert error.message == "the model `small` answers 503: loading"


def test_a_model_that_is_not_up_is_asked_again_while_there_is_time() -> None:
    lines: list[Mapping[str, Any]] = []

    async def run() -> None:
        async with run_chat_peer([b""]) as peer:
            url = f"http://127.0.0.1:{peer.ports[False]}/v1"
        models = {"small": Model(url, "m", in_cluster=True)}
        await run_node("llm", {"model": "small", "prompt": "?"}, models=models, log=lines.append, timeout=1.4)

    with pytest.raises(NodeError) as raised:
        asyncio.run(run())
    assert raised.value.reason == "ConnectFailed"
    assert {line["message"] for line in lines} == {"the model is busy"}


@pytest.mark.parametrize(
    ("asked", "tried", "remaining", "wait"),
    [
        (7.0, 1, 60.0, 7.0),
        (0.0, 3, 60.0, 0.0),
        (61.0, 1, 60.0, None),
        (1.0, MAX_TRIES, 60.0, None),
        (None, 1, 60.0, 0.5),
        (None, 4, 60.0, 4.0),
        (None, 7, 60.0, 15.0),
        (None, 1, 0.4, None),
    ],
)
def test_the_wait_grows_ends_with_the_nodes_time_and_is_what_the_server_asks(
    asked: float | None, tried: int, remaining: float, wait: float | None
) -> None:
    assert decide_wait(asked, tried, remaining, 1.0) == wait


def test_pods_that_were_refused_together_do_not_come_back_together() -> None:
    assert decide_wait(None, 3, 60.0, 0.0) == 1.0
    assert decide_wait(None, 3, 60.0, 0.5) == 1.5


# What goes wrong


@pytest.mark.parametrize(
    "said",
    [
        {
            "error": {
                "message": "This model's maximum context length is 2048 tokens. However, you requested 3000 tokens"
            }
        },
        {
            "object": "error",
            "message": "The decoder prompt (length 2100) is longer than the maximum model length of 2048.",
        },
        {"error": {"message": "Please reduce your prompt.", "code": "context_length_exceeded"}},
        {"error": "prompt is too long: 210000 tokens > 200000 maximum"},
    ],
)
def test_a_prompt_that_is_too_long_is_told_as_such(said: Any) -> None:
    error = refuse(fail("400 Bad Request", said))
    assert error.reason == "ContextTooLong"
    assert error.message.endswith("lower `maxTokens`, or choose a model with a larger context")


@pytest.mark.parametrize(
    ("status", "said", "message"),
    [
        ("401 Unauthorized", {"error": {"message": f"Incorrect API key: {KEY}"}}, "Incorrect API key: ***: an admin"),
        (
            "404 Not Found",
            {"object": "error", "message": "no such model", "code": 404},
            "no such model (404): an admin",
        ),
        ("400 Bad Request", {"error": {"message": "temperature?"}}, "answers 400: temperature?"),
        ("500 Internal Server Error", {}, "answers 500: {}"),
        ("302 Found", {}, "answers 302"),
    ],
)
def test_what_a_server_refuses_is_told_in_its_words(status: str, said: Any, message: str) -> None:
    error = refuse(fail(status, said, "Location: /elsewhere"))
    assert (error.reason, error.status) == ("HttpStatus", int(status[:3]))
    assert message in error.message


def test_an_error_in_the_middle_of_an_answer_is_told() -> None:
    error = refuse(stream(chunk("Par"), {"error": {"message": "EngineCore died", "code": 500}}, "[DONE]"))
    assert (error.reason, "EngineCore died (500)" in error.message) == ("InvalidAnswer", True)


@pytest.mark.parametrize(
    "answer",
    [
        stream(chunk("Par")),
        stream("{"),
        stream("[]"),
        stream({"choices": [{"delta": 7}]}),
        build_answer(b"<html>", "Content-Type: text/html"),
    ],
)
def test_what_is_no_whole_answer_is_none(answer: bytes) -> None:
    assert refuse(answer).reason == "InvalidAnswer"


def test_a_connection_that_breaks_is_told() -> None:
    assert refuse(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\ndata:").reason == "InvalidResponse"


@pytest.mark.parametrize(
    "answer",
    [
        stream({"choices": [{"delta": {"refusal": "I can't."}}]}, chunk(None, "stop"), "[DONE]"),
        stream(chunk("x"), chunk(None, "content_filter"), "[DONE]"),
    ],
)
def test_a_model_that_declines_is_no_answer(answer: bytes) -> None:
    assert refuse(answer).reason == "AnswerWithheld"


# Two paths


def test_a_model_outside_is_reached_by_the_guarded_client() -> None:
    assert refuse(say("Paris."), in_cluster=False).reason == "InsecureRefused"
    models = {"small": Model("https://127.0.0.1/v1", "m", KEY)}
    with pytest.raises(NodeError) as raised:
        asyncio.run(run_node("llm", {"model": "small", "prompt": "?"}, models=models))
    assert raised.value.reason == "AddressRefused"


@pytest.mark.parametrize("url", ["http://169.254.169.254/v1", "http://[fd00:ec2::254]/v1", "http://100.100.100.200/v1"])
def test_not_even_a_model_of_the_cluster_is_a_metadata_service(url: str) -> None:
    models = {"small": Model(url, "m", in_cluster=True)}
    with pytest.raises(NodeError) as raised:
        asyncio.run(run_node("llm", {"model": "small", "prompt": "?"}, models=models))
    assert raised.value.reason == "AddressRefused"
