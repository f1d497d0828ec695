"""What is applied to a fresh cluster: Argo's definitions and roles, its configuration, and our own rights.

Two tasks of `components`; `workspace` is for tests, which need the same few objects in every namespace with workflows.
"""

import hashlib
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from string import Template

from cluster.addons import ACCESS_KEY, BUCKET, SECRET_KEY
from cluster.builds import BUNDLE
from cluster.commands import run
from cluster.component import Argv, Task
from cluster.errors import ComponentError
from cluster.probes import Http, Marker, judge_established
from cluster.settings import PACKAGE, Settings
from cluster.tools import Tools

OURS = ("argo.yaml", "rights.yaml")
ARGO_ROLES = ("workflow-aggregate-roles.yaml", "workflow-controller-clusterrole.yaml", "workflow-controller-role.yaml")
ESTABLISHED_WITHIN = 60.0
WORKSPACE = PACKAGE / "manifests" / "workspace.yaml"


def build_manifests_tasks(settings: Settings, tools: Tools) -> list[Task]:
    """Argo's definitions take the API server many seconds, so what else is applied does not wait for them."""
    definitions = partial(_definitions, tools)
    return [
        _task("rights", settings, tools, partial(_rights, settings, tools)),
        _task("definitions", settings, tools, definitions, established="workflows.argoproj.io"),
    ]


def _task(name: str, settings: Settings, tools: Tools, files: Callable[[], list[Path]], established: str = "") -> Task:
    done = Marker(settings.state / f"{name}-applied", partial(_digest, files))
    run_it = partial(_apply, settings, tools, name, done, files, established)
    return Task(name, run_it, done, needs=["kube-apiserver"])


def build_workspace(namespace: str) -> str:
    """A namespace in which a workflow can run: a service account with the executor's role, and the S3 credentials."""
    values = {"namespace": namespace, "access_key": ACCESS_KEY, "secret_key": SECRET_KEY}
    return Template(WORKSPACE.read_text()).substitute(values)


def _rights(settings: Settings, tools: Tools) -> list[Path]:
    """Our own manifests with this cluster's addresses, and the roles that Argo brings."""
    values = {"node": settings.network.node, "bucket": BUCKET}
    text = "---\n".join(Template((PACKAGE / "manifests" / name).read_text()).substitute(values) for name in OURS)
    ours = settings.config / "manifests.yaml"
    if not ours.exists() or ours.read_text() != text:
        ours.write_text(text)
    roles = tools.folders["argo"] / "manifests" / "cluster-install-no-crds" / "workflow-controller-rbac"
    return [ours, *(roles / name for name in ARGO_ROLES)]


def _definitions(tools: Tools) -> list[Path]:
    return [tools.folders["argo"] / BUNDLE]


def _digest(files: Callable[[], list[Path]]) -> str:
    digest = hashlib.sha256()
    for path in files():
        digest.update(f"{path}\n".encode() + path.read_bytes())
    return digest.hexdigest()


def _apply(
    settings: Settings,
    tools: Tools,
    name: str,
    done: Marker,
    files: Callable[[], list[Path]],
    established: str,
) -> None:
    kubectl: Argv = [tools["kubectl"], f"--kubeconfig={settings.admin_kubeconfig}"]
    log = settings.logs / f"{name}.log"
    words = [word for path in files() for word in ("-f", path)]
    run(
        [*kubectl, "apply", "--server-side", "--force-conflicts", "--validate=false", "--namespace=argo", *words],
        log=log,
    )
    if established:
        _wait_until_established(settings, established)
    done.path.write_text(done.text())


def _wait_until_established(settings: Settings, definition: str) -> None:
    """kubectl wait fails on a definition whose conditions are not there yet, so the API server is asked directly."""
    url = f"{settings.api_server}/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{definition}"
    probe = Http(url, ca=settings.pki / "ca.crt", certificate=settings.pki / "admin", judge=judge_established)
    deadline = time.monotonic() + ESTABLISHED_WITHIN
    while reason := probe.reason():
        if time.monotonic() > deadline:
            raise ComponentError(
                f"The definition {definition} did not come into force ({reason}): run the command again."
            )
        time.sleep(0.2)
