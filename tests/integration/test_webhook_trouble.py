"""A webhook that cannot serve at first: it tries on, and whoever carries out Runs never hears of it."""

import asyncio
import socket
from datetime import UTC, datetime

import pytest

from headgate.handlers import webhook
from headgate.handlers.catalogue import Models
from headgate.handlers.metrics import Metrics
from headgate.handlers.webhook import Admission, WebhookServer
from headgate.handlers.world import build_world
from headgate.kube.client import Client
from headgate.settings import Webhook
from support.fake_api import run_fake_api


async def can_connect(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


def test_a_port_that_is_taken_is_served_once_it_is_free(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook, "_FIRST_SECONDS", 0.05)

    async def whole() -> None:
        async with run_fake_api() as api, Client(api.access) as client, asyncio.timeout(20):
            with socket.create_server(("", 0)) as taken:
                port = taken.getsockname()[1]
                admission = Admission(build_world(), client, Models(), Metrics())
                server = WebhookServer(admission, Webhook(port, "localhost", "", "cert"), "headgate", client)
                serving = asyncio.create_task(server.keep(lambda: True, lambda: datetime.now(UTC)))
                while ("secrets", "headgate", "cert") not in api.things:  # noqa: ASYNC110 - a thing of the fake
                    await asyncio.sleep(0.02)
                await asyncio.sleep(0.3)
                assert not serving.done()
            while not await can_connect(port):  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.05)
            serving.cancel()
            await server.stop()

    asyncio.run(whole())
