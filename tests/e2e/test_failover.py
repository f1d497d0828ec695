"""Two replicas: one leads, the other answers admission and takes over in time when the first is lost."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from cluster.kubectl import Kubectl
from cluster.settings import Settings
from support.figures import record
from support.installed_kinds import install_kinds
from support.operator_process import OperatorProcess, run_operator

pytestmark = pytest.mark.e2e


def leads(operator: OperatorProcess) -> bool:
    return "headgate_leader 1.0" in operator.ask("/metrics")


def until(holds: Callable[[], bool], seconds: float) -> float:
    """How long it took."""
    began = time.monotonic()
    while not holds():
        assert time.monotonic() < began + seconds, f"it did not come about within {seconds:g} s"
        time.sleep(0.05)
    return time.monotonic() - began


def test_another_replica_leads_within_15_seconds_of_a_loss_and_at_once_after_a_stop(
    kubectl: Kubectl, cluster_settings: Settings, namespace: str, tmp_path: Path
) -> None:
    install_kinds(kubectl)
    with (
        run_operator(cluster_settings, namespace, tmp_path / "1", POD_NAME="one") as first,
        run_operator(cluster_settings, namespace, tmp_path / "2", POD_NAME="two") as second,
    ):
        until(lambda: leads(first), 10)
        assert not leads(second)
        first.kill()
        lost = until(lambda: leads(second), 30)
        first.start(POD_NAME="three")
        assert not leads(first)
        second.stop()
        stopped = until(lambda: leads(first), 30)
    record("failover_s", round(lost, 1), "<= 15", "s", note="the leader is killed")
    record("handover_s", round(stopped, 1), "<= 3", "s", note="the leader is stopped")
    assert lost <= 15
    assert stopped <= 5
