"""Kubeconfigs: one file a component, one for the person, and the `headgate` context in the person's own file.

`up` writes and merges them, `down` takes our context out again. Another cluster's entries are never touched.
"""

import base64
import json
import shutil
from pathlib import Path
from typing import Any

from cluster.commands import run
from cluster.settings import CONTEXT, Settings

COMPONENTS = ("controller-manager", "scheduler", "kubelet", "kube-proxy", "coredns", "argo")


def build_kubeconfig(server: str, ca: bytes, certificate: bytes, key: bytes) -> str:
    """JSON is YAML, and needs no library."""

    def encoded(data: bytes) -> str:
        return base64.b64encode(data).decode()

    user = {"client-certificate-data": encoded(certificate), "client-key-data": encoded(key)}
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": CONTEXT, "cluster": {"server": server, "certificate-authority-data": encoded(ca)}}],
        "users": [{"name": CONTEXT, "user": user}],
        "contexts": [{"name": CONTEXT, "context": {"cluster": CONTEXT, "user": CONTEXT}}],
        "current-context": CONTEXT,
    }
    return json.dumps(document, indent=2) + "\n"


def write_kubeconfigs(settings: Settings) -> None:
    settings.config.mkdir(parents=True, exist_ok=True)
    wanted = {path(settings, name): name for name in COMPONENTS} | {settings.admin_kubeconfig: "admin"}
    for target, name in wanted.items():
        read = [(settings.pki / part).read_bytes() for part in ("ca.crt", f"{name}.crt", f"{name}.key")]
        text = build_kubeconfig(settings.api_server, *read)
        if not target.exists() or target.read_text() != text:
            target.touch(mode=0o600)
            target.write_text(text)


def path(settings: Settings, component: str) -> Path:
    return settings.config / f"{component}.kubeconfig"


def is_merged(settings: Settings) -> bool:
    """Whether the person's file holds our context with today's certificates; cheap enough for every `up`."""
    try:
        mine = json.loads(settings.admin_kubeconfig.read_text())
        text = settings.kubeconfig.read_text()
    except (OSError, ValueError):
        return False
    return mine["users"][0]["user"]["client-certificate-data"] in text and settings.api_server in text


def decide_merge(config: Any, server: str) -> str:
    """Empty when our entries may be written, else why not: a name of ours that already means another cluster."""
    clusters = {entry["name"]: entry.get("cluster", {}) for entry in config.get("clusters") or []}
    taken = clusters.get(CONTEXT, {}).get("server", server)
    if taken == server:
        return ""
    return f"a context named {CONTEXT} for {taken} is already there"


def _config(settings: Settings, kubectl: Path, *words: str) -> str:
    return run([kubectl, "config", *words], environment={"KUBECONFIG": str(settings.kubeconfig)})


def merge(settings: Settings, kubectl: Path) -> str:
    """Add our context by way of kubectl, which knows how to edit that file. Returns why not, or nothing."""
    settings.kubeconfig.parent.mkdir(parents=True, exist_ok=True)
    before = json.loads(_config(settings, kubectl, "view", "-o", "json"))
    if refusal := decide_merge(before, settings.api_server):
        return refusal
    files = {name: settings.pki / name for name in ("ca.crt", "admin.crt", "admin.key")}
    _config(
        settings,
        kubectl,
        "set-cluster",
        CONTEXT,
        f"--server={settings.api_server}",
        f"--certificate-authority={files['ca.crt']}",
        "--embed-certs=true",
    )
    _config(
        settings,
        kubectl,
        "set-credentials",
        CONTEXT,
        f"--client-certificate={files['admin.crt']}",
        f"--client-key={files['admin.key']}",
        "--embed-certs=true",
    )
    _config(settings, kubectl, "set-context", CONTEXT, f"--cluster={CONTEXT}", f"--user={CONTEXT}")
    if not before.get("current-context"):
        _config(settings, kubectl, "use-context", CONTEXT)
    return ""


def unmerge(settings: Settings) -> None:
    """With our kubectl, or any other if the cache was deleted; without one, `down` names what is left."""
    ours = settings.bin / "kubectl"
    kubectl = ours if ours.exists() else Path(shutil.which("kubectl") or "")
    if not kubectl.is_file() or not holds_context(settings):
        return
    config = json.loads(_config(settings, kubectl, "view", "-o", "json"))
    if decide_merge(config, settings.api_server):
        return
    if config.get("current-context") == CONTEXT:
        _config(settings, kubectl, "unset", "current-context")
    for kind in ("contexts", "clusters", "users"):
        _config(settings, kubectl, "unset", f"{kind}.{CONTEXT}")
    left = json.loads(_config(settings, kubectl, "view", "-o", "json"))
    if not any(left.get(kind) for kind in ("contexts", "clusters", "users")):
        settings.kubeconfig.unlink()


def holds_context(settings: Settings) -> bool:
    """Whether the person's file still speaks of our API server."""
    try:
        return settings.api_server in settings.kubeconfig.read_text()
    except OSError:
        return False
