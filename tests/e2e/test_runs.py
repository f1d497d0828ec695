"""Runs on a real cluster, from `kubectl apply` to their end: the operator as a process, Argo, pods of the runtime.

All of them start at once and each is awaited where it is looked at: a pod costs seconds, and none minds another.
"""

import json
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from cluster.kubectl import Kubectl
from cluster.manifests import build_workspace
from cluster.settings import Settings
from headgate.names import API_VERSION
from support.figures import record
from support.installed_kinds import install_kinds
from support.operator_process import OperatorProcess, find_rival, install_node_types, run_operator
from support.run_stage import ENDED

pytestmark = pytest.mark.e2e


WORKFLOWS = """
metadata: {name: hello}
spec:
  inputs:
    name: {type: string, default: world}
  nodes:
  - {name: greet, use: set, with: {text: "Hello, ${inputs.name}!"}}
  outputs: {text: "${greet.text}"}
---
metadata: {name: chain}
spec:
  execution: {bundling: Never}
  nodes:
  - {name: one, use: set, with: {num: 1}}
  - {name: two, use: set, with: {num: "${one.num + 1}"}}
  - {name: three, use: set, with: {num: "${two.num + one.num}"}}
  outputs: {num: "${three.num}"}
---
metadata: {name: loop}
spec:
  inputs:
    names: {type: array, items: {type: string}}
  nodes:
  - {name: each, use: set, forEach: {in: "${inputs.names}"}, with: {text: "${item}-${index}"}}
  outputs: {all: "${each.outputs.map(o, o.text)}"}
---
metadata: {name: failing}
spec:
  inputs:
    num: {type: integer}
  nodes:
  - {name: good, use: set, with: {num: "${inputs.num}"}}
  - {name: bad, use: set, with: {num: "${good.num / 0}"}}
  - {name: after, use: set, with: {num: "${bad.num}"}}
  - {name: handler, use: set, with: {why: "${bad.error.reason}"}}
  finally:
  - {name: last, use: set, with: {phase: "${run.phase}"}}
  outputs: {why: "${handler.why}"}
---
metadata: {name: parent}
spec:
  nodes:
  - {name: before, use: set, with: {name: Ana}}
  - {name: sub, use: workflow/hello, with: {name: "${before.name}"}}
  - {name: behind, use: set, with: {text: "${sub.text} And bye."}}
  outputs: {text: "${behind.text}"}
---
metadata: {name: much}
spec:
  inputs:
    name: {type: string}
  nodes:
  - {name: sub, use: workflow/hello, with: {name: "${inputs.name}"}}
  - {name: behind, use: set, with: {num: "${size(sub.text)}"}}
  outputs: {num: "${behind.num}"}
---
metadata: {name: timer}
spec:
  nodes:
  - {name: first, use: set, with: {num: 1}}
  - {name: pause, use: wait, after: {first: Succeeded}, with: {for: 8s}}
  - {name: then, use: set, after: {pause: Succeeded}, with: {num: "${first.num}"}}
  outputs: {num: "${then.num}"}
---
metadata: {name: long}
spec:
  nodes:
  - {name: first, use: set, with: {num: 1}}
  - {name: pause, use: wait, after: {first: Succeeded}, with: {for: 1h}}
"""

RUNS: dict[str, dict[str, Any]] = {
    "hello": {"workflow": "hello", "inputs": {"name": "Ana"}},
    "chain": {"workflow": "chain"},
    "loop": {"workflow": "loop", "inputs": {"names": ["a", "b", "c"]}},
    "failing": {"workflow": "failing", "inputs": {"num": 7}},
    "parent": {"workflow": "parent"},
    "much": {"workflow": "much", "inputs": {"name": "A" * 20_000}},
    "timer": {"workflow": "timer"},
    "paused": {"workflow": "hello", "state": "Paused"},
    "unfit": {"workflow": "hello", "inputs": {"nme": "Ana"}},
}


class Stage:
    def __init__(self, kubectl: Kubectl, namespace: str, operator: OperatorProcess) -> None:
        self.kubectl = kubectl
        self.namespace = namespace
        self.operator = operator

    def create(self, name: str, spec: dict[str, Any]) -> None:
        metadata = {"name": name, "namespace": self.namespace}
        self.kubectl.apply({"apiVersion": API_VERSION, "kind": "Run", "metadata": metadata, "spec": spec})

    def until(self, run: str, holds: Callable[[dict[str, Any]], bool], seconds: float = 150) -> dict[str, Any]:
        """The Run's status, once it holds."""

        def answers(found: dict[str, Any]) -> bool:
            status = found.get("status") or {}
            return holds(status) or status.get("phase") in ENDED

        found = self.kubectl.wait("hrun", run, "-n", self.namespace, until=answers, seconds=seconds)
        status: dict[str, Any] = found["status"]
        assert holds(status), f"{run} has ended: {json.dumps(status, indent=1)}"
        return status

    def end(self, run: str) -> dict[str, Any]:
        return self.until(run, lambda status: status.get("phase") in ENDED)

    def declare(self, run: str, **spec: Any) -> None:
        self.kubectl("patch", "hrun", run, "-n", self.namespace, "--type=merge", "-p", json.dumps({"spec": spec}))

    def count(self, kind: str, **labels: str) -> int:
        selector = ",".join(f"{name}={value}" for name, value in labels.items())
        found = self.kubectl.get(kind, "-n", self.namespace, "-l", selector)
        return len(found["items"]) if found else 0


@pytest.fixture(scope="module")
def stage(kubectl: Kubectl, cluster_settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    if rival := find_rival(kubectl):
        pytest.fail(f"{rival} carries out the Runs of all namespaces, these too: uninstall it, or let it watch one")
    namespace = f"runs-{uuid.uuid4().hex[:8]}"
    install_kinds(kubectl)
    kubectl.apply(build_workspace(namespace))
    install_node_types(kubectl, cluster_settings)
    log = tmp_path_factory.mktemp("operator") / "log"
    try:
        with run_operator(cluster_settings, namespace, log) as operator:
            kubectl("apply", "-n", namespace, "-f", "-", stdin=_as_manifests(WORKFLOWS))
            whole = Stage(kubectl, namespace, operator)
            for name, spec in RUNS.items():
                whole.create(name, spec)
            yield whole
    finally:
        kubectl("delete", "namespace", namespace, "--wait=false", check=False)


def _as_manifests(text: str) -> str:
    return text.replace("metadata:", f"apiVersion: {API_VERSION}\nkind: Workflow\nmetadata:")


def test_hello_says_hello_and_leaves_nothing_of_argo_behind(stage: Stage) -> None:
    status = stage.end("hello")
    assert (status["phase"], status["outputs"], status["progress"]) == ("Succeeded", {"text": "Hello, Ana!"}, "1/1")
    assert status["nodes"]["greet"]["preview"] == "Hello, Ana!"
    secret, _, key = status["nodes"]["greet"]["output"].removeprefix("secret/").partition("/")
    kept = stage.kubectl.get("secret", secret, "-n", stage.namespace)
    assert kept["immutable"]
    assert key in kept["data"]
    uid = stage.kubectl.get("hrun", "hello", "-n", stage.namespace)["metadata"]["uid"]
    assert stage.count("workflows.argoproj.io", **{"headgate.dev/run-uid": uid}) == 0


def test_people_see_the_story_in_one_line_and_in_events(stage: Stage) -> None:
    stage.end("hello")
    line = stage.kubectl("get", "hrun", "hello", "-n", stage.namespace, "--no-headers")
    assert line.split()[:4] == ["hello", "hello", "Succeeded", "1/1"]
    stage.kubectl("wait", "hrun/hello", "-n", stage.namespace, "--for=condition=Succeeded", "--timeout=5s")
    described = stage.kubectl("describe", "hrun", "hello", "-n", stage.namespace)
    assert "headgate" in described.partition("Events:")[2]


def test_a_workflow_says_that_it_is_valid_its_revision_and_its_last_run(stage: Stage) -> None:
    run = stage.end("chain")
    status = stage.kubectl.wait(
        "hwf", "chain", "-n", stage.namespace, until=lambda it: "lastRun" in it.get("status", {})
    )["status"]
    assert status["conditions"][0]["status"] == "True"
    assert status["revision"] == run["revision"]
    assert status["lastRun"] == "chain"


def test_nodes_with_a_pod_each_pass_values_on(stage: Stage) -> None:
    status = stage.end("chain")
    assert (status["phase"], status["outputs"]) == ("Succeeded", {"num": 3})
    assert [status["nodes"][name]["phase"] for name in ("one", "two", "three")] == ["Succeeded"] * 3


def test_a_loop_runs_each_item(stage: Stage) -> None:
    status = stage.end("loop")
    assert status["outputs"] == {"all": ["a-0", "b-1", "c-2"]}
    assert status["nodes"]["each"]["items"] == {"total": 3, "succeeded": 3, "failed": 0}


def test_a_failure_omits_what_needs_it_and_what_handles_it_runs(stage: Stage) -> None:
    status = stage.end("failing")
    phases = {name: node["phase"] for name, node in status["nodes"].items()}
    assert phases == {
        "good": "Succeeded",
        "bad": "Failed",
        "after": "Omitted",
        "handler": "Succeeded",
        "last": "Succeeded",
    }
    assert status["phase"] == "Failed"
    assert status["nodes"]["bad"]["reason"] == "ExpressionError"
    assert status["outputs"] == {"why": "ExpressionError"}


def test_another_attempt_runs_again_what_failed_and_nothing_else(stage: Stage) -> None:
    before = stage.end("failing")
    stage.declare("failing", attempt=2)
    stage.kubectl.wait("hrun", "failing", "-n", stage.namespace, until=lambda it: it["status"].get("attempt") == 2)
    after = stage.end("failing")
    assert after["phase"] == "Failed"
    assert after["nodes"]["good"] == before["nodes"]["good"]
    assert after["nodes"]["bad"]["leg"] > before["nodes"]["bad"]["leg"]


def test_a_sub_workflow_is_a_run_of_its_own(stage: Stage) -> None:
    status = stage.end("parent")
    assert (status["phase"], status["outputs"]) == ("Succeeded", {"text": "Hello, Ana! And bye."})
    child = stage.kubectl.get("hrun", status["nodes"]["sub"]["child"], "-n", stage.namespace)
    assert child["status"]["phase"] == "Succeeded"
    assert child["metadata"]["ownerReferences"][0]["name"] == "parent"


def test_what_a_sub_workflow_gives_is_kept_beside_the_leg_that_reads_it_if_it_is_much(stage: Stage) -> None:
    status = stage.end("much")
    assert (status["phase"], status["outputs"]) == ("Succeeded", {"num": len("Hello, !") + 20_000})
    secrets = stage.kubectl.get("secrets", "-n", stage.namespace)["items"]
    assert [one for one in secrets if one["metadata"]["name"].startswith("much-") and "read" in one["metadata"]["name"]]


def test_a_timer_waits_and_its_time_is_no_work(stage: Stage) -> None:
    status = stage.end("timer")
    assert (status["phase"], status["outputs"]) == ("Succeeded", {"num": 1})
    assert status["waitSeconds"] >= 7
    assert status["workSeconds"] < 7


def test_a_paused_run_starts_nothing_until_it_goes_on(stage: Stage) -> None:
    stage.end("hello")
    status = stage.kubectl.get("hrun", "paused", "-n", stage.namespace).get("status", {})
    assert not status.get("legs")
    stage.declare("paused", state="Running")
    assert stage.end("paused")["phase"] == "Succeeded"


def test_a_run_that_does_not_fit_its_workflow_fails_in_the_words_of_lint(stage: Stage) -> None:
    status = stage.end("unfit")
    assert status["phase"] == "Failed"
    assert "did you mean `name`?" in status["message"]


def test_a_run_that_waits_holds_nothing_and_ends_when_it_is_terminated(stage: Stage) -> None:
    stage.create("ended", {"workflow": "long"})
    waiting = stage.until("ended", lambda it: it.get("phase") == "Waiting")
    assert waiting["nodes"]["first"]["phase"] == "Succeeded"
    uid = stage.kubectl.get("hrun", "ended", "-n", stage.namespace)["metadata"]["uid"]
    assert stage.count("workflows.argoproj.io", **{"headgate.dev/run-uid": uid}) == 0
    stage.declare("ended", state="Terminated")
    assert stage.end("ended")["phase"] == "Cancelled"


def test_an_operator_that_is_killed_and_replaced_goes_on_where_it_was(stage: Stage) -> None:
    stage.create("survivor", {"workflow": "chain"})
    stage.until("survivor", lambda it: it.get("nodes", {}).get("one", {}).get("phase") in {"Running", "Succeeded"})
    stage.operator.kill()
    stage.operator.start()
    status = stage.end("survivor")
    assert (status["phase"], status["outputs"]) == ("Succeeded", {"num": 3})
    assert len(status["legs"]) == 1


def test_a_deleted_run_takes_everything_with_it(stage: Stage) -> None:
    stage.create("gone", {"workflow": "chain"})
    stage.until("gone", lambda it: bool(it.get("legs")))
    uid = stage.kubectl.get("hrun", "gone", "-n", stage.namespace)["metadata"]["uid"]
    stage.kubectl("delete", "hrun", "gone", "-n", stage.namespace, "--wait=true", "--timeout=30s")
    deadline = time.monotonic() + 60
    while any(stage.count(kind, **{"headgate.dev/run-uid": uid}) for kind in ("workflows.argoproj.io", "pods")):
        assert time.monotonic() < deadline, "its pods are still there"
        time.sleep(0.5)


def test_nothing_is_written_while_nothing_happens(stage: Stage) -> None:
    for name in RUNS:
        stage.end(name)

    def versions() -> dict[str, str]:
        things = stage.kubectl.get("hrun,hwf", "-n", stage.namespace)["items"]
        return {one["kind"] + one["metadata"]["name"]: one["metadata"]["resourceVersion"] for one in things}

    time.sleep(6)  # the last Run of a workflow is written every five seconds at most
    before, writes = versions(), _writes(stage.operator.ask("/metrics"))
    time.sleep(8)
    assert versions() == before
    record("idle_writes", _writes(stage.operator.ask("/metrics")) - writes, "== 0", "", note="8 s, but for the lease")
    assert _writes(stage.operator.ask("/metrics")) == writes


def _writes(metrics: str) -> float:
    """Requests that write, but for those that renew the lease."""
    lines = [line for line in metrics.splitlines() if line.startswith("headgate_api_request_seconds_count")]
    reads = ('verb="get"', 'verb="list"', 'verb="watch"', 'resource="leases"')
    return sum(float(line.rpartition(" ")[2]) for line in lines if not any(one in line for one in reads))


def test_it_is_alive_ready_and_small(stage: Stage) -> None:
    assert stage.operator.ask("/livez") == "ok\n"
    assert stage.operator.ask("/readyz") == "ok\n"
    line = next(
        line for line in stage.operator.ask("/metrics").splitlines() if line.startswith("process_resident_memory_bytes")
    )
    mib = float(line.rpartition(" ")[2]) / 2**20
    assert mib < 150  # with what a developer has installed; tests/bench/test_idle.py measures the image


def test_it_stops_at_once_and_lets_go_of_its_lease(stage: Stage) -> None:
    seconds = stage.operator.stop()
    record("operator_stop_s", round(seconds, 1), "<= 10", "s")
    assert seconds < 10
    lease = stage.kubectl.get("lease", "headgate-operator", "-n", stage.namespace)
    assert lease["spec"].get("holderIdentity", "") == ""
