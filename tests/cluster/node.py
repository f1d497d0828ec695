"""containerd, the kubelet and kube-proxy: what runs pods, and their configuration files.

Called by `components`, which puts the whole cluster together.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cluster import cgroups
from cluster.component import Argv, Component
from cluster.control_plane import API_SERVER
from cluster.kubeconfig import path as kubeconfig
from cluster.probes import All, Http, Socket, judge_node
from cluster.processes import read_record
from cluster.settings import NODE_NAME, Settings
from cluster.tools import Tools


def build_node(settings: Settings, tools: Tools, pause_image: str) -> list[Component]:
    return [_containerd(settings, pause_image), _kubelet(settings, tools), _kube_proxy(settings, tools)]


def probe_node(settings: Settings, judge: Callable[[Any, float], str]) -> Http:
    """Asks the API server for the node, and the judge what it thinks of it since the kubelet was started."""

    def judge_since(node: Any) -> str:
        record = read_record(settings, "kubelet")
        return judge(node, record.since) if record else "the kubelet is not running"

    url = f"{settings.api_server}/api/v1/nodes/{NODE_NAME}"
    return Http(url, ca=settings.pki / "ca.crt", certificate=settings.pki / "admin", judge=judge_since)


def _containerd(settings: Settings, pause_image: str) -> Component:
    config = settings.config / "containerd.toml"
    networks = settings.config / "cni"
    files = {
        config: build_containerd_config(settings, pause_image),
        networks / "10-headgate.conflist": build_cni_config(settings),
    }
    argv: Argv = ["/usr/bin/containerd", "--config", config]
    return Component("containerd", argv, Socket(settings.containerd_socket), files=files)


def build_containerd_config(settings: Settings, pause_image: str) -> str:
    """Nothing is shared with a containerd of the system, and nothing is ever pulled.

    The OOM score may not be lowered where even root lacks the right to, so containers keep the score they get.
    """
    return f"""\
version = 2
root = "{settings.state / "containerd"}"
state = "{settings.run / "containerd"}"
disabled_plugins = [
  "io.containerd.internal.v1.opt",
  "io.containerd.snapshotter.v1.aufs",
  "io.containerd.snapshotter.v1.btrfs",
  "io.containerd.snapshotter.v1.devmapper",
  "io.containerd.snapshotter.v1.zfs",
]

[grpc]
address = "{settings.containerd_socket}"

[debug]
level = "warn"

[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = "{pause_image}"
restrict_oom_score_adj = true

[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = "/usr/lib/cni"
conf_dir = "{settings.config / "cni"}"

[plugins."io.containerd.grpc.v1.cri".containerd]
snapshotter = "overlayfs"

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"
"""


def build_cni_config(settings: Settings) -> str:
    """A cable a pod and a route to it, no bridge: traffic between pods then always passes kube-proxy's rules."""
    ipam = {
        "type": "host-local",
        "dataDir": "/var/lib/cni/addresses",
        "ranges": [[{"subnet": settings.network.pods}]],
        "routes": [{"dst": "0.0.0.0/0"}],
    }
    plugins = [
        {"type": "ptp", "ipMasq": False, "mtu": 1400, "ipam": ipam},
        {"type": "portmap", "capabilities": {"portMappings": True}},
    ]
    return json.dumps({"cniVersion": "1.0.0", "name": "headgate", "plugins": plugins}, indent=2) + "\n"


def _kubelet(settings: Settings, tools: Tools) -> Component:
    config, resolver = settings.config / "kubelet.json", settings.config / "resolv.conf"
    argv: Argv = [
        tools["kubelet"],
        f"--config={config}",
        f"--kubeconfig={kubeconfig(settings, 'kubelet')}",
        f"--hostname-override={NODE_NAME}",
        f"--node-ip={settings.network.node}",
    ]
    ready = All((Http(f"http://{settings.network.node}:10248/healthz"), probe_node(settings, judge_node)))
    files = {config: build_kubelet_config(settings, resolver), resolver: "# nothing outside this machine is resolved\n"}
    return Component("kubelet", argv, ready, needs=["containerd", API_SERVER], after=[API_SERVER], files=files)


def build_kubelet_config(settings: Settings, resolver: Path) -> str:
    """Local images cannot be pulled again, so none is collected, and a nearly full disk evicts late."""
    pki, node = settings.pki, settings.network.node
    document = {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "address": node,
        "healthzBindAddress": node,
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": True},
            "x509": {"clientCAFile": str(pki / "ca.crt")},
        },
        "authorization": {"mode": "Webhook"},
        "tlsCertFile": str(pki / "kubelet-server.crt"),
        "tlsPrivateKeyFile": str(pki / "kubelet-server.key"),
        "containerRuntimeEndpoint": f"unix://{settings.containerd_socket}",
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": f"/{cgroups.NAME}",
        "failCgroupV1": False,
        "failSwapOn": False,
        "oomScoreAdj": 0,
        "clusterDNS": [node],
        "clusterDomain": "cluster.local",
        "resolvConf": str(resolver),
        "volumePluginDir": str(settings.state / "volume-plugins"),
        "nodeStatusUpdateFrequency": "1s",  # devices show at once; unchanged, the status is still reported rarely
        "nodeStatusReportFrequency": "5m",
        "imageGCHighThresholdPercent": 100,
        "evictionHard": {"memory.available": "100Mi", "nodefs.available": "2%", "imagefs.available": "2%"},
    }
    return json.dumps(document, indent=2) + "\n"


def _kube_proxy(settings: Settings, tools: Tools) -> Component:
    node = settings.network.node
    argv: Argv = [
        tools["kube-proxy"],
        f"--kubeconfig={kubeconfig(settings, 'kube-proxy')}",
        f"--hostname-override={NODE_NAME}",
        "--proxy-mode=iptables",
        f"--cluster-cidr={settings.network.pods}",
        f"--healthz-bind-address={node}:10256",
        f"--metrics-bind-address={node}:10249",
        "--oom-score-adj=0",
        # connection tracking limits belong to the whole machine: left as they are
        "--conntrack-max-per-core=0",
        "--conntrack-min=0",
        "--conntrack-tcp-timeout-established=0s",
        "--conntrack-tcp-timeout-close-wait=0s",
    ]
    return Component("kube-proxy", argv, Http(f"http://{node}:10256/healthz"), needs=["kubelet"], after=[API_SERVER])
