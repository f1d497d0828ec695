"""Fixtures of the tests that break the cluster on purpose; none of them may touch a cluster that is not ours."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from cluster.components import read_imported
from cluster.context import check_removable, decide_context
from cluster.fixtures import cluster_settings, namespace, new_namespace
from cluster.images import build_images, import_images, read_settings
from cluster.kubectl import Kubectl, connect
from cluster.processes import is_alive, read_record
from cluster.settings import PACKAGE, Settings
from headgate.compiler.catalogue import builtin
from headgate.kube.access import read_access
from support.faults.lives import RUNS
from support.faults.reference import Reference, take_reference
from support.faults.scene import Release, open_lane, released
from support.installed_kinds import install_kinds
from support.operator_process import find_rival, install_node_types

__all__ = ["Command", "cluster_settings", "namespace", "new_namespace", "prepare_nodes"]


class Command:
    """`python -m cluster …`, run as a person runs it."""

    def start(self, *words: str) -> subprocess.Popen[str]:
        environment = {**os.environ, "PYTHONPATH": str(PACKAGE.parent)}
        words = (sys.executable, "-m", "cluster", *words)
        return subprocess.Popen(
            words, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
        )

    def __call__(self, *words: str) -> str:
        process = self.start(*words)
        said, _ = process.communicate(timeout=240)
        assert process.returncode == 0, said
        return said


@pytest.fixture(scope="session")
def cluster() -> Command:
    check_removable(decide_context(os.environ))
    return Command()


@pytest.fixture
def kubectl(cluster: Command, cluster_settings: Settings) -> Kubectl:
    """Of a cluster that is up, whatever the test before did to it."""
    cluster("up")
    return connect(cluster_settings, os.environ)


@pytest.fixture
def testbox(kubectl: Kubectl, cluster_settings: Settings) -> str:
    return read_imported(cluster_settings)["testbox"]


def prepare_nodes(kubectl: Kubectl, settings: Settings) -> None:
    """Headgate's kinds, its gates and its runtime, on a cluster that may be fresh. Tests bring nodes of their own."""
    install_kinds(kubectl)
    import_images(build_images(read_settings(), names=["core"]), settings.containerd_socket)
    there = {one["metadata"]["name"] for one in (kubectl.get("nodetypes") or {"items": ()})["items"]}
    gates = [
        one.model_dump(mode="json", by_alias=True, exclude_unset=True) for one in builtin() if one.spec.gate is not None
    ]
    if missing := [gate for gate in gates if gate["metadata"]["name"] not in there]:
        kubectl.apply(*missing)


def kill_component(settings: Settings, name: str) -> None:
    """A component of the cluster, as by a crash; it is gone when this returns."""
    record = read_record(settings, name)
    assert record is not None
    assert is_alive(record)
    os.kill(record.pid, signal.SIGKILL)
    deadline = time.monotonic() + 5
    while is_alive(record):
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture(scope="session")
def release(cluster: Command, cluster_settings: Settings) -> Iterator[Release]:
    """What the faults of an operator need of a cluster that is up, and maybe new."""
    cluster("up")
    kubectl = connect(cluster_settings, os.environ)
    if rival := find_rival(kubectl):
        pytest.fail(f"{rival} carries out the Runs of all namespaces, these too: uninstall it, or let it watch one")
    install_kinds(kubectl)
    import_images(build_images(read_settings(), names=["core"]), cluster_settings.containerd_socket)
    install_node_types(kubectl, cluster_settings)
    with released(kubectl, read_access({"KUBECONFIG": str(cluster_settings.admin_kubeconfig)})) as installed:
        yield installed


@pytest.fixture(scope="session")
def reference(release: Release) -> Reference:
    """All lives, with nothing going wrong."""
    namespace = release.add_namespace()

    async def take() -> Reference:
        async with open_lane(release, namespace) as lane, asyncio.timeout(120):
            return await take_reference(lane, RUNS)

    return asyncio.run(take())
