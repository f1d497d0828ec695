"""Headgate is upgraded while Runs wait for people, time, a child and a pod: they go on with what they pinned.

The next release has another planner, other admission policies with their record, other workflows under the same names,
and a node type whose new image is not to be had: a Run that followed it would never end.
"""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from chaos.conftest import prepare_nodes
from cluster.kubectl import Kubectl
from cluster.settings import Settings
from support.chart import find_helm, render
from support.chart_operator import ChartOperator, run_chart
from support.effects import Ledger, build_type, install_effects, serve_ledger
from support.installed_chart import install
from support.operator_process import ROOT, find_core
from support.run_stage import RunStage, end_of, has_ended, phase_of

if find_helm() is None:
    pytest.skip("there is no helm: `make cluster` builds it", allow_module_level=True)

BEA, RITA = "bea@example.com", "rita@example.com"
GROUPS = ("approvers", "release-managers")
POLICY = """
metadata: {name: release}
spec:
  stages: [{name: managers, groups: [release-managers], votes: 2}]
"""
WORKFLOWS = """
metadata: {name: gated}
spec:
  nodes:
  - {name: before, use: $ONCE}
  - {name: review, use: approval, after: {before: Succeeded}, with: {policy: release, message: "Go on?"}}
  - {name: work, use: $ONCE, after: {review: Succeeded}}
  outputs: {done: "${work.done}"}
---
metadata: {name: timed}
spec:
  nodes:
  - {name: pause, use: wait, with: {for: 30s}}
  - {name: work, use: $ONCE, after: {pause: Succeeded}}
  outputs: {done: "${work.done}"}
---
metadata: {name: busy}
spec:
  nodes:
  - {name: before, use: $ONCE, with: {seconds: 15}}
  - {name: work, use: $ONCE, after: {before: Succeeded}}
  outputs: {done: "${work.done}"}
---
metadata: {name: inner}
spec:
  nodes:
  - {name: review, use: approval, with: {policy: release, message: "Go on inside?"}}
  - {name: work, use: $ONCE, after: {review: Succeeded}}
  outputs: {done: "${work.done}"}
---
metadata: {name: outer}
spec:
  nodes: [{name: sub, use: workflow/inner}]
  outputs: {done: "${sub.done}"}
"""
NEXT = "---".join(
    f"\nmetadata: {{name: {name}}}\nspec:\n  nodes: [{{name: instead, use: wait, with: {{for: 1s}}}}]\n"
    for name in ("gated", "timed", "busy", "inner")
)
RUNS = {f"{workflow}-1": workflow for workflow in ("gated", "timed", "busy", "outer")}


def values(namespace: str, *gitops: str) -> dict[str, Any]:
    repository, _, digest = find_core().partition("@")
    selector = {"matchLabels": {"kubernetes.io/metadata.name": namespace}}
    return {
        "images": {"core": {"repository": repository, "digest": digest}},
        "network": {"enabled": False},
        "admission": {
            "namespaceSelector": selector,
            "argo": ["headgate:argo-workflow-controller"],
            "gitops": ["argocd-application-controller", *gitops],
        },
    }


def build_next_operator(folder: Path) -> Path:
    """This working tree's operator with another planner."""
    ours = ROOT / "operator"
    shutil.copytree(ours, folder, ignore=shutil.ignore_patterns("docs", "__pycache__"))
    module = folder / "headgate/lifecycle/pinned.py"
    text = module.read_text(encoding="utf-8")
    assert "\nPLANNER = 1\n" in text
    module.write_text(text.replace("\nPLANNER = 1\n", "\nPLANNER = 2\n"), encoding="utf-8")
    return folder


@pytest.mark.timeout(400)
def test_runs_that_wait_through_an_upgrade_go_on_with_what_they_pinned(
    kubectl: Kubectl, cluster_settings: Settings, namespace: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare_nodes(kubectl, cluster_settings)
    stage = RunStage(kubectl, namespace)
    with (
        serve_ledger(cluster_settings) as ledger,
        install_effects(kubectl, ledger) as (once, _),
        run_chart(kubectl, namespace, values(namespace), tmp_path) as operator,
    ):
        bound = (f"--clusterrole={operator.release}-approver", f"--group={GROUPS[0]}")
        kubectl("create", "rolebinding", "approvers", *bound, "-n", namespace)
        stage.apply("ApprovalPolicy", POLICY)
        stage.workflow(WORKFLOWS, once=once)
        stage.start(RUNS)
        before = stage.until(_all_wait, 90)
        asked = stage.until_asked(2)
        _vote(stage, "gated-1-review", BEA)
        stage.kubectl.wait("apr/gated-1-review", "-n", namespace, until=lambda it: it["status"]["votes"] == "1/2")

        operator.stop()
        _upgrade(stage, operator, ledger, once)
        monkeypatch.setenv("PYTHONPATH", str(build_next_operator(tmp_path / "next")))
        operator.start()

        _vote(stage, "gated-1-review", RITA)
        (inner,) = (name for name in asked if name != "gated-1-review")
        for person in (BEA, RITA):
            _vote(stage, inner, person)
        stage.start({"late-1": "timed"})
        runs = stage.until(lambda runs: all(map(has_ended, runs.values())), 120)
        uses = {name: dict(ledger.uses(run["metadata"]["uid"])) for name, run in runs.items()}
        requests = {one["metadata"]["name"]: one for one in kubectl.get("apr", "-n", namespace)["items"]}
        revisions = {one["metadata"]["labels"]["headgate.dev/revision"]: one["data"] for one in _revisions(stage)}
    print(f"\n{len(RUNS)} Runs waited through an upgrade; keys used: {uses}")
    for name in RUNS:
        assert end_of(runs[name])[:2] == ("Succeeded", {"done": True}), runs[name]["status"]
        revision = runs[name]["status"]["revision"]
        assert revision == before[name]["status"]["revision"]
        assert revisions[revision]["planner"] == 1
    assert all(times == 1 for used in uses.values() for times in used.values()), uses
    told = {name: (one["metadata"]["uid"], one["status"]["phase"]) for name, one in requests.items()}
    assert told == {name: (uid, "Approved") for name, uid in asked.items()}, "nobody is asked again"
    assert set(requests["gated-1-review"]["spec"]["votes"]) == {BEA, RITA}
    late = runs["late-1"]["status"]
    assert (list(late["nodes"]), revisions[late["revision"]]["planner"]) == (["instead"], 2), "what starts now is new"


def _all_wait(runs: dict[str, Any]) -> bool:
    """Each for something else: people, time, a child that waits, a pod."""
    return (
        phase_of(runs["gated-1"], "review") == "Waiting"
        and phase_of(runs["timed-1"], "pause") == "Waiting"
        and phase_of(runs["outer-1"], "sub") == "Waiting"
        and phase_of(runs["busy-1"], "before") == "Running"
    )


def _upgrade(stage: RunStage, operator: ChartOperator, ledger: Ledger, once: str) -> None:
    given = values(stage.namespace, "fleet-agent")
    install(stage.kubectl, stage.namespace, *render(operator.release, stage.namespace, given, only=("admission",)))
    image = f"{find_core().partition('@')[0]}@sha256:{'0' * 64}"
    stage.kubectl.apply(build_type(once, ledger, image=image))
    stage.workflow(NEXT)


def _vote(stage: RunStage, request: str, person: str) -> None:
    vote = json.dumps({"spec": {"votes": {"me": {"verdict": "Approve"}}}})
    identity = (f"--as={person}", *(f"--as-group={group}" for group in GROUPS))
    stage.kubectl(*identity, "patch", "apr", request, "-n", stage.namespace, "--type=merge", "-p", vote)


def _revisions(stage: RunStage) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = stage.kubectl.get(
        "controllerrevisions", "-n", stage.namespace, "-l", "headgate.dev/revision"
    )["items"]
    return found
