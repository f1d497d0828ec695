"""etcd, the API server, the controller manager and the scheduler.

Called by `components`, which puts the whole cluster together.
"""

from cluster.component import Argv, Component
from cluster.kubeconfig import path as kubeconfig
from cluster.probes import Http
from cluster.settings import Settings
from cluster.tools import Tools

API_SERVER = "kube-apiserver"
"""Its clients are started after it, again where it was started again: a client that has failed to reach it for half a
minute waits longer and longer between attempts, and would leave workflows and namespaces hanging for minutes."""

LESS_COLLECTING = {"GOGC": "200", "GOMEMLIMIT": "1500MiB"}
"""Argo's definitions make the API server allocate gigabytes: half of its time went into collecting them."""


def build_control_plane(settings: Settings, tools: Tools) -> list[Component]:
    return [
        _etcd(settings, tools),
        _api_server(settings, tools),
        _controller_manager(settings, tools),
        _scheduler(settings, tools),
    ]


def _etcd(settings: Settings, tools: Tools) -> Component:
    pki, node = settings.pki, settings.network.node
    url, peer = f"https://{node}:2379", "http://127.0.0.1:2380"
    argv: Argv = [
        tools["etcd"],
        "--name=headgate",
        f"--data-dir={settings.state / 'etcd'}",
        f"--listen-client-urls={url}",
        f"--advertise-client-urls={url}",
        f"--listen-peer-urls={peer}",
        f"--initial-advertise-peer-urls={peer}",
        f"--initial-cluster=headgate={peer}",
        "--client-cert-auth",
        f"--trusted-ca-file={pki / 'ca.crt'}",
        f"--cert-file={pki / 'etcd.crt'}",
        f"--key-file={pki / 'etcd.key'}",
        f"--listen-metrics-urls=http://{node}:2381",
        "--auto-compaction-retention=1h",
        "--quota-backend-bytes=4294967296",
        "--log-level=warn",
    ]
    return Component("etcd", argv, Http(f"http://{node}:2381/readyz"))


def _api_server(settings: Settings, tools: Tools) -> Component:
    pki, node = settings.pki, settings.network.node
    argv: Argv = [
        tools["kube-apiserver"],
        f"--bind-address={node}",
        f"--advertise-address={node}",
        "--secure-port=6443",
        f"--service-cluster-ip-range={settings.network.services}",
        "--authorization-mode=Node,RBAC",
        "--enable-admission-plugins=NodeRestriction,MutatingAdmissionPolicy,ValidatingAdmissionPolicy",
        "--allow-privileged=true",
        "--profiling=false",
        f"--client-ca-file={pki / 'ca.crt'}",
        f"--tls-cert-file={pki / 'apiserver.crt'}",
        f"--tls-private-key-file={pki / 'apiserver.key'}",
        f"--etcd-servers=https://{node}:2379",
        f"--etcd-cafile={pki / 'ca.crt'}",
        f"--etcd-certfile={pki / 'apiserver-client.crt'}",
        f"--etcd-keyfile={pki / 'apiserver-client.key'}",
        f"--kubelet-certificate-authority={pki / 'ca.crt'}",
        f"--kubelet-client-certificate={pki / 'apiserver-client.crt'}",
        f"--kubelet-client-key={pki / 'apiserver-client.key'}",
        "--kubelet-preferred-address-types=InternalIP",
        f"--proxy-client-cert-file={pki / 'front-proxy.crt'}",
        f"--proxy-client-key-file={pki / 'front-proxy.key'}",
        f"--requestheader-client-ca-file={pki / 'ca.crt'}",
        "--requestheader-allowed-names=front-proxy-client",
        "--requestheader-username-headers=X-Remote-User",
        "--requestheader-group-headers=X-Remote-Group",
        "--requestheader-extra-headers-prefix=X-Remote-Extra-",
        "--enable-aggregator-routing=true",
        "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
        f"--service-account-key-file={pki / 'service-accounts.key'}",
        f"--service-account-signing-key-file={pki / 'service-accounts.key'}",
    ]
    ready = Http(f"{settings.api_server}/readyz", ca=pki / "ca.crt")
    # left to itself it finds an etcd that came back only after many seconds, and fills its caches after many more
    return Component(API_SERVER, argv, ready, needs=["etcd"], after=["etcd"], environment=LESS_COLLECTING)


def _controller_manager(settings: Settings, tools: Tools) -> Component:
    pki, node = settings.pki, settings.network.node
    argv: Argv = [
        tools["kube-controller-manager"],
        f"--kubeconfig={kubeconfig(settings, 'controller-manager')}",
        f"--bind-address={node}",
        "--leader-elect=false",
        "--profiling=false",
        "--use-service-account-credentials=true",
        f"--service-account-private-key-file={pki / 'service-accounts.key'}",
        f"--root-ca-file={pki / 'ca.crt'}",
        f"--cluster-signing-cert-file={pki / 'ca.crt'}",
        f"--cluster-signing-key-file={pki / 'ca.key'}",
        f"--service-cluster-ip-range={settings.network.services}",
        f"--cluster-cidr={settings.network.pods}",
        "--allocate-node-cidrs=false",
    ]
    ready = Http(f"https://{node}:10257/healthz")
    return Component("kube-controller-manager", argv, ready, needs=[API_SERVER], after=[API_SERVER])


def _scheduler(settings: Settings, tools: Tools) -> Component:
    argv: Argv = [
        tools["kube-scheduler"],
        f"--kubeconfig={kubeconfig(settings, 'scheduler')}",
        f"--bind-address={settings.network.node}",
        "--leader-elect=false",
        "--profiling=false",
    ]
    ready = Http(f"https://{settings.network.node}:10259/readyz")
    return Component("kube-scheduler", argv, ready, needs=[API_SERVER], after=[API_SERVER])
