"""What the machine says about itself is read rightly, and what we write for its programs is what they read."""

import datetime as dt
import json
import tomllib
from pathlib import Path

import pytest

from cluster.addons import build_corefile
from cluster.cgroups import hierarchies, tracking
from cluster.errors import ClusterError
from cluster.figures import GOALS, build_figure, write_figure
from cluster.node import build_cni_config, build_containerd_config, build_kubelet_config
from cluster.packages import decide_missing
from cluster.prerequisites import _capabilities, _routes
from cluster.probes import Http, Socket, judge_established, judge_gpus, judge_node
from cluster.settings import settings_from
from cluster.traces import find_chains
from cluster.up import choose_figure

SETTINGS = settings_from({})
V1 = "cgroup /sys/fs/cgroup/cpu cgroup rw 0 0\ncgroup /sys/fs/cgroup/pids cgroup rw 0 0\n"
HYBRID = f"{V1}cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0\n"
V2 = "cgroup2 /sys/fs/cgroup cgroup2 rw 0 0\n"


@pytest.mark.parametrize(
    ("mounts", "count", "tracked"),
    [(V1, 2, "/sys/fs/cgroup/pids"), (HYBRID, 2, "/sys/fs/cgroup/pids"), (V2, 1, "/sys/fs/cgroup")],
)
def test_control_groups_of_either_version(mounts: str, count: int, tracked: str) -> None:
    assert len(hierarchies(mounts)) == count
    assert tracking(mounts) == Path(tracked)


def test_no_control_groups() -> None:
    assert tracking("proc /proc proc rw 0 0\n") is None


def test_a_removed_package_is_missing() -> None:
    listed = "runc installed\nsocat config-files\n"
    assert decide_missing(["runc", "socat", "iptables"], listed) == ["socat", "iptables"]


def test_routes_are_read_from_the_kernels_table_but_for_our_own() -> None:
    table = (
        "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\n"
        "eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\n"
        "eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\n"
        "headgate0\t0000D50A\t0200D50A\t0003\t0\t0\t0\t0000FFFF\n"
    )
    assert _routes(table) == ("0.0.0.0/0", "192.0.2.0/24")


def test_capabilities_are_read() -> None:
    assert _capabilities("CapPrm:\t0\nCapEff:\t0000000000001000\n") == 1 << 12


def test_only_the_clusters_chains_are_its_traces() -> None:
    assert find_chains([":INPUT ACCEPT", ":KUBE-SERVICES - [0:0]", "-A KUBE-X", ":CNI-HOSTPORT - [0:0]"]) == [
        ":KUBE-SERVICES - [0:0]",
        ":CNI-HOSTPORT - [0:0]",
    ]


def test_a_node_not_heard_of_since_the_kubelet_started_is_not_ready() -> None:
    heard = dt.datetime(2026, 1, 1, 12, 0, 30, tzinfo=dt.UTC)
    condition = {"type": "Ready", "status": "True", "lastHeartbeatTime": heard.isoformat().replace("+00:00", "Z")}
    node = {"status": {"conditions": [condition], "allocatable": {"nvidia.com/gpu": "2"}}}
    since = heard.timestamp()
    assert judge_node(node, since + 0.9) == ""
    assert judge_node(node, since + 1) == "node has not been heard of since"
    assert judge_node({}, 0).startswith("node is not ready")
    assert judge_gpus(node, 2, since) == ""
    assert judge_gpus(node, 3, since) == "node offers 2 of 3 GPUs"
    assert judge_gpus(node, 2, since + 1) != ""


def test_a_definition_without_conditions_is_not_established() -> None:
    assert judge_established({"status": {"conditions": None}}) != ""
    assert judge_established({"status": {"conditions": [{"type": "Established", "status": "True"}]}}) == ""


def test_what_does_not_answer_is_not_ready(tmp_path: Path) -> None:
    assert "no answer" in Http("http://127.0.0.1:1/").reason()
    assert "no answer" in Http("https://127.0.0.1:1/", ca=tmp_path / "none.crt").reason()
    assert "no answer" in Socket(tmp_path / "none.sock").reason()


def test_configuration_files_parse() -> None:
    containerd = tomllib.loads(build_containerd_config(SETTINGS, "localhost/pause:1"))
    assert containerd["plugins"]["io.containerd.grpc.v1.cri"]["sandbox_image"] == "localhost/pause:1"
    assert json.loads(build_cni_config(SETTINGS))["plugins"][0]["type"] == "ptp"
    assert json.loads(build_kubelet_config(SETTINGS, Path("/r")))["clusterDNS"] == ["10.213.0.2"]
    assert "bind 10.213.0.2" in build_corefile(SETTINGS)


@pytest.mark.parametrize("text", ["10.213.0.0/24", "8.8.0.0/16", "nonsense", "10.213.0.1/16"])
def test_a_network_that_is_no_private_16_is_refused(text: str) -> None:
    with pytest.raises(ClusterError, match="HEADGATE_NETWORK"):
        settings_from({"HEADGATE_NETWORK": text})


def test_the_number_of_gpus_is_a_number() -> None:
    assert settings_from({"HEADGATE_GPUS": "0"}).gpus == 0
    with pytest.raises(ClusterError, match="HEADGATE_GPUS"):
        settings_from({"HEADGATE_GPUS": "-1"})


def test_figures_have_the_agreed_form(tmp_path: Path) -> None:
    write_figure(tmp_path / "new", "cluster_warm_s", 12.345, "note")
    written = json.loads((tmp_path / "new" / "cluster_warm_s.json").read_text())
    assert written == build_figure("cluster_warm_s", 12.345, "note")
    assert list(written) == ["name", "value", "goal", "unit", "n", "ours", "other", "note"]
    assert (written["value"], written["goal"]) == (12.35, GOALS["cluster_warm_s"])


@pytest.mark.parametrize(
    ("built_before", "building", "data", "running", "figure"),
    [
        (False, True, False, False, "cluster_cold_s"),
        (True, False, False, False, "cluster_warm_s"),
        (True, True, False, False, ""),
        (True, False, True, False, ""),
        (True, False, True, True, ""),
        (False, True, True, True, ""),
    ],
)
def test_a_time_is_a_figure_only_when_it_measures_what_it_says(
    built_before: bool, building: bool, data: bool, running: bool, figure: str
) -> None:
    assert choose_figure(built_before=built_before, building=building, data=data, running=running)[0] == figure
