"""A webhook that cannot serve at first: it tries on, and whoever carries out Runs never hears of it."""

import asyncio
import base64
import logging
import socket
import ssl
from datetime import UTC, datetime
from typing import Any

import pytest

from headgate.handlers import webhook
from headgate.handlers.catalogue import Models
from headgate.handlers.certificates import Certificate, make_certificate, secret_data
from headgate.handlers.metrics import Metrics
from headgate.handlers.webhook import Admission, WebhookServer
from headgate.handlers.world import build_world
from headgate.kube.client import Client
from headgate.settings import Webhook
from support.fake_api import FakeApi, run_fake_api


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


@pytest.mark.parametrize(
    ("namespace", "name"),
    [
        ("docs", "../runs/nightly"),
        ("docs", "../../../../../../api/v1/namespaces/other/secrets/key"),
        ("docs/runs/nightly?", "x"),
        ("../namespaces/docs/runs/nightly#", "x"),
        ("docs", "%2e%2e/runs/nightly"),
        ("docs", "..\\runs\\nightly"),
        ("docs", ".."),
        ("..", "x"),
    ],
)
def test_whoever_reaches_the_port_has_nothing_read_that_is_no_workflow(namespace: str, name: str) -> None:
    """A Run stood among the workflows, in the place of the one of its name; and any Secret was read."""

    async def whole() -> None:
        async with run_fake_api() as api, Client(api.access) as client:
            head = {"apiVersion": "headgate.dev/v1alpha1", "kind": "Run"}
            api.put("headgate.dev/runs", {**head, "metadata": {"name": "nightly", "namespace": "docs"}, "spec": {}})
            api.put("secrets", {"metadata": {"name": "key", "namespace": "other"}})
            world = build_world()
            for _, cache in world:
                cache.replace((), 0)
            admission = Admission(world, client, Models(), Metrics())
            run = {**head, "metadata": {"name": "r", "namespace": namespace}, "spec": {"workflow": name}}
            asked = {"kind": {"kind": "Run"}, "operation": "CREATE", "namespace": namespace, "object": run}
            await admission._judge(asked)
            assert not api.calls
            assert not world.workflows.names

    asyncio.run(whole())


def test_a_secret_that_somebody_else_keeps_is_never_written_and_served_once_it_fits(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(webhook, "_FIRST_SECONDS", 0.02)
    monkeypatch.setattr(webhook, "_LOOK_SECONDS", 0.02)

    def put(api: FakeApi, certificate: Certificate) -> None:
        data = {name: text for name, text in secret_data(certificate).items() if name.startswith(("tls", "ca"))}
        annotations = {"cert-manager.io/certificate-name": "headgate"}
        metadata = {"name": "cert", "namespace": "headgate", "annotations": annotations}
        api.put("secrets", {"metadata": metadata, "data": data})

    async def whole() -> None:
        now = datetime.now(UTC)
        good = make_certificate(("127.0.0.1",), now)
        async with run_fake_api() as api, Client(api.access) as client, asyncio.timeout(20):
            put(api, make_certificate(("elsewhere",), now))
            hook = {"metadata": {"name": "headgate"}, "webhooks": [{"name": "w", "clientConfig": {}}]}
            api.put("admissionregistration.k8s.io/validatingwebhookconfigurations", hook)
            admission = Admission(build_world(), client, Models(), Metrics())
            server = WebhookServer(admission, Webhook(0, "127.0.0.1", "headgate", "cert"), "headgate", client)
            serving = asyncio.create_task(server.keep(lambda: True, lambda: datetime.now(UTC)))
            while len(api.calls) < 10:  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.02)
            assert api.writes == []
            put(api, good)
            while not server.port:  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.02)
            client_side = ssl.create_default_context(cadata=good.chain.decode())
            _, writer = await asyncio.open_connection("127.0.0.1", server.port, ssl=client_side)
            writer.close()
            put(api, make_certificate(("elsewhere",), now))
            calls = len(api.calls)
            while len(api.calls) < calls + 4:  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.02)
            serving.cancel()
            await server.stop()
            assert {call.split()[0] for call in api.writes} == {"PATCH"}
            assert all("validatingwebhookconfigurations" in call for call in api.writes)
            bundle = next(iter(hook_of(api)))["clientConfig"]["caBundle"]
            assert base64.b64decode(bundle) == good.trusted

    def hook_of(api: FakeApi) -> list[dict[str, Any]]:
        name = ("admissionregistration.k8s.io/validatingwebhookconfigurations", "", "headgate")
        found: list[dict[str, Any]] = api.things[name]["webhooks"]
        return found

    with caplog.at_level(logging.INFO):
        asyncio.run(whole())
    told = [
        (record.message, getattr(record, "error", "")) for record in caplog.records if record.name == webhook.__name__
    ]
    warnings = [message for message, error in told if "it is not one of 127.0.0.1" in error]
    assert warnings == ["admission is not served", "admission is served with what was there"], told
