"""The Go programs that the cluster is made of, as data, and the key under which a build of them is kept.

`builds` makes them, `components` starts them, `images` packs argoexec into an image.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cluster.errors import BuildError
from cluster.settings import PACKAGE

ARGO_MODULE = "github.com/argoproj/argo-workflows/v3"
ENVIRONMENT = {"CGO_ENABLED": "0", "GOFLAGS": "", "GOWORK": "off", "GOTOOLCHAIN": "local"}
BUILD_FLAGS = ("-mod=readonly", "-trimpath", "-buildvcs=false")
RECIPE = "1"  # counts up when the way of building changes in a manner that no other part of the key shows


@dataclass(frozen=True)
class ToolGroup:
    """Programs built together from one go.mod of ours."""

    name: str
    folder: Path
    packages: Mapping[str, str]
    module: str
    version_variables: Sequence[str] = ()
    copied: Sequence[str] = field(default=())
    """Folders of the module that the cluster needs besides the programs."""
    bundled: str = ""
    """A folder of manifests that the cluster needs as one JSON file: large ones are read far more quickly so."""


def _kubernetes(*names: str) -> dict[str, str]:
    return {name: f"k8s.io/kubernetes/cmd/{name}" for name in names}


GROUPS = (
    ToolGroup("etcd", PACKAGE / "go/etcd", {"etcd": "go.etcd.io/etcd/server/v3"}, "go.etcd.io/etcd/server/v3"),
    ToolGroup(
        "kubernetes",
        PACKAGE / "go/kubernetes",
        _kubernetes("kube-apiserver", "kube-controller-manager", "kube-proxy", "kube-scheduler", "kubectl", "kubelet"),
        "k8s.io/kubernetes",
        (
            "k8s.io/component-base/version.gitVersion={v}",
            "k8s.io/component-base/version.gitMajor={major}",
            "k8s.io/component-base/version.gitMinor={minor}",
        ),
    ),
    ToolGroup(
        "argo",
        PACKAGE / "go/argo",
        {name: f"{ARGO_MODULE}/cmd/{name}" for name in ("workflow-controller", "argoexec")},
        ARGO_MODULE,
        (f"{ARGO_MODULE}.version={{v}}",),
        ("manifests/cluster-install-no-crds/workflow-controller-rbac",),
        "manifests/base/crds/full",
    ),
    ToolGroup(
        "addons",
        PACKAGE / "go/addons",
        {
            "coredns": "./coredns",
            "helm": "helm.sh/helm/v4/cmd/helm",
            "versitygw": "github.com/versity/versitygw/cmd/versitygw",
        },
        "helm.sh/helm/v4",
        ("helm.sh/helm/v4/internal/version.version={v}",),
    ),
    ToolGroup("gpu", PACKAGE / "gpu", {"gpu-device-plugin": "."}, "k8s.io/kubelet"),
)


@dataclass(frozen=True)
class Tools:
    """Where each program lies once built, and each group's folder with what was copied beside them."""

    programs: Mapping[str, Path]
    folders: Mapping[str, Path]

    def __getitem__(self, program: str) -> Path:
        return self.programs[program]


def module_version(go_mod: str, module: str) -> str:
    found = re.search(rf"^(?:require)?\s+{re.escape(module)} (v\S+)", go_mod, re.MULTILINE)
    if found is None:
        raise BuildError(f"The go.mod does not require {module}: add it and run `go mod tidy`.")
    return found.group(1)


def build_ldflags(group: ToolGroup, version: str) -> str:
    major, minor = version.removeprefix("v").split(".")[:2]
    variables = [name.format(v=version, major=major, minor=minor) for name in group.version_variables]
    return " ".join(["-s", "-w", *(f"-X {variable}" for variable in variables)])


def build_key(group: ToolGroup, files: Mapping[str, bytes], go_version: str) -> str:
    """Changes when anything that decides the programs' bytes does: sources and sums, flags, Go itself."""
    digest = hashlib.sha256()
    parts = [RECIPE, go_version, *BUILD_FLAGS, *sorted(f"{k}={v}" for k, v in ENVIRONMENT.items())]
    parts += [*sorted(group.packages.values()), *group.version_variables, *group.copied, group.bundled]
    for part in parts:
        digest.update(part.encode() + b"\0")
    for name in sorted(files):
        digest.update(name.encode() + b"\0" + hashlib.sha256(files[name]).digest())
    return digest.hexdigest()[:12]


def read_sources(group: ToolGroup) -> dict[str, bytes]:
    """Our own files that the build depends on; everything else is pinned by go.sum."""
    sources = (path for path in group.folder.rglob("*.go") if not path.name.endswith("_test.go"))
    files = [*sources, group.folder / "go.mod", group.folder / "go.sum"]
    return {str(path.relative_to(group.folder)): path.read_bytes() for path in files}
