"""Fixtures of the tests that need an API server."""

from typing import Any

import pytest

from cluster.fixtures import cluster_settings, kubectl, namespace, new_namespace
from cluster.kubectl import Kubectl
from headgate.api.generate import render_crds
from headgate.api.kinds import KINDS
from headgate.names import GROUP

__all__ = ["cluster_settings", "crds", "kubectl", "namespace", "new_namespace"]


@pytest.fixture(scope="session")
def crds(kubectl: Kubectl) -> None:
    """Our kinds are known to the API server, as this working tree has them."""
    kubectl.apply(*render_crds().values())
    for kind in KINDS:
        kubectl.wait(f"crd/{kind.crd.plural}.{GROUP}", until=_is_established)


def _is_established(crd: Any) -> bool:
    conditions = crd.get("status", {}).get("conditions") or ()
    return any(one["type"] == "Established" and one["status"] == "True" for one in conditions)
