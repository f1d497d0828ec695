"""CoreDNS, the S3 server, Argo's workflow controller and the GPU device plugin.

Called by `components`, which puts the whole cluster together.
"""

from cluster.component import Argv, Component
from cluster.control_plane import API_SERVER
from cluster.kubeconfig import path as kubeconfig
from cluster.node import probe_node
from cluster.probes import Http, judge_gpus
from cluster.settings import Settings
from cluster.tools import Tools

BUCKET = "argo"
ACCESS_KEY = "headgate"
SECRET_KEY = "headgate-local-only"  # guards nothing: the server answers on this machine alone


def build_addons(settings: Settings, tools: Tools, argoexec_image: str) -> list[Component]:
    return [
        _s3(settings, tools),
        _coredns(settings, tools),
        _workflow_controller(settings, tools, argoexec_image),
        _gpu_plugin(settings, tools),
    ]


def _s3(settings: Settings, tools: Tools) -> Component:
    """A folder is the store. The bucket is a folder in it, so it is there before Argo asks."""
    folder = settings.state / "s3"
    (folder / BUCKET).mkdir(parents=True, exist_ok=True)
    argv: Argv = [
        tools["versitygw"],
        "--port",
        settings.s3,
        "--health",
        "/health",
        "--quiet",
        "posix",
        folder,
    ]
    environment = {"ROOT_ACCESS_KEY": ACCESS_KEY, "ROOT_SECRET_KEY": SECRET_KEY}
    return Component("s3", argv, Http(f"http://{settings.s3}/health"), environment=environment)


def _coredns(settings: Settings, tools: Tools) -> Component:
    config = settings.config / "Corefile"
    argv: Argv = [tools["coredns"], "-conf", config]
    ready = Http(f"http://{settings.network.node}:8181/ready")
    files = {config: build_corefile(settings)}
    return Component("coredns", argv, ready, needs=["rights"], after=[API_SERVER], files=files)


def build_corefile(settings: Settings) -> str:
    return f"""\
cluster.local:53 {{
  bind {settings.network.node}
  errors
  ready {settings.network.node}:8181
  kubernetes cluster.local {{
    kubeconfig {kubeconfig(settings, "coredns")}
  }}
  cache 5
  loadbalance
}}
"""


def _workflow_controller(settings: Settings, tools: Tools, argoexec_image: str) -> Component:
    argv: Argv = [
        tools["workflow-controller"],
        f"--kubeconfig={kubeconfig(settings, 'argo')}",
        "--namespace=argo",
        f"--executor-image={argoexec_image}",
        "--executor-image-pull-policy=Never",
        "--qps=100",
        "--burst=200",
        "--workflow-workers=8",
    ]
    environment = {"LEADER_ELECTION_DISABLE": "true", "DEFAULT_REQUEUE_TIME": "1s"}
    ready = Http(f"http://{settings.network.node}:6060/healthz")
    needs = ["rights", "definitions", "images", "s3"]
    return Component("workflow-controller", argv, ready, needs=needs, after=[API_SERVER], environment=environment)


def _gpu_plugin(settings: Settings, tools: Tools) -> Component:
    argv: Argv = [
        tools["gpu-device-plugin"],
        "--resource",
        "nvidia.com/gpu",
        "--count",
        str(settings.gpus),
        "--socket-dir",
        "/var/lib/kubelet/device-plugins",
    ]
    ready = probe_node(settings, lambda node, since: judge_gpus(node, settings.gpus, since))
    return Component("gpu-device-plugin", argv, ready, needs=["kubelet"])
