"""Admission through a real API server and a real kubectl: a list of problems, warnings, and no harm when it is down."""

import asyncio
import json
import ssl
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from cluster.errors import CommandError
from cluster.kubectl import Kubectl
from cluster.settings import Settings
from headgate.compiler.catalogue import builtin
from headgate.handlers.catalogue import Models
from headgate.handlers.certificates import LIFETIME, hosts_of, make_apart
from headgate.handlers.metrics import Metrics
from headgate.handlers.webhook import PATH, Admission, WebhookServer
from headgate.handlers.world import World, build_world
from headgate.kube.client import Client
from headgate.names import API_VERSION, GROUP
from headgate.settings import Webhook
from support.api_access import access_to

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("crds")]

BROKEN = """
apiVersion: headgate.dev/v1alpha1
kind: Workflow
metadata: {name: release-notes}
spec:
  nodes:
  - {name: commits, use: http, with: {url: "https://git.example/", retries: 3}}
  - {name: draft, use: text, with: {text: "${comits.body}"}}
"""
DOUBTFUL = """
apiVersion: headgate.dev/v1alpha1
kind: Workflow
metadata: {name: doubtful}
spec:
  nodes:
  - {name: greet, use: sett, with: {text: hello}}
"""
GOOD = """
apiVersion: headgate.dev/v1alpha1
kind: Workflow
metadata: {name: hello}
spec:
  inputs: {name: {type: string}}
  nodes:
  - {name: greet, use: set, with: {text: "${inputs.name}"}}
  outputs: {text: "${greet.text}"}
"""


def known_world() -> World:
    """Node types are those that come with Headgate; of all else there is nothing."""
    world = build_world()
    for number, kind in enumerate(builtin(), 1):
        thing = kind.model_dump(mode="json", by_alias=True, exclude_unset=True)
        thing["metadata"] |= {"uid": str(number), "resourceVersion": str(number)}
        world.node_types.put(thing)
    for _, cache in world:
        cache.replace(cache.names, 0)
    return world


@contextmanager
def served(settings: Settings, namespace: str, configuration: str) -> Iterator[int]:
    """The webhook, in a thread of its own, as a replica that leads."""
    ready, stop, port = threading.Event(), threading.Event(), [0]

    async def serve() -> None:
        async with Client(access_to(settings)) as client:
            admission = Admission(known_world(), client, Models(), Metrics())
            server = WebhookServer(
                admission, Webhook(0, settings.network.host, configuration, "cert"), namespace, client
            )
            task = asyncio.create_task(server.keep(lambda: True, lambda: datetime.now(UTC)))
            while not stop.is_set():
                if server.port:
                    port[0] = server.port
                    ready.set()
                await asyncio.sleep(0.05)
            task.cancel()
            await server.stop()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    try:
        assert ready.wait(10)
        yield port[0]
    finally:
        stop.set()
        thread.join(10)


def address_of(settings: Settings, port: int) -> str:
    """Where the API server finds a server of this machine."""
    return f"https://{settings.network.host}:{port}{PATH}"


def configuration(name: str, namespace: str, url: str) -> dict[str, Any]:
    rule = {"apiGroups": [GROUP], "apiVersions": ["*"], "operations": ["CREATE", "UPDATE"]}
    webhook = {
        "name": f"{name}.{GROUP}",
        "clientConfig": {"url": url},
        "rules": [{**rule, "resources": ["workflows", "runs"], "scope": "Namespaced"}],
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}},
        "failurePolicy": "Ignore",
        "sideEffects": "None",
        "admissionReviewVersions": ["v1"],
        "timeoutSeconds": 5,
    }
    head = {"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration"}
    return {**head, "metadata": {"name": name}, "webhooks": [webhook]}


@pytest.fixture
def webhook(kubectl: Kubectl, cluster_settings: Settings, namespace: str) -> Iterator[None]:
    name = f"headgate-test-{uuid.uuid4().hex[:8]}"
    kubectl.apply(configuration(name, namespace, address_of(cluster_settings, 1)))
    try:
        with served(cluster_settings, namespace, name) as port:
            url = address_of(cluster_settings, port)
            patch = [{"op": "replace", "path": "/webhooks/0/clientConfig/url", "value": url}]
            kubectl("patch", "validatingwebhookconfiguration", name, "--type=json", "-p", json.dumps(patch))
            kubectl.wait("validatingwebhookconfiguration", name, until=_is_trusted)
            _until_asked(kubectl, namespace)
            yield
    finally:
        kubectl("delete", "validatingwebhookconfiguration", name)


def _is_trusted(found: Any) -> bool:
    return "caBundle" in found["webhooks"][0]["clientConfig"]


def _until_asked(kubectl: Kubectl, namespace: str) -> None:
    """The API server takes a moment to hear of a new configuration."""
    for _ in range(100):
        try:
            kubectl("create", "--dry-run=server", "-n", namespace, "-f", "-", stdin=BROKEN)
        except CommandError:
            return
    raise AssertionError("the API server never asks")


@pytest.mark.usefixtures("webhook")
def test_kubectl_prints_every_problem_on_a_line_and_warnings(kubectl: Kubectl, namespace: str) -> None:
    with pytest.raises(CommandError) as told:
        kubectl("apply", "-n", namespace, "-f", "-", stdin=BROKEN)
    text = str(told.value)
    assert 'The Workflow "release-notes" is invalid:' in text
    assert "* spec.nodes[commits].with.retries: `http` has no parameter `retries`" in text
    assert "* spec.nodes[draft].with.text: there is no node `comits`: did you mean `commits`? [UnknownNode]" in text
    kubectl("apply", "-n", namespace, "-f", "-", stdin=DOUBTFUL)
    kubectl("apply", "-n", namespace, "-f", "-", stdin=GOOD)
    with pytest.raises(CommandError) as told:
        kubectl("apply", "-n", namespace, "-f", "-", stdin=run_of("hello"))
    assert 'The Run "r" is invalid:' in str(told.value)
    assert "name" in str(told.value)
    kubectl("apply", "-n", namespace, "-f", "-", stdin=run_of("hello", name="Ana"))


def run_of(workflow: str, **inputs: str) -> str:
    spec = {"workflow": workflow, "inputs": inputs}
    return json.dumps({"apiVersion": API_VERSION, "kind": "Run", "metadata": {"name": "r"}, "spec": spec})


def test_when_it_is_down_the_cluster_works_on(kubectl: Kubectl, cluster_settings: Settings, namespace: str) -> None:
    name = f"headgate-test-{uuid.uuid4().hex[:8]}"
    kubectl.apply(configuration(name, namespace, address_of(cluster_settings, 1)))
    try:
        kubectl("apply", "-n", namespace, "-f", "-", stdin=BROKEN)
    finally:
        kubectl("delete", "validatingwebhookconfiguration", name)


def test_a_certificate_that_another_process_made_is_one_and_trusts_the_one_before() -> None:
    hosts, now = hosts_of("headgate-webhook", "headgate"), datetime.now(UTC)
    first = asyncio.run(make_apart(hosts, now))
    second = asyncio.run(make_apart(hosts, now, first))
    assert (second.hosts, second.until) == (hosts, now + LIFETIME)
    assert second.trusted == second.chain + first.chain
    second.load_into(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))
