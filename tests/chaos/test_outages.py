"""Argo's controller, the API server and etcd are killed while 50 Runs are under way: none is lost, nothing runs twice.

Each Run must end as one of its workflow did before, when nothing happened to anybody. One thing else may become of a
node that may not run again and was under way when something was killed: its pod ended while nobody could be told. Then
its outcome is unknown, and said so.
"""

import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from chaos.conftest import Command, kill_component, prepare_nodes
from cluster.kubectl import Kubectl
from cluster.settings import Settings
from support.effects import Ledger, install_effects, serve_ledger
from support.operator_process import run_operator
from support.pod_guard import guard_pods
from support.run_stage import End, RunStage, end_of, has_ended

SETTLED_WITHIN = 60.0
SECONDS_A_POD = 3.0
"""What a small machine takes to start one and to end it: so much later those may end that had not begun."""
OUTAGE = 4.0
"""Seconds for which a component is away before it is repaired: that is the fault itself."""
WORKFLOWS = """
metadata: {name: one}
spec:
  execution: {concurrency: {limit: 6, onLimit: Queue}}
  nodes: [{name: work, use: $ONCE, with: {seconds: 2}}]
  outputs: {done: "${work.done}"}
---
metadata: {name: pair}
spec:
  nodes:
  - {name: first, use: $AGAIN, with: {seconds: 2}}
  - {name: work, use: $ONCE, after: {first: Succeeded}}
  outputs: {done: "${work.done}"}
---
metadata: {name: timed}
spec:
  nodes: [{name: pause, use: wait, with: {for: 40s}}]
---
metadata: {name: late}
spec:
  nodes:
  - {name: pause, use: wait, with: {for: 15s}}
  - {name: work, use: $ONCE, after: {pause: Succeeded}}
  outputs: {done: "${work.done}"}
"""
CALM = ("one", "pair", "late")
MANY = {"one": 14, "pair": 6, "timed": 20, "late": 10}
"""Workflow → how many Runs of it: 36 pods, of which the machine starts one in a second."""
KILLED = ("workflow-controller", "kube-apiserver", "etcd")


@pytest.mark.timeout(600)
def test_fifty_runs_outlive_argo_the_api_server_and_etcd(
    cluster: Command, kubectl: Kubectl, cluster_settings: Settings, namespace: str, tmp_path: Path
) -> None:
    prepare_nodes(kubectl, cluster_settings)
    stage = RunStage(kubectl, namespace)
    with (
        serve_ledger(cluster_settings) as ledger,
        guard_pods(kubectl, namespace),
        install_effects(kubectl, ledger) as (once, again),
        run_operator(cluster_settings, namespace, tmp_path / "log") as operator,
    ):
        stage.workflow(WORKFLOWS, once=once, again=again)
        expected = _run_calmly(stage, ledger)
        stage.start({f"{workflow}-{number}": workflow for workflow, many in MANY.items() for number in range(many)})
        hit: set[str] = set()
        for name in KILLED:
            runs = stage.until(lambda runs: sum(map(_is_at_work, runs.values())) >= 2, 60)
            hit |= {run for run in runs if _has_leg(runs[run])}
            kill_component(cluster_settings, name)
            time.sleep(OUTAGE)
            cluster("up")
            assert operator.is_running
        repaired = time.monotonic()
        left = [name for name, run in stage.runs().items() if not has_ended(run)]
        allowed = SETTLED_WITHIN + SECONDS_A_POD * sum(not name.startswith("timed") for name in left)
        runs = stage.until(lambda runs: all(map(has_ended, runs.values())), allowed)
        settled = time.monotonic() - repaired
    unknown = [name for name, run in runs.items() if not _is_calm(name, run, expected)]
    print(
        f"\n{len(runs)} Runs, {', '.join(KILLED)} killed, {len(left)} Runs left then: settled {settled:.0f} s later "
        f"of {allowed:.0f} s; {sum(map(len, ledger.pods.values()))} pods had an effect, of {len(unknown)} Runs the "
        f"outcome is unknown: {unknown}"
    )
    ran = {name for name in runs if ledger.uses(runs[name]["metadata"]["uid"])}
    untrue = {name: runs[name]["status"]["nodes"] for name in unknown if name not in hit | ran}
    assert not untrue, "of what never began, it is known that it did not run"
    _check_nothing_ran_twice(ledger, runs)


def _run_calmly(stage: RunStage, ledger: Ledger) -> dict[str, End]:
    """Workflow → how a Run of it ends when nothing happens."""
    stage.start({f"calm-{workflow}": workflow for workflow in CALM})
    runs = stage.until(lambda runs: all(map(has_ended, runs.values())), 90)
    ends = {workflow: end_of(runs[f"calm-{workflow}"]) for workflow in CALM}
    assert {end[0] for end in ends.values()} == {"Succeeded"}, ends
    stage.kubectl("delete", "hrun", *(f"calm-{workflow}" for workflow in CALM), "-n", stage.namespace)
    ends["timed"] = ("Succeeded", None, {"pause": ("Succeeded", None)})
    ledger.pods.clear()
    return ends


def _is_at_work(run: dict[str, Any]) -> bool:
    return any(node["phase"] == "Running" for node in run.get("status", {}).get("nodes", {}).values())


def _has_leg(run: dict[str, Any]) -> bool:
    return any(leg["phase"] in ("Pending", "Running") for leg in run.get("status", {}).get("legs", ()))


def _is_calm(name: str, run: dict[str, Any], expected: dict[str, End]) -> bool:
    """Whether it ended as it would have anyhow; otherwise, whether what else it says is true."""
    end = end_of(run)
    if end == expected[name.rpartition("-")[0]]:
        return True
    reasons = {reason for phase, reason in end[2].values() if phase == "Failed"}
    assert (end[0], reasons) == ("Failed", {"OutcomeUnknown"}), (name, run["status"])
    return False


def _check_nothing_ran_twice(ledger: Ledger, runs: dict[str, dict[str, Any]]) -> None:
    uses = {name: ledger.uses(run["metadata"]["uid"]) for name, run in runs.items()}
    doubled = {name: used for name, used in uses.items() if used["work"] > 1}
    assert not doubled
    done = {name for name, run in runs.items() if run["status"]["nodes"].get("work", {}).get("phase") == "Succeeded"}
    assert {name for name, used in uses.items() if used["work"]} >= done
    assert Counter(name.rpartition("-")[0] for name in runs) == Counter(MANY), "a Run is lost"
