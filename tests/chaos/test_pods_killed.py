"""Pods of nodes are killed while they work: what may run again does, and what may not ends unknown and is handled.

And pods are not let in for a while, as after a start of the API server: then nothing has run, and all of it still does.
"""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chaos.conftest import prepare_nodes
from cluster.kubectl import Kubectl
from cluster.settings import Settings
from support.effects import Ledger, install_effects, serve_ledger
from support.operator_process import run_operator
from support.pod_guard import guard_pods, refuse_pods
from support.run_stage import End, RunStage, end_of, has_ended, phase_of

SETTLED_WITHIN = 60.0
WORKFLOWS = """
metadata: {name: safe}
spec:
  nodes:
  - {name: work, use: $AGAIN}
  - {name: then, use: $ONCE, after: {work: Succeeded}}
  outputs: {done: "${then.done}"}
---
metadata: {name: risky}
spec:
  nodes:
  - {name: work, use: $ONCE}
  - {name: then, use: $ONCE, after: {work: Succeeded}}
  outputs: {done: "${then.done}"}
---
metadata: {name: forgiving}
spec:
  nodes:
  - {name: work, use: $ONCE, onError: Continue}
  - {name: then, use: $ONCE, after: {work: Succeeded}}
  - {name: instead, use: $ONCE, after: {work: Failed}}
  outputs: {done: "${instead.done}"}
"""
UNKNOWN = ("Failed", "OutcomeUnknown")
RUNS_AGAIN: End = ("Succeeded", {"done": True}, {"work": ("Succeeded", None), "then": ("Succeeded", None)})
STOPS: End = ("Failed", None, {"work": UNKNOWN, "then": ("Omitted", "NeedFailed")})
IS_FORGIVEN: End = (
    "Succeeded",
    {"done": True},
    {"work": UNKNOWN, "then": ("Skipped", "NeedSkipped"), "instead": ("Succeeded", None)},
)
RUNS = {
    "safe-killed": ("safe", RUNS_AGAIN, {"work": 2, "then": 1}),
    "safe-deleted": ("safe", RUNS_AGAIN, {"work": 2, "then": 1}),
    "risky-killed": ("risky", STOPS, {"work": 1}),
    "risky-deleted": ("risky", STOPS, {"work": 1}),
    "forgiving-killed": ("forgiving", IS_FORGIVEN, {"work": 1, "instead": 1}),
    "forgiving-deleted": ("forgiving", IS_FORGIVEN, {"work": 1, "instead": 1}),
    "safe-spared": ("safe", RUNS_AGAIN, {"work": 1, "then": 1}),
}
"""Name → workflow, how it must end, and how often the keys of its nodes may be used."""


@pytest.fixture
def ledger(cluster_settings: Settings) -> Iterator[Ledger]:
    with serve_ledger(cluster_settings) as found:
        yield found


def kill_node(pod: str) -> None:
    """The process of the node, and nothing else of its pod."""
    pids = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdecimal() and _is_node(path, pod)]
    assert pids, f"{pod} runs no node"
    for pid in pids:
        os.kill(pid, signal.SIGKILL)


def _is_node(process: Path, pod: str) -> bool:
    try:
        variables = (process / "environ").read_bytes().split(b"\0")
        words = (process / "cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return f"HOSTNAME={pod}".encode() in variables and words[0].endswith(b"python3")


@pytest.mark.timeout(300)
def test_a_node_whose_pod_is_killed_runs_again_only_if_it_may(
    kubectl: Kubectl, cluster_settings: Settings, namespace: str, ledger: Ledger, tmp_path: Path
) -> None:
    prepare_nodes(kubectl, cluster_settings)
    stage = RunStage(kubectl, namespace)
    ledger.held = frozenset({"work"})
    with (
        guard_pods(kubectl, namespace),
        install_effects(kubectl, ledger) as (once, again),
        run_operator(cluster_settings, namespace, tmp_path / "log", LEADER_ELECTION="false"),
    ):
        stage.workflow(WORKFLOWS, once=once, again=again)
        stage.start({name: workflow for name, (workflow, _, _) in RUNS.items()})
        uids = {name: run["metadata"]["uid"] for name, run in stage.runs().items()}
        killed = _kill_each_at_work(stage, ledger, uids)
        ledger.released.set()
        runs = stage.until(lambda runs: all(map(has_ended, runs.values())), SETTLED_WITHIN + 60)
        settled = time.monotonic() - killed
        uses = {name: dict(ledger.uses(uid)) for name, uid in uids.items()}
    print(f"\n6 pods killed, {len(runs)} Runs settled {settled:.0f} s after the last, keys used: {uses}")
    for name, (_, end, used) in RUNS.items():
        assert (end_of(runs[name]), uses[name]) == (end, used), runs[name]["status"]
    assert settled < SETTLED_WITHIN


def _kill_each_at_work(stage: RunStage, ledger: Ledger, uids: dict[str, str]) -> float:
    """Each when its node is at work and Argo knows it: one that is deleted before that, Argo itself creates again. When
    the last was killed."""
    left = {name for name in uids if not name.endswith("-spared")}
    deadline = time.monotonic() + 110
    while left:
        assert time.monotonic() < deadline, f"never at work: {left}"
        runs = stage.runs()
        for name in [one for one in left if phase_of(runs[one], "work") == "Running" and ledger.uses(uids[one])]:
            (pod,) = ledger.pods[f"{uids[name]}/work"]
            if name.endswith("-killed"):
                kill_node(pod)
            else:
                stage.kubectl("delete", "pod", pod, "-n", stage.namespace, "--force", "--grace-period=0")
            left.remove(name)
        time.sleep(0.1)
    return time.monotonic()


@pytest.mark.timeout(200)
def test_pods_that_are_refused_for_a_while_run_when_they_are_let_in(
    kubectl: Kubectl, cluster_settings: Settings, namespace: str, ledger: Ledger, tmp_path: Path
) -> None:
    prepare_nodes(kubectl, cluster_settings)
    stage = RunStage(kubectl, namespace)
    with (
        install_effects(kubectl, ledger) as (once, again),
        run_operator(cluster_settings, namespace, tmp_path / "log", LEADER_ELECTION="false"),
    ):
        stage.workflow(WORKFLOWS, once=once, again=again)
        with refuse_pods(kubectl, namespace):
            stage.start({"safe-refused": "safe", "risky-refused": "risky"})
            stage.until(lambda runs: _is_told(runs["safe-refused"]), 30)
            stage.until(lambda runs: _is_told(runs["risky-refused"]), 30)
        runs = stage.until(lambda runs: all(map(has_ended, runs.values())), SETTLED_WITHIN)
    assert [end_of(run) for run in runs.values()] == [RUNS_AGAIN] * 2
    assert all(dict(ledger.uses(run["metadata"]["uid"])) == {"work": 1, "then": 1} for run in runs.values())


def _is_told(run: dict[str, Any]) -> bool:
    return "no pods now" in run.get("status", {}).get("message", "")
