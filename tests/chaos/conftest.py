"""Fixtures of the tests that break the cluster on purpose; none of them may touch a cluster that is not ours."""

import os
import subprocess
import sys

import pytest

from cluster.context import check_removable, decide_context
from cluster.fixtures import cluster_settings, kubectl, namespace, new_namespace, testbox
from cluster.settings import PACKAGE

__all__ = ["Command", "cluster_settings", "kubectl", "namespace", "new_namespace", "testbox"]


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
