"""The content example of the language, as documented, its hosts replaced: from `kubectl apply` to the posting.

The operator has the chart's rights and no more. Git host, blog, Slack and the model are a pod: what they are asked, and
with which secret, stands in its log.
"""

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from cluster.kubectl import Kubectl
from cluster.manifests import build_workspace
from cluster.pki import ARGO_USER
from cluster.settings import Settings
from e2e.manifests import build_pod
from e2e.test_node_images import POD, RESTRICTED
from headgate.audit.entry import Entry
from headgate.audit.segments import in_order, lines_of
from headgate.audit.verifying import Verifier
from headgate.names import API_VERSION
from integration.approvals.people import Cluster, patch, vote
from support.chart import find_helm
from support.chart_operator import ChartOperator, run_chart
from support.content_peers import PORT
from support.examples import DOCS
from support.installed_kinds import install_kinds
from support.operator_process import ROOT, find_core, install_node_types
from support.run_stage import ENDED

if find_helm() is None:
    pytest.skip("there is no helm: `make cluster` builds it", allow_module_level=True)

EXAMPLE = (DOCS / "examples" / "release-notes.yaml").read_text(encoding="utf-8")
PEERS = ("git", "blog", "slack", "model")
TOKENS = {name: f"{name}-{uuid.uuid4().hex}" for name in ("blog", "slack", "model")}
RUNS = ("published", "rejected")
BEA, BOB = "bea@example.com", "bob@example.com"
PRIVATE = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"]
"""Where services are, whatever cluster this is."""
NO_KEY = {"secret": "nowhere", "key": "key"}
CORRECTED = "You can pay by invoice now."


def objects(namespace: str) -> list[dict[str, Any]]:
    """What the example names: a policy, a model, two credentials with their Secrets."""

    def thing(kind: str, name: str, spec: dict[str, Any]) -> dict[str, Any]:
        return {
            "apiVersion": API_VERSION,
            "kind": kind,
            "metadata": {"name": name, "namespace": namespace},
            "spec": spec,
        }

    def secret(name: str, **values: str) -> dict[str, Any]:
        metadata = {"name": name, "namespace": namespace}
        return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": values}

    stage = {"name": "managers", "groups": ["release-managers"], "votes": 2}
    blog = {"type": "bearer", "secret": "blog", "fields": {"token": "api-token"}, "nodeTypes": ["http"]}
    asking = {"name": "ask", "use": "llm", "with": {"model": "keyless", "prompt": "?"}}
    reviewing = {"name": "review", "use": "approval", "with": {"policy": "release", "message": "Publish it."}}
    post = {"credential": "blog", "method": "POST", "url": f"http://{host('blog', namespace)}/posts"}
    posting = {"name": "publish", "use": "http", "after": {"review": "Succeeded"}, "with": {**post, "json": {}}}
    slack = {"type": "bearer", "secret": "slack", "nodeTypes": ["slack"], "hosts": [host("slack", namespace)]}
    external = {"url": f"http://{host('model', namespace)}/v1", "key": {"secret": "model", "key": "key"}}
    return [
        thing("ApprovalPolicy", "release", {"stages": [stage], "exclude": ["Requester"], "timeout": "1h"}),
        thing("Model", "small", {"engine": "external", "model": "smol", "external": external}),
        thing("Model", "keyless", {"engine": "external", "model": "smol", "external": {**external, "key": NO_KEY}}),
        thing("Workflow", "ask", {"nodes": [asking]}),
        thing("Workflow", "direct", {"nodes": [reviewing, posting]}),
        thing("Credential", "blog", {**blog, "hosts": [host("blog", namespace)], "behind": "release"}),
        thing("Credential", "slack", slack),
        secret("blog", **{"api-token": TOKENS["blog"], "other": "not for nodes"}),
        secret("slack", token=TOKENS["slack"], url=f"http://{host('slack', namespace)}"),
        secret("model", key=TOKENS["model"]),
    ]


def host(peer: str, namespace: str) -> str:
    return f"{peer}.{namespace}.svc.cluster.local"


def peers(namespace: str) -> list[dict[str, Any]]:
    """One pod that is all of them, under the name of each."""
    expected = {name: f"Bearer {token}" for name, token in TOKENS.items()}
    program = (ROOT / "tests/support/content_peers.py").read_text(encoding="utf-8")
    environment = [{"name": "PROGRAM", "value": program}, {"name": "EXPECTED", "value": json.dumps(expected)}]
    ready = {"tcpSocket": {"port": PORT}, "periodSeconds": 1}
    container = {"securityContext": RESTRICTED, "env": environment, "readinessProbe": ready}
    pod = build_pod("peers", find_core(), 'exec python3 -c "$PROGRAM"', namespace, **POD, container=container)
    ports = [{"port": 80, "targetPort": PORT}]
    services = [
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": name, "namespace": namespace},
            "spec": {"selector": {"app": "peers"}, "ports": ports},
        }
        for name in PEERS
    ]
    return [pod, *services]


@dataclass
class Stage(Cluster):
    kubectl: Kubectl
    namespace: str
    operator: ChartOperator

    def create(self, run: str, workflow: str = "release-notes", **inputs: str) -> None:
        spec = {"workflow": workflow, "inputs": inputs}
        document = {"apiVersion": API_VERSION, "kind": "Run", "metadata": {"name": run}, "spec": spec}
        made = self.ask("ana@example.com", "create", "-f", "-", groups=("system:masters",), stdin=document)
        assert made.accepted, made.said

    def wait(self, name: str, *phases: str) -> dict[str, Any]:
        def holds(found: Any) -> bool:
            phase = found.get("status", {}).get("phase")
            return phase in phases or phase in ENDED

        found: dict[str, Any] = self.kubectl.wait(name, "-n", self.namespace, until=holds, seconds=120)
        status = found["status"]
        assert status["phase"] in phases, json.dumps(status, indent=1)
        return found

    def vote(self, name: str, who: str, verdict: str = "Approve", **more: Any) -> None:
        rights = ("release-managers", "system:masters")
        cast = self.ask(who, "patch", f"apr/{name}", *vote(verdict, **more), groups=rights)
        assert cast.accepted, cast.said

    def asked(self) -> list[dict[str, Any]]:
        """Every request that the peers got."""
        return [json.loads(line) for line in self.kubectl("logs", "-n", self.namespace, "peers").splitlines()]


@pytest.fixture(scope="module")
def stage(kubectl: Kubectl, cluster_settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    namespace = f"content-{uuid.uuid4().hex[:8]}"
    install_kinds(kubectl)
    install_node_types(kubectl, cluster_settings)
    repository, _, digest = find_core().partition("@")
    rules = {"openAddresses": PRIVATE, "insecureHosts": [f"*.{namespace}.svc.cluster.local"]}
    values = {
        "images": {"core": {"repository": repository, "digest": digest}},
        "admission": {"argo": [ARGO_USER]},
        "http": {"namespaces": {namespace: rules}},
        "settings": {"logLevel": "DEBUG", "keepLegs": "10m"},
    }
    try:
        kubectl.apply(build_workspace(namespace), *peers(namespace), *objects(namespace))
        with run_chart(kubectl, namespace, values, tmp_path_factory.mktemp("operator")) as operator:
            kubectl.wait("pod", "peers", "-n", namespace, until=is_ready)
            whole = Stage(kubectl, namespace, operator)
            example = EXAMPLE
            for name in ("git", "blog"):
                example = example.replace(f"https://{name}.example", f"http://{host(name, namespace)}")
            kubectl("apply", "-n", namespace, "-f", "-", stdin=example)
            yield whole
    finally:
        kubectl("delete", "namespace", namespace, "--wait=false", check=False)


def is_ready(pod: Any) -> bool:
    return any(one["type"] == "Ready" and one["status"] == "True" for one in pod["status"].get("conditions", ()))


@pytest.fixture(scope="module")
def begun(stage: Stage) -> Stage:
    """Runs that wait for people."""
    for run in RUNS:
        stage.create(run, repo="acme/shop")
    for run in RUNS:
        stage.wait(f"hrun/{run}", "Waiting")
    return stage


def test_the_draft_is_made_of_the_commits_by_a_model_whose_key_only_its_pod_had(begun: Stage) -> None:
    request = begun.wait("apr/published-review", "Open")
    assert request["spec"]["values"] == {"notes": "You can now pay by invoice."}
    asked = [one for one in begun.asked() if one["peer"] == "model"]
    assert [one["authorized"] for one in asked] == [True] * len(RUNS)
    assert "Pay by invoice" in asked[0]["body"]["messages"][-1]["content"]
    assert not any(one["sent"] for one in begun.asked() if one["peer"] == "git")
    assert not any(one["peer"] in ("blog", "slack") for one in begun.asked())


def test_a_corrected_text_is_asked_about_again_and_published_as_it_was_approved(begun: Stage) -> None:
    begun.vote("published-review", BEA, values={"notes": CORRECTED})
    superseded = begun.kubectl.wait(
        "apr/published-review", "-n", begun.namespace, until=lambda it: it["status"]["phase"] == "Superseded"
    )
    begun.vote(superseded["status"]["supersededBy"], BOB)
    status = begun.wait("hrun/published", "Succeeded")["status"]
    assert status["outputs"] == {"url": "https://blog.example/posts/7"}
    assert status["nodes"]["tell"]["phase"] == "Skipped"
    (post,) = [one for one in begun.asked() if one["peer"] == "blog"]
    assert (post["authorized"], post["body"]) == (True, {"text": CORRECTED})


def test_a_no_publishes_nothing_and_tells_why(begun: Stage) -> None:
    before = len([one for one in begun.asked() if one["peer"] == "blog"])
    begun.vote("rejected-review", BOB, "Reject", reason="wrong version number")
    status = begun.wait("hrun/rejected", "Cancelled")["status"]
    assert {name: one["phase"] for name, one in status["nodes"].items()} == {
        "commits": "Succeeded",
        "draft": "Succeeded",
        "review": "Failed",
        "publish": "Omitted",
        "tell": "Succeeded",
    }
    (told,) = [one for one in begun.asked() if one["peer"] == "slack"]
    assert told["authorized"]
    assert told["body"]["text"] == f"Not published. rejected by {BOB}: wrong version number"
    assert len([one for one in begun.asked() if one["peer"] == "blog"]) == before


def test_a_secret_that_is_missing_is_told_on_the_node_with_the_command_that_makes_it(begun: Stage) -> None:
    begun.create("keyless", "ask")
    status = begun.wait("hrun/keyless", "Failed")["status"]
    assert status["nodes"]["ask"]["reason"] == "ModelMissing"
    command = f"kubectl create secret generic nowhere -n {begun.namespace} --from-literal=key=…"
    assert command in status["nodes"]["ask"]["message"]
    assert command in status["conditions"][0]["message"]


def test_a_credential_that_was_tightened_while_people_thought_is_not_given(begun: Stage) -> None:
    begun.create("tightened", "direct")
    begun.wait("apr/tightened-review", "Open")
    narrowed = patch({"spec": {"workflows": ["another"]}})
    begun.kubectl("patch", "credential", "blog", "-n", begun.namespace, *narrowed)
    before = len(begun.asked())
    for who in (BEA, BOB):
        begun.vote("tightened-review", who)
    status = begun.wait("hrun/tightened", "Failed")["status"]
    assert status["nodes"]["publish"]["reason"] == "CredentialRefused"
    assert "is for other workflows: another" in status["nodes"]["publish"]["message"]
    assert len(begun.asked()) == before


def test_the_audit_log_tells_on_which_decision_each_credential_was_used(begun: Stage) -> None:
    def recorded(found: Any) -> bool:
        return {"published", "rejected"} <= {entry.run for entry in read(found) if entry.action == "RunEnded"}

    def read(found: Any) -> list[Entry]:
        lines = (line for segment in in_order(found["items"]) for line in lines_of(segment))
        return [entry for line in lines if (entry := verifier.read(line.text)) is not None]

    verifier = Verifier()
    words = ("configmaps", "-n", begun.namespace, "-l", f"headgate.dev/audit={begun.operator.release}")
    log = begun.kubectl.wait(*words, until=recorded)
    verifier = Verifier()
    entries = read(log)
    assert verifier.finish().flaws == ()
    used = [(entry.run, entry.kind, entry.name, entry.outcome) for entry in entries if entry.action.endswith("Used")]
    published, rejected = ([one for one in used if one[0] == run] for run in ("published", "rejected"))
    assert [one[1:] for one in rejected] == [
        ("ApprovalRequest", "rejected-review", "Rejected"),
        ("Credential", "slack", ""),
    ]
    assert [(kind, outcome) for _, kind, _, outcome in published] == [
        ("ApprovalRequest", "Approved"),
        ("Credential", ""),
    ]
    assert published[1][2] == "blog"
    decided = next(entry for entry in entries if entry.action == "Decided" and entry.name == published[0][2])
    leg = next(entry for entry in entries if entry.action == "LegStarted" and entry.detail.get("decisions"))
    assert decided.number < leg.number
    assert not any(token in log for log in map(str, entries) for token in TOKENS.values())


def test_no_secret_stands_in_anything_that_people_read_and_only_the_nodes_own_container_had_it(begun: Stage) -> None:
    things = begun.kubectl("get", "hrun,hwf,apr,workflows.argoproj.io,events", "-n", begun.namespace, "-o", "json")
    pods = begun.kubectl.get("pods", "-n", begun.namespace, "-l", "headgate.dev/run-uid")["items"]
    said = things + json.dumps(pods) + begun.operator.log.read_text()
    for pod in pods:
        said += begun.kubectl("logs", "-n", begun.namespace, pod["metadata"]["name"], "-c", "main")
    assert [name for name, token in TOKENS.items() if token in said] == []
    mounted = [
        (container["name"], mount["mountPath"])
        for pod in pods
        for container in (*pod["spec"]["containers"], *pod["spec"]["initContainers"])
        for mount in container["volumeMounts"]
        if "credentials" in mount["mountPath"] or "models" in mount["mountPath"]
    ]
    expected = [("main", "/credentials/blog"), ("main", "/credentials/slack"), *[("main", "/models")] * len(RUNS)]
    assert sorted(mounted) == expected


def test_the_operator_was_refused_nothing(begun: Stage) -> None:
    assert begun.operator.said()
    assert begun.operator.refusals() == []
