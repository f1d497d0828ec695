"""Where operators meet their faults: a release of the chart, without its operator, and namespaces that it holds for.

What the operators of a test may do, and what the API server holds everybody to, is what the chart says. Each lane is a
namespace with people in it, and a proxy through which its operator goes.
"""

import asyncio
import time
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from cluster.kubectl import Kubectl
from cluster.manifests import build_workspace
from cluster.pki import ARGO_USER
from headgate.handlers.operator import Operator
from headgate.kube.access import Access
from headgate.kube.reflector import Rhythm
from headgate.lifecycle.decide import decide
from headgate.settings import read_settings
from support.chart import render
from support.faults.argo import USER, Argo
from support.faults.lives import build_objects
from support.faults.people import People
from support.faults.proxy import FaultProxy
from support.installed_chart import wait_until_in_force
from support.operator_process import ACCOUNT, find_core

_SELECTED = "headgate-test"
_CLUSTER_WIDE = (
    "clusterroles,clusterrolebindings,validatingadmissionpolicies,validatingadmissionpolicybindings,"
    "mutatingadmissionpolicies,mutatingadmissionpolicybindings"
)
_BESIDE = frozenset({"configmaps", "events", "leases"})
"""Audit log, Events, Lease: written beside what moves a Run on, and often."""
_GOODBYE = 0.5
"""Seconds. aiohttp waits for no TLS connection that it closes; a loop that ends before them leaves them open."""
_AT_HOME = frozenset({"Role", "RoleBinding", "ConfigMap"})


@dataclass
class Release:
    kubectl: Kubectl
    access: Access
    name: str
    namespaces: list[str] = field(default_factory=list)
    of_home: list[dict[str, Any]] = field(default_factory=list)
    """What an operator needs in its own namespace."""

    @property
    def home(self) -> str:
        """Where the chart is installed."""
        return self.namespaces[0]

    @property
    def operator_user(self) -> str:
        return f"system:serviceaccount:{self.home}:{self.name}"

    def settings(self, watched: str, **more: str) -> dict[str, str]:
        """Of an operator, less the prefix."""
        return {
            "NAMESPACE": watched,
            "WATCHED_NAMESPACE": watched,
            "RELEASE": self.name,
            "LEASE": f"{self.name}-operator",
            **more,
        }

    def add_namespace(self) -> str:
        """One in which the people of `lives` may do what they do there, with their workflows and policies. An operator
        is at home there too: each keeps a Lease and an audit log of its own."""
        name = f"test-{uuid.uuid4().hex[:8]}"
        self.namespaces.append(name)
        labels = {_SELECTED: self.name}
        namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}
        at_home = [{**one, "metadata": {**one["metadata"], "namespace": name}} for one in self.of_home]
        roles = [self._binding(name, role) for role in ("editor", "approver")]
        self.kubectl.apply(build_workspace(name), namespace, *roles, *at_home, *build_objects(name))
        wait_until_in_force(self.kubectl, name)
        self._wait_for_rights(name)
        return name

    def _wait_for_rights(self, namespace: str) -> None:
        """The API server hears of a binding a moment after it was made."""
        deadline = time.monotonic() + 30
        for who, what in (
            ((f"--as={self.operator_user}",), ("create", "leases.coordination.k8s.io")),
            ((f"--as={self.operator_user}",), ("list", "runs.headgate.dev")),
            (("--as=ana", "--as-group=editors"), ("create", "runs.headgate.dev")),
            (("--as=bea", "--as-group=approvers"), ("patch", "approvalrequests.headgate.dev")),
        ):
            while self.kubectl("auth", "can-i", *what, "-n", namespace, *who, check=False).strip() != "yes":
                assert time.monotonic() < deadline, f"{who} may not {what}"
                time.sleep(0.1)

    def _binding(self, namespace: str, role: str) -> dict[str, Any]:
        api = "rbac.authorization.k8s.io"
        return {
            "apiVersion": f"{api}/v1",
            "kind": "RoleBinding",
            "metadata": {"name": f"{role}s", "namespace": namespace},
            "roleRef": {"apiGroup": api, "kind": "ClusterRole", "name": f"{self.name}-{role}"},
            "subjects": [{"apiGroup": api, "kind": "Group", "name": f"{role}s"}],
        }


@contextmanager
def released(kubectl: Kubectl, access: Access) -> Iterator[Release]:
    """Installed, and in force."""
    release = Release(kubectl, access, f"hg-{uuid.uuid4().hex[:8]}")
    try:
        home = f"test-{uuid.uuid4().hex[:8]}"
        release.namespaces.append(home)
        kubectl("create", "namespace", home)
        values = {
            "replicas": 0,
            "webhook": {"enabled": False},
            "nodeTypes": {"enabled": False},
            "rbac": {"aggregate": False},
            "admission": {"namespaceSelector": {"matchLabels": {_SELECTED: release.name}}, "argo": [USER, ARGO_USER]},
        }
        documents = render(release.name, home, values)
        kubectl.apply(*documents)
        release.of_home += [
            one for one in documents if one["kind"] in _AT_HOME and one["metadata"].get("namespace") == home
        ]
        yield release
    finally:
        kubectl("delete", "namespace", *release.namespaces, "--wait=false", check=False)
        kubectl("delete", _CLUSTER_WIDE, "-l", f"app.kubernetes.io/instance={release.name}", check=False)


@dataclass
class Lane:
    release: Release
    namespace: str
    proxy: FaultProxy
    people: People
    argo: Argo

    def ledger(self, round_: int) -> Counter[str]:
        """`life/instance` → how often it was executed, in one round."""
        ran = ((name.partition("/"), count) for name, count in self.argo.ran.items())
        told = ((run.split(f"-{round_}"), instance, count) for (run, _, instance), count in ran)
        return Counter({f"{''.join(run)}/{instance}": count for run, instance, count in told if len(run) > 1})

    def build_operator(self, rhythm: Rhythm | None = None, *, elects: bool = False) -> Operator:
        """In this process: for faults that it outlives."""
        more = {"RUNTIME_IMAGE": find_core(), "EXECUTOR_ACCOUNT": ACCOUNT, "LEADER_ELECTION": str(elects).lower()}
        said = self.release.settings(self.namespace, **more)
        settings = read_settings({f"HEADGATE_{name}": value for name, value in {**said, "STATUS_PORT": "0"}.items()})
        return Operator(replace(settings, identity=self.namespace), self.proxy.client_access, decide, rhythm=rhythm)


@asynccontextmanager
async def open_lane(release: Release, namespace: str, *, has_pods: bool = False) -> AsyncIterator[Lane]:
    """`namespace`: one of the release's, in which nobody else is. `has_pods`: Argo itself carries out its legs."""
    argo, people = Argo(release.access, namespace), People(release.access, namespace)
    proxy = FaultProxy(
        release.access,
        counts=lambda method, path: path.split("/")[-2 if method == "PATCH" else -1] not in _BESIDE,
        headers={"Impersonate-User": release.operator_user},
        leg_labels={} if has_pods else argo.labels,
    )
    try:
        async with proxy.serving(), argo.working(), people.living():
            yield Lane(release, namespace, proxy, people, argo)
    finally:
        await asyncio.sleep(_GOODBYE)
