"""`ctx`: what a node is given beside its parameters, made at first use and removed after."""

import asyncio
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from headgate_node import Context, Credential, Example, Model, NodeError, Output, Params, node
from headgate_node.lookup import UnknownNodeError, find_node
from headgate_node.testing import run_node

EXAMPLES = (Example(output={}), Example(output={}))
NOW = datetime(2026, 11, 21, 5, 30, tzinfo=UTC)


class Seen(Output):
    value: Any = None


def see(look: Any, **more: Any) -> Any:
    """What a node sees of its context."""

    @node(traits=(), examples=EXAMPLES)
    async def run(params: Params, ctx: Context) -> Seen:
        seen = look(ctx)
        return Seen(value=await seen if asyncio.iscoroutine(seen) else seen)

    return asyncio.run(run_node(run, **more)).get("value")


def test_the_scratch_folder_is_empty_and_goes_with_the_attempt() -> None:
    def look(ctx: Context) -> str:
        assert list(ctx.scratch.iterdir()) == []
        (ctx.scratch / "a").write_text("b")
        return str(ctx.scratch)

    assert not Path(see(look)).exists()


def test_the_clock_the_deadline_and_the_key_are_given() -> None:
    assert see(lambda ctx: ctx.now().isoformat(), now=lambda: NOW) == "2026-11-21T05:30:00+00:00"
    assert 4 < see(lambda ctx: ctx.remaining(), timeout=5.0) <= 5
    assert see(lambda ctx: ctx.deadline) > time.monotonic() + 50
    assert see(lambda ctx: [ctx.attempt, ctx.idempotency_key], attempt=3)[0] == 3


def test_what_is_written_progressed_and_streamed_is_a_line_with_its_place() -> None:
    lines: list[Any] = []

    def look(ctx: Context) -> None:
        ctx.log.warning("slow", seconds=3)
        ctx.progress(1, 2)
        ctx.stream("piece")

    see(look, log=lines.append)
    assert [line["type"] for line in lines] == ["log", "progress", "stream"]
    assert lines[0]["values"] == {"seconds": 3}
    assert {line["attempt"] for line in lines} == {1}


def test_credentials_and_models_are_given_by_name_or_told_to_be_missing() -> None:
    held = Credential("apiKey", {"key": "s3cret"}, ("*.example.com", "a.example:8443"))
    assert see(lambda ctx: ctx.credential("blog").values["key"], credentials={"blog": held}) == "s3cret"
    assert see(lambda ctx: ctx.model("small").url, models={"small": Model("http://m/v1", "smol")}) == "http://m/v1"
    assert "s3cret" not in repr(held)
    assert [held.allows(host) for host in ("x.example.com", "example.com", "a.example:8443", "a.example")] == [
        True,
        False,
        True,
        False,
    ]
    with pytest.raises(NodeError, match="was not given the credential 'blog'"):
        see(lambda ctx: ctx.credential("blog"))
    with pytest.raises(NodeError, match="was not told where the model 'small' is"):
        see(lambda ctx: ctx.model("small"))


def test_a_test_has_the_time_that_it_says() -> None:
    with pytest.raises(NodeError, match=r"not done after 0\.01 s") as raised:
        see(lambda ctx: asyncio.sleep(5), timeout=0.01)
    assert raised.value.reason == "Timeout"


@pytest.mark.parametrize("name", ["set", "switch", "hmac-verify"])
def test_a_node_is_found_by_its_name(name: str) -> None:
    assert find_node("headgate_core", name).name == name
    assert find_node("headgate_core", name, 1).version == 1


@pytest.mark.parametrize(
    ("name", "version", "said"),
    [
        ("nonesuch", None, "nothing in `headgate_core` is called so"),
        ("set", 2, "there is no set@2 in this image: it has set@1"),
        ("formats", None, "nothing in `headgate_core` is called so"),
        ("../set", None, "is no name of a node"),
        ("_set", None, "is no name of a node"),
    ],
)
def test_a_node_that_is_not_there_is_told_with_what_is(name: str, version: int | None, said: str) -> None:
    with pytest.raises(UnknownNodeError, match=said.replace("`", ".")):
        find_node("headgate_core", name, version)
