"""A node of one's own, by the guide: a file, an image on top of Headgate's, a NodeType, `kubectl apply`. And what its
image may do is not for its type to say."""

import hashlib
import hmac
import json
import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from cluster.commands import run as run_command
from cluster.images import Image, build_images, import_images, read_settings
from cluster.images.buildah import Buildah
from cluster.images.lock import hold
from cluster.images.oci import write_archive
from cluster.kubectl import Kubectl
from cluster.manifests import build_workspace
from cluster.settings import Settings
from headgate.names import API_VERSION
from support.installed_kinds import install_kinds
from support.operator_process import ROOT, find_rival, run_operator
from support.run_stage import ENDED

SOURCE = ROOT / "tests/support/own_node"
WITHIN = {"PYTHONPATH": os.pathsep.join([str(ROOT / "node-images/sdk"), str(ROOT / "operator"), "."])}
KEY = uuid.uuid4().hex
SUFFIX = uuid.uuid4().hex[:6]
SEALING, CALLING = f"mood-{SUFFIX}", f"calling-{SUFFIX}"


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a person's image: the node of the guide, and one like it that claims to reach the Internet.
    NodeTypes are the cluster's, so they have names of their own."""
    folder = tmp_path_factory.mktemp("own") / "context"
    shutil.copytree(SOURCE, folder, ignore=shutil.ignore_patterns("__pycache__"))
    node = folder / "acme_nodes" / "mood.py"
    text = node.read_text(encoding="utf-8")
    claims = text.replace("traits=(Trait.IDEMPOTENT,)", "traits=(Trait.IDEMPOTENT, Trait.INTERNET)")
    node.with_name(f"calling_{SUFFIX}.py").write_text(claims, encoding="utf-8")
    node.rename(node.with_name(f"mood_{SUFFIX}.py"))
    return folder


@pytest.fixture(scope="module")
def image(context: Path, cluster_settings: Settings) -> Iterator[Image]:
    """Built on top of the core image of this tree, known to the cluster, and gone in the end."""
    settings = read_settings()
    (core,), work = build_images(settings, names=["core"]), context.parent
    reference = f"localhost/acme/nodes:{SUFFIX}"
    nothing = work / "nothing"
    nothing.mkdir()
    with hold(settings):
        buildah, log = Buildah(settings), work / "log"
        buildah.load(core, log)
        arguments = {"CORE": core.reference}
        buildah.build(
            reference, dockerfile=context / "Dockerfile", context=context, wheels=nothing, arguments=arguments, log=log
        )
        made = write_archive(buildah.export(reference, work / "export", log), reference, work / "image.tar")
    import_images([made], cluster_settings.containerd_socket)
    yield made
    ctr: list[str | Path] = ["ctr", "--address", cluster_settings.containerd_socket, "--namespace", "k8s.io"]
    run_command([*ctr, "images", "rm", made.reference, made.by_digest])


@pytest.fixture(scope="module")
def runs(
    kubectl: Kubectl, cluster_settings: Settings, context: Path, image: Image, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Any]]:
    """What became of a Run of each node, by name: all that is installed came by `kubectl apply`."""
    if rival := find_rival(kubectl):
        pytest.fail(f"{rival} carries out the Runs of all namespaces, these too: uninstall it, or let it watch one")
    namespace = f"own-{uuid.uuid4().hex[:8]}"
    generate = [sys.executable, "-m", "headgate_node.generating", "--types", "types.yaml"]
    command = [*generate, f"acme_nodes={image.by_digest}"]
    subprocess.run(command, cwd=context, env={**os.environ, **WITHIN}, check=True, timeout=60)
    types = (context / "types.yaml").read_text(encoding="utf-8")
    install_kinds(kubectl)
    kubectl.apply(build_workspace(namespace))
    try:
        kubectl("apply", "-f", "-", stdin=types)
        kubectl("apply", "-n", namespace, "-f", "-", stdin=yaml.safe_dump_all(objects(), sort_keys=False))
        trusted = {"TRUSTED_CREDENTIALS": "localhost/acme/*", "TRUSTED_NETWORK": "localhost/others/*"}
        with run_operator(cluster_settings, namespace, tmp_path_factory.mktemp("operator") / "log", **trusted):
            kubectl.wait("credential", "sealing", "-n", namespace, until=is_ready)
            for name in ("sealed", "calling"):
                document = {
                    "apiVersion": API_VERSION,
                    "kind": "Run",
                    "metadata": {"name": name, "namespace": namespace},
                }
                kubectl.apply({**document, "spec": {"workflow": name, "inputs": {"text": "I love it"}}})
            found = {
                name: kubectl.wait("hrun", name, "-n", namespace, until=has_ended) for name in ("sealed", "calling")
            }
            yield {name: one["status"] for name, one in found.items()}
    finally:
        kubectl("delete", "nodetypes", *(one["metadata"]["name"] for one in yaml.safe_load_all(types)), check=False)
        kubectl("delete", "namespace", namespace, "--wait=false", check=False)


def objects() -> Iterator[dict[str, Any]]:
    for name, use in (("sealed", SEALING), ("calling", CALLING)):
        node = {"name": "mood", "use": use, "with": {"text": "${inputs.text}", "credential": "sealing"}}
        outputs = {"mood": "${mood.mood}", "seal": "${mood.seal}"}
        spec: dict[str, Any] = {"inputs": {"text": {"type": "string"}}, "nodes": [node], "outputs": outputs}
        yield {"apiVersion": API_VERSION, "kind": "Workflow", "metadata": {"name": name}, "spec": spec}
    yield {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "sealing"}, "stringData": {"key": KEY}}
    credential = {"type": "apiKey", "secret": "sealing", "nodeTypes": [SEALING, CALLING]}
    yield {"apiVersion": API_VERSION, "kind": "Credential", "metadata": {"name": "sealing"}, "spec": credential}


def is_ready(credential: Any) -> bool:
    conditions = credential.get("status", {}).get("conditions", ())
    return any(one["type"] == "Ready" and one["status"] == "True" for one in conditions)


def has_ended(run: Any) -> bool:
    return run.get("status", {}).get("phase") in ENDED


def test_it_runs_reads_its_credential_and_gives_what_its_file_says(runs: dict[str, Any]) -> None:
    status = runs["sealed"]
    seal = hmac.new(KEY.encode(), b"good", hashlib.sha256).hexdigest()
    assert (status["phase"], status["outputs"]) == ("Succeeded", {"mood": "good", "seal": seal}), json.dumps(status)


def test_what_its_type_claims_grants_nothing(runs: dict[str, Any]) -> None:
    status = runs["calling"]
    assert (status["phase"], status["conditions"][0]["reason"]) == ("Failed", "ImageNotTrusted")
    assert "mood: the image localhost/acme/nodes may not reach beyond the cluster" in status["message"]
    assert "`trustedImages.network`" in status["message"]
