"""The admission policies on a real API server, for one namespace alone, with the scene that attacks are made on.

Everybody has every right of RBAC there: what is refused is refused by admission.
"""

import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest

from cluster.fixtures import testbox
from cluster.kubectl import Kubectl
from cluster.manifests import build_workspace
from headgate.names import GROUP
from integration.approvals import scene
from integration.approvals.people import Answer, Cluster, patch, vote
from integration.approvals.scene import Manifest
from integration.approvals.table import ATTACKS
from support.chart import render
from support.figures import record

__all__ = ["stage", "tally", "testbox"]

POLICIES = (
    "validatingadmissionpolicies,mutatingadmissionpolicies,"
    "validatingadmissionpolicybindings,mutatingadmissionpolicybindings"
)
KEPT = "apr,hrun,workflows.argoproj.io,cronworkflows,workflowtaskresults,workflowtasksets,secrets,controllerrevisions"
VERBS = "get list watch create update patch delete deletecollection".split()
EVERYBODY = [{"kind": "Group", "name": f"system:{what}"} for what in ("authenticated", "unauthenticated")]
ARGO = ["headgate:argo-workflow-controller", "system:serviceaccount:argo:argo"]
SETTLES_WITHIN = 30.0


@dataclass
class Stage(Cluster):
    """The namespace in which the policies hold, and what one may want to know about it."""

    kubectl: Kubectl
    namespace: str
    release: str
    operator: str
    known: dict[str, Any] = field(default_factory=dict)
    """What stood there when it was last looked at."""

    def look(self) -> dict[str, Any]:
        """Everything that an attack could change, as it is stored."""
        return {f"{one['kind']}/{one['metadata']['name']}": one for one in self.get(KEPT)["items"]}


@dataclass
class Tally:
    tried: set[str] = field(default_factory=set)
    through: set[str] = field(default_factory=set)


@pytest.fixture(scope="session")
def tally() -> Iterator[Tally]:
    """Counts the attacks; the figures are recorded when all have been tried."""
    counted = Tally()
    yield counted
    if len(counted.tried) >= len(ATTACKS):
        record("approval_attacks", len(counted.tried), ">= 60", "attacks")
        record("approval_attacks_through", len(counted.through), "== 0", "attacks", note=", ".join(counted.through))


@pytest.fixture(scope="session")
def stage(kubectl: Kubectl, crds: None) -> Iterator[Stage]:
    mark = uuid.uuid4().hex[:8]
    release, namespace = f"hg-{mark}", f"test-admission-{mark}"
    stage = Stage(kubectl, namespace, release, f"system:serviceaccount:{namespace}:{release}")
    try:
        kubectl.apply(build_workspace(namespace))
        kubectl("label", "namespace", namespace, f"headgate-test={mark}")
        kubectl.apply(*build_rights(stage), *render_policies(stage, mark))
        wait_until_in_force(stage)
        lay_out(stage)
        stage.known = stage.look()
        yield stage
    finally:
        kubectl("delete", "namespace", namespace, "--wait=false", "--ignore-not-found")
        kubectl("delete", POLICIES, "-l", f"app.kubernetes.io/instance={release}", "--ignore-not-found")


@pytest.fixture
def fresh(stage: Stage, request: pytest.FixtureRequest) -> Callable[..., str]:
    """Makes requests that no attack knows of."""

    def make(**spec: Any) -> str:
        name = f"fresh-{time.monotonic_ns()}"
        made = stage.ask(stage.operator, "create", "-f", "-", stdin=scene.request(name, **spec))
        assert made.accepted, made.said
        request.addfinalizer(lambda: forget(stage, f"apr/{name}"))
        return f"apr/{name}"

    return make


def forget(stage: Stage, name: str) -> None:
    stage.ask(stage.operator, "delete", name, "--ignore-not-found", "--wait=false")
    stage.known = stage.look()


def render_policies(stage: Stage, mark: str) -> list[Manifest]:
    values = {
        "namespaceSelector": {"matchLabels": {"headgate-test": mark}},
        "argo": ARGO,
    }
    return render(stage.release, stage.namespace, {"admission": values}, only=("admission",))


def build_rights(stage: Stage) -> list[Manifest]:
    """Every right to everybody, but for the verb `approve`."""

    def approve(policy: str) -> list[Manifest]:
        return [
            {"apiGroups": [GROUP], "resources": ["approvalpolicies"], "resourceNames": [policy], "verbs": ["approve"]}
        ]

    def users(*names: str) -> list[Manifest]:
        return [{"kind": "User", "name": name} for name in names]

    everything = [
        {"apiGroups": [GROUP, "argoproj.io"], "resources": ["*"], "verbs": VERBS},
        {"apiGroups": ["", "apps"], "resources": ["secrets", "controllerrevisions"], "verbs": VERBS},
    ]
    return [
        *build_role(stage.namespace, "everything", everything, EVERYBODY),
        *build_role(stage.namespace, "approve-release", approve("release"), users(scene.RIGHT, scene.ANA)),
        *build_role(stage.namespace, "approve-other", approve("other"), users(scene.WRONG_RIGHT)),
    ]


def build_role(namespace: str, name: str, rules: list[Manifest], subjects: list[Manifest]) -> list[Manifest]:
    group = "rbac.authorization.k8s.io"
    head = {"apiVersion": f"{group}/v1", "metadata": {"name": name, "namespace": namespace}}
    reference = {"apiGroup": group, "kind": "Role", "name": name}
    bound = [{**subject, "apiGroup": group} for subject in subjects]
    return [
        {**head, "kind": "Role", "rules": rules},
        {**head, "kind": "RoleBinding", "roleRef": reference, "subjects": bound},
    ]


def wait_until_in_force(stage: Stage) -> None:
    """The API server takes up each policy a moment after it was created."""
    forged = {
        "requests": scene.request("probe"),
        "runs": scene.run("probe", requester=scene.ANA),
        "argo": scene.leg("probe"),
        "results": scene.result("probe", scene.LEG),
        "records": scene.kept("probe"),
        "revisions": scene.revision("probe"),
    }
    for policy, document in forged.items():
        tried = partial(stage.ask, scene.MALLORY, "create", "-f", "-", "--dry-run=server", stdin=document)
        until(partial(says, tried, f"'{stage.release}-{policy}'"))
    run = partial(stage.ask, scene.ANA, "create", "-f", "-", "--dry-run=server", stdin=scene.run("probe"))
    until(lambda: run().accepted)
    assert stage.ask(stage.operator, "create", "-f", "-", stdin=scene.request("probe")).accepted
    patched = partial(stage.ask, scene.BEA, "patch", "apr/probe")
    until(lambda: "-votes'" in patched(*vote()).said)
    until(lambda: "-status'" in patched(*patch({"status": {"votes": "1/2"}}), "--subresource=status").said)
    until(lambda: patched(*vote(), groups=scene.MANAGERS).accepted)
    assert stage.ask(stage.operator, "delete", "apr/probe").accepted


def says(ask: Callable[[], Answer], text: str) -> bool:
    return text in ask().said


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SETTLES_WITHIN
    while not holds():
        assert time.monotonic() < deadline, "a policy did not come into force"
        time.sleep(0.1)


def lay_out(stage: Stage) -> None:
    """What the operator has made so far, the vote that bea has given, and how the questions stand."""
    for document in scene.build_scene():
        made = stage.ask(stage.operator, "create", "-f", "-", stdin=document)
        assert made.accepted, made.said
    for document in (scene.TOLD, scene.TASKS):
        told = stage.ask(ARGO[-1], "create", "-f", "-", stdin=document)
        assert told.accepted, told.said
    for name in scene.VOTED:
        voted = stage.ask(scene.BEA, "patch", f"apr/{name}", *vote(reason="checked"), groups=scene.MANAGERS)
        assert voted.accepted, voted.said
    for name, status in scene.STATUSES.items():
        told = stage.ask(stage.operator, "patch", name, *patch({"status": status}), "--subresource=status")
        assert told.accepted, told.said
    stage.kubectl.apply(scene.loosened(stage.namespace))
    stage.kubectl.wait(
        "workflows.argoproj.io",
        scene.LEG,
        "-n",
        stage.namespace,
        until=lambda leg: bool(leg.get("status", {}).get("nodes")),
    )
