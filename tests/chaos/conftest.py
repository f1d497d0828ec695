"""Fixtures of the tests that break the cluster on purpose; none of them may touch a cluster that is not ours."""

import os
import subprocess
import sys

import pytest

from cluster.components import read_imported
from cluster.context import check_removable, decide_context
from cluster.fixtures import cluster_settings, namespace, new_namespace
from cluster.kubectl import Kubectl, connect
from cluster.settings import PACKAGE, Settings

__all__ = ["Command", "cluster_settings", "namespace", "new_namespace"]


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
