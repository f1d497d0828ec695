"""An API server that is none, in a thread of its own, for commands that run an event loop of theirs."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from support.cli import Ran, headgate
from support.fake_api import FakeApi, run_fake_api

Command = Callable[..., Ran]


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    """In which the API server runs: what happens while a command runs is done there."""
    made = asyncio.new_event_loop()
    yield made
    made.close()


@pytest.fixture
def api(loop: asyncio.AbstractEventLoop) -> Iterator[FakeApi]:
    started: list[FakeApi] = []
    ready, end = threading.Event(), asyncio.Event()

    async def serve() -> None:
        async with run_fake_api() as fake:
            started.append(fake)
            ready.set()
            await end.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    assert ready.wait(5)
    yield started[0]
    loop.call_soon_threadsafe(end.set)
    thread.join(5)


@pytest.fixture
def command(api: FakeApi, tmp_path: Path) -> Command:
    """`headgate` with a kubeconfig that leads to that API server."""
    kubeconfig = tmp_path / "kubeconfig"
    content: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "test",
        "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test", "namespace": "docs"}}],
        "clusters": [{"name": "test", "cluster": {"server": api.access.server}}],
        "users": [{"name": "test", "user": {}}],
    }
    kubeconfig.write_text(yaml.safe_dump(content))

    def run(*arguments: str, **more: Any) -> Ran:
        return headgate(arguments[0], "--kubeconfig", str(kubeconfig), *arguments[1:], **more)

    return run
