"""Down leaves no trace, can be interrupted, and data survives a restart of the machine when it is meant to."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chaos.conftest import Command
from cluster import cgroups, namespaces
from cluster.commands import run
from cluster.kubectl import Kubectl
from cluster.settings import Settings
from cluster.traces import find_traces
from e2e.manifests import build_pod

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(600)]

FOLDERS = (
    "/etc",
    "/opt",
    "/run",
    "/run/netns",
    "/run/containerd",
    "/usr/libexec",
    "/var/lib",
    "/var/lib/cni",
    "/var/log",
)


def _look_at_machine() -> dict[str, object]:
    """All that Kubernetes is known to change on a machine, looked at without any knowledge of our own code."""
    commands = {"links": ["ip", "-o", "link"], "routes": ["ip", "route"], "addresses": ["ip", "-o", "address"]}
    return {
        **{name: sorted(run(command).splitlines()) for name, command in commands.items()},
        "rules": [line for line in run(["iptables-save"]).splitlines() if not line.startswith("#")],
        "mounts": Path("/proc/mounts").read_text().splitlines(),
        "groups": sorted(str(path) for path in Path("/sys/fs/cgroup").glob("*/*") if path.is_dir()),
        "folders": {
            name: sorted(path.name for path in Path(name).iterdir()) for name in FOLDERS if Path(name).is_dir()
        },
        "kernel": {name: Path("/proc/sys", name).read_text() for name in namespaces.KERNEL_SETTINGS},
    }


def test_down_leaves_the_machine_as_it_was(cluster: Command, cluster_settings: Settings) -> None:
    cluster("down")
    assert find_traces(cluster_settings) == []
    before = _look_at_machine()
    cluster("up")
    cluster("down")
    assert find_traces(cluster_settings) == []
    assert _look_at_machine() == before
    cluster("up")


@pytest.mark.parametrize("after", [0.3, 0.6, 1.2])
def test_interrupted_down_can_be_run_again(after: float, cluster: Command, cluster_settings: Settings) -> None:
    cluster("up")
    interrupted = cluster.start("down")
    time.sleep(after)
    os.kill(interrupted.pid, signal.SIGKILL)
    interrupted.communicate()
    cluster("down")
    assert find_traces(cluster_settings) == []


@pytest.mark.parametrize("how", ["restart of the machine", "down with its data kept"])
def test_data_survives(how: str, cluster: Command, cluster_settings: Settings, kubectl: Kubectl, testbox: str) -> None:
    kubectl("delete", "namespace", "kept", "--ignore-not-found")
    kubectl("create", "namespace", "kept")
    pod = build_pod("lasting", testbox, "sleep 1000", namespace="kept", restartPolicy="Always")
    kubectl.apply(pod)
    kubectl.wait("pod", "lasting", "-n", "kept", until=_has_restarted(0))
    if how == "restart of the machine":
        _forget_all_but_the_disk(cluster_settings)
    else:
        cluster("down", "--keep-data")
        assert find_traces(cluster_settings, data_kept=True) == []
    cluster("up")
    kubectl.wait("pod", "lasting", "-n", "kept", until=_has_restarted(1), seconds=90)
    kubectl("delete", "namespace", "kept", "--wait=false")


def _has_restarted(times: int) -> Callable[[Any], bool]:
    def judge(pod: Any) -> bool:
        statuses = pod["status"].get("containerStatuses", [])
        return any(status["ready"] and status["restartCount"] >= times for status in statuses)

    return judge


def _forget_all_but_the_disk(settings: Settings) -> None:
    """What a power cut takes: processes, mounts, namespaces, control groups. Records of processes stay, stale."""
    assert cgroups.kill_all() == []
    namespaces.remove(settings)
    cgroups.remove()
