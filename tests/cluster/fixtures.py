"""What tests on a real cluster share: kubectl, a namespace of their own, and the name of the image they run.

Imported by the conftest of each folder of such tests.
"""

import os
import uuid
from collections.abc import Callable, Iterator

import pytest

from cluster.components import read_imported
from cluster.kubectl import Kubectl, connect
from cluster.manifests import build_workspace
from cluster.settings import Settings, settings_from


@pytest.fixture(scope="session")
def cluster_settings() -> Settings:
    return settings_from(os.environ)


@pytest.fixture(scope="session")
def kubectl(cluster_settings: Settings) -> Kubectl:
    return connect(cluster_settings, os.environ)


@pytest.fixture(scope="session")
def testbox(cluster_settings: Settings) -> str:
    """A busybox: sh, wget, nc, httpd, as an image that our cluster has; HEADGATE_TESTBOX names another cluster's."""
    return os.environ.get("HEADGATE_TESTBOX") or read_imported(cluster_settings)["testbox"]


@pytest.fixture
def new_namespace(kubectl: Kubectl) -> Iterator[Callable[[], str]]:
    """Makes namespaces in which workflows can run; they are deleted, not waited for, when the test ends."""
    made: list[str] = []

    def make() -> str:
        made.append(f"test-{uuid.uuid4().hex[:8]}")
        kubectl.apply(build_workspace(made[-1]))
        return made[-1]

    yield make
    for name in made:
        kubectl("delete", "namespace", name, "--wait=false", check=False)


@pytest.fixture
def namespace(new_namespace: Callable[[], str]) -> str:
    return new_namespace()
