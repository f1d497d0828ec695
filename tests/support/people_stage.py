"""Runs on a real cluster and the people around them: each with the rights of the chart's roles and no more, the
operator as a process under the chart's account and policies. Called by tests of what people may make of a Run.
"""

import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cluster.kubectl import Kubectl
from cluster.pki import ARGO_USER
from cluster.settings import Settings
from headgate.names import API_VERSION, GROUP
from integration.approvals.people import Answer, Cluster, patch, vote
from support.chart_operator import ChartOperator, run_chart
from support.installed_kinds import install_kinds
from support.operator_process import find_core, install_node_types
from support.run_stage import ENDED

ANA, BEA, REX, MALLORY = "ana@example.com", "bea@example.com", "rex@example.com", "mallory@example.com"
"""Asks; is asked at gates; is asked about failures; is asked about nothing, and has every other right."""
DAN, PAT = "dan@example.com", "pat@example.com"
"""Is asked about both; is asked at gates too, and steers Runs."""
GROUPS: Mapping[str, tuple[str, ...]] = {
    ANA: ("editors",),
    BEA: ("editors", "managers"),
    REX: ("editors", "fixers"),
    DAN: ("editors", "managers", "fixers"),
    PAT: ("editors", "managers"),
    MALLORY: ("editors",),
}
_SECONDS = 60
_VERBS = "get list watch create update patch delete".split()


@dataclass
class PeopleStage(Cluster):
    kubectl: Kubectl
    namespace: str
    operator: ChartOperator

    def by(self, who: str, *words: str, stdin: object = None) -> Answer:
        """Somebody runs kubectl, with the groups that they have here."""
        return self.ask(who, *words, groups=GROUPS[who], stdin=stdin)

    def admin(self, *words: str, stdin: str | None = None) -> str:
        return self.kubectl(*words, "-n", self.namespace, stdin=stdin)

    def start(self, run: str, workflow: str, who: str = ANA, **spec: Any) -> None:
        made = self.by(who, "create", "-f", "-", stdin=run_of(run, workflow, **spec))
        assert made.accepted, made.said

    def vote(self, request: str, who: str, verdict: str, **more: Any) -> None:
        cast = self.say(request, who, verdict, **more)
        assert cast.accepted, cast.said

    def say(self, request: str, who: str, verdict: str, **more: Any) -> Answer:
        return self.by(who, "patch", f"apr/{request}", *vote(verdict, **more))

    def until(self, name: str, holds: Callable[[Any], bool]) -> Any:
        return self.kubectl.wait(name, "-n", self.namespace, until=holds, seconds=_SECONDS)

    def request(self, name: str, phase: str = "Open") -> Any:
        """A request, once it stands so."""
        return self.until(f"apr/{name}", lambda one: one.get("status", {}).get("phase") == phase)

    def asked_for(self, run: str, node: str, before: str = "") -> Any:
        """The request that a node waits for now, if it is another than that of before."""

        def asks(found: Any) -> bool:
            request = found.get("status", {}).get("nodes", {}).get(node, {}).get("request")
            return request not in (None, before)

        return self.request(self.until(f"hrun/{run}", asks)["status"]["nodes"][node]["request"])

    def end(self, run: str) -> Any:
        return self.until(f"hrun/{run}", lambda one: one.get("status", {}).get("phase") in ENDED)["status"]

    def phases(self, run: str) -> dict[str, str]:
        nodes = self.get(f"hrun/{run}")["status"].get("nodes", {})
        return {name: node["phase"] for name, node in nodes.items()}


def run_of(name: str, workflow: str, **spec: Any) -> dict[str, Any]:
    spec = {"from" if key == "from_" else key: value for key, value in spec.items()}
    return {
        "apiVersion": API_VERSION,
        "kind": "Run",
        "metadata": {"name": name},
        "spec": {"workflow": workflow, **spec},
    }


def spec_patch(**spec: Any) -> tuple[str, ...]:
    return patch({"spec": spec})


@contextmanager
def people_stage(
    kubectl: Kubectl, settings: Settings, folder: Path, objects: str, more: Mapping[str, Any] | None = None
) -> Iterator[PeopleStage]:
    """`objects`: what is there before anybody comes. `more`: values of the chart."""
    with core_stage(kubectl, settings, folder, "people", more) as (namespace, operator):
        operator.bind("editor")
        kubectl.apply(*_everything(namespace))
        kubectl("apply", "-n", namespace, "-f", "-", stdin=objects)
        yield PeopleStage(kubectl, namespace, operator)


@contextmanager
def core_stage(
    kubectl: Kubectl, settings: Settings, folder: Path, purpose: str, more: Mapping[str, Any] | None = None
) -> Iterator[tuple[str, ChartOperator]]:
    """A namespace and its operator, with the node types of the core image. If a test fails, with what it logged."""
    namespace = f"test-{purpose}-{uuid.uuid4().hex[:8]}"
    install_kinds(kubectl)
    install_node_types(kubectl, settings)
    repository, _, digest = find_core().partition("@")
    values = {
        "images": {"core": {"repository": repository, "digest": digest}},
        "admission": {"argo": [ARGO_USER]},
        **(more or {}),
    }
    kubectl("create", "namespace", namespace)
    try:
        with run_chart(kubectl, namespace, values, folder) as operator:
            try:
                yield namespace, operator
            except BaseException:
                print(operator.log.read_text()[-6000:])
                raise
    finally:
        kubectl("delete", "namespace", namespace, "--wait=false", check=False)


def _everything(namespace: str) -> list[dict[str, Any]]:
    """Every right of RBAC to one person: what they are refused then is refused by admission, or comes to nothing."""
    rules = [
        {"apiGroups": [GROUP, "argoproj.io"], "resources": ["*"], "verbs": _VERBS},
        {"apiGroups": ["", "apps"], "resources": ["secrets", "controllerrevisions"], "verbs": _VERBS},
    ]
    rbac = "rbac.authorization.k8s.io"
    head = {"apiVersion": f"{rbac}/v1", "metadata": {"name": "everything", "namespace": namespace}}
    subject = {"apiGroup": rbac, "kind": "User", "name": MALLORY}
    role = {"apiGroup": rbac, "kind": "Role", "name": "everything"}
    return [
        {**head, "kind": "Role", "rules": rules},
        {**head, "kind": "RoleBinding", "roleRef": role, "subjects": [subject]},
    ]
