"""No test touches a cluster that may be somebody's production."""

import pytest

from cluster.context import Context, check_removable, decide_context
from cluster.errors import ContextRefusedError


@pytest.mark.parametrize("environment", [{}, {"HEADGATE_CONTEXT": ""}, {"HEADGATE_CONTEXT": "headgate"}])
def test_our_own_cluster_is_the_default(environment: dict[str, str]) -> None:
    assert decide_context(environment) == Context("headgate", ours=True)


@pytest.mark.parametrize("name", ["kind-dev", "k3d-x", "minikube", "docker-desktop"])
def test_development_clusters_may_be_used_and_are_not_ours(name: str) -> None:
    assert decide_context({"HEADGATE_CONTEXT": name}) == Context(name, ours=False)


@pytest.mark.parametrize(
    "name", ["prod", "kind", "my-kind-dev", "minikube-2", "Headgate", "arn:aws:eks:x", "headgate-prod"]
)
def test_any_other_is_refused(name: str) -> None:
    with pytest.raises(ContextRefusedError, match="HEADGATE_FORCE_CONTEXT=1"):
        decide_context({"HEADGATE_CONTEXT": name})


@pytest.mark.parametrize(("force", "allowed"), [("1", True), ("0", False), ("", False), ("true", False)])
def test_only_plain_force_allows(force: str, allowed: bool) -> None:
    environment = {"HEADGATE_CONTEXT": "prod", "HEADGATE_FORCE_CONTEXT": force}
    if allowed:
        assert decide_context(environment) == Context("prod", ours=False)
    else:
        with pytest.raises(ContextRefusedError):
            decide_context(environment)


def test_only_our_own_cluster_is_taken_down() -> None:
    check_removable(Context("headgate", ours=True))
    with pytest.raises(ContextRefusedError, match="did not start"):
        check_removable(Context("kind-dev", ours=False))
