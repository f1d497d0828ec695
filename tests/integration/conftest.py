"""Fixtures of the tests that need an API server."""

import pytest

from cluster.fixtures import cluster_settings, kubectl, namespace, new_namespace, testbox
from cluster.kubectl import Kubectl
from support.installed_kinds import install_kinds

__all__ = ["cluster_settings", "crds", "kubectl", "namespace", "new_namespace", "testbox"]


@pytest.fixture(scope="session")
def crds(kubectl: Kubectl) -> None:
    """Our kinds are known to the API server, as this working tree has them."""
    install_kinds(kubectl)
