"""An API server that is none, in a thread of its own, for commands that run an event loop of theirs."""

import asyncio
import queue
import threading
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from aiohttp import web

from support.cli import Ran, headgate
from support.fake_api import FakeApi, run_fake_api

Command = Callable[..., Ran]


@dataclass(frozen=True, slots=True)
class Served:
    api: FakeApi
    loop: asyncio.AbstractEventLoop
    """In which it runs: what happens while a command runs is done there."""


@pytest.fixture
def served() -> Iterator[Served]:
    started: queue.Queue[Served] = queue.Queue()
    end = asyncio.Event()

    async def serve() -> None:
        async with run_fake_api() as fake:
            started.put(Served(fake, asyncio.get_running_loop()))
            await end.wait()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    found = started.get(timeout=5)
    yield found
    found.loop.call_soon_threadsafe(end.set)
    thread.join(5)


@pytest.fixture
def api(served: Served) -> FakeApi:
    return served.api


@pytest.fixture
def loop(served: Served) -> asyncio.AbstractEventLoop:
    return served.loop


def begin(api: FakeApi, command: Command, *words: str) -> Callable[[], Ran]:
    """A command that watches, and does so by now. What is given back waits for its end."""
    ran: list[Ran] = []
    watcher = threading.Thread(target=lambda: ran.append(command(*words)))
    watcher.start()
    while not api.watches:
        time.sleep(0.01)

    def end() -> Ran:
        watcher.join(10)
        return ran[0]

    return end


def sign_in(api: FakeApi, user: str, *groups: str, allowed: Collection[str] = ("list", "patch")) -> None:
    """Whoever asks that API server is this person, and RBAC lets them do these verbs."""

    async def review(request: web.Request) -> web.StreamResponse | None:
        if request.path.endswith("/selfsubjectreviews"):
            return web.json_response({"status": {"userInfo": {"username": user, "groups": groups}}})
        if request.path.endswith("/selfsubjectaccessreviews"):
            asked = (await request.json())["spec"]["resourceAttributes"]
            return web.json_response({"status": {"allowed": asked["verb"] in allowed}})
        return None

    api.standing = review


@pytest.fixture
def kubeconfig(api: FakeApi, tmp_path: Path) -> Path:
    """It leads to that API server."""
    file = tmp_path / "kubeconfig"
    content: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "test",
        "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test", "namespace": "docs"}}],
        "clusters": [{"name": "test", "cluster": {"server": api.access.server}}],
        "users": [{"name": "test", "user": {}}],
    }
    file.write_text(yaml.safe_dump(content))
    return file


@pytest.fixture
def command(kubeconfig: Path) -> Command:
    """`headgate` with that kubeconfig."""

    def run(*arguments: str, **more: Any) -> Ran:
        return headgate(arguments[0], "--kubeconfig", str(kubeconfig), *arguments[1:], **more)

    return run
