"""The audit log on a real API server: the story of a Run with a gate, an operator that is killed, people who tamper.

The operator runs as a process under the chart's own rights, and dies by SIGKILL. What it had not yet recorded is
recorded by the next one; what it had is not recorded again.
"""

import json
import re
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cluster.kubectl import Kubectl
from headgate.audit.chain import Head, parse_head
from headgate.audit.entry import Entry, decode
from headgate.audit.segments import in_order, lines_of
from headgate.audit.verifying import Fault, Verified, Verifier
from headgate.names import API_VERSION
from integration.approvals.people import Answer, patch, vote
from integration.test_chart_operator import (
    ANA,
    BEA,
    MALLORY,
    POLICY,
    RUN,
    WORKFLOW,
    Installed,
    gates,
)
from support.chart import find_helm
from support.chart_operator import run_chart
from support.cli import Ran, headgate
from support.figures import record

if find_helm() is None:
    pytest.skip("there is no helm: `make cluster` builds it", allow_module_level=True)

PARENT = {
    "apiVersion": API_VERSION,
    "kind": "Workflow",
    "metadata": {"name": "release"},
    "spec": {
        "inputs": {"what": {"type": "string"}},
        "nodes": [
            {"name": "review", "use": "approval", "with": {"policy": "release", "message": "Release?"}},
            {
                "name": "check",
                "use": "workflow/ask",
                "after": {"review": "Succeeded"},
                "with": {"what": "${inputs.what}"},
            },
        ],
    },
}
SECRET = "hunter2"
_DONE = re.compile('"message": "(?:done|recorded)"')


class Scene(Installed):
    """An installation whose log can be read."""

    folder: Path
    began: int = 0
    """Where what the operator said since it was last started begins in its log."""

    @property
    def release(self) -> str:
        return self.operator.release

    def begin(self) -> None:
        self.began = len(self.operator.log.read_text())
        self.operator.start()

    @property
    def segments(self) -> list[dict[str, Any]]:
        label = f"headgate.dev/audit={self.release}"
        return in_order(self.kubectl.get("configmaps", "-n", self.namespace, "-l", label)["items"])

    def read(self, *heads: Head) -> tuple[list[Entry], Verified]:
        verifier = Verifier(heads)
        lines = [line for segment in self.segments for line in lines_of(segment)]
        entries = [entry for line in lines if (entry := verifier.read(line.text, line.segment)) is not None]
        return entries, verifier.finish()

    def until_recorded(self, run: str, *actions: str) -> list[Entry]:
        """The entries about a Run, once these are among them."""
        deadline = time.monotonic() + 30
        while True:
            entries = [entry for entry in self.read()[0] if entry.run == run]
            if set(actions) <= {entry.action for entry in entries}:
                return entries
            assert time.monotonic() < deadline, (self.operator.log.read_text()[-3000:], entries)
            time.sleep(0.2)

    def create(self, document: dict[str, Any], **metadata: Any) -> None:
        made = self.as_(ANA, "create", "-f", "-", stdin={**document, "metadata": {**document["metadata"], **metadata}})
        assert made.accepted, made.said

    def audit(self, *words: str) -> Ran:
        kubeconfig = self.folder / "admin"
        kubeconfig.write_text(self.kubectl("config", "view", "--minify", "--raw", "--flatten", "-o", "json"))
        flags = ("--kubeconfig", str(kubeconfig), "--operator-namespace", self.namespace, "--release", self.release)
        return headgate("audit", *words, *flags)

    @property
    def head(self) -> Head:
        found = parse_head(self.audit("head").out)
        assert found is not None
        return found


@pytest.fixture(scope="module")
def scene(kubectl: Kubectl, crds: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    namespace, folder = f"test-audit-{uuid.uuid4().hex[:8]}", tmp_path_factory.mktemp("operator")
    kubectl("create", "namespace", namespace)
    if lacking := gates(kubectl):
        kubectl.apply(*lacking)
    one_that_is_killed_keeps_nobody_waiting = {"LEADER_ELECTION": "false"}
    try:
        with run_chart(kubectl, namespace, {}, folder, **one_that_is_killed_keeps_nobody_waiting) as operator:
            made = Scene(kubectl, namespace, operator)
            made.folder = folder
            operator.bind("editor", "approver")
            everything = ("--verb=*", "--resource=configmaps", "-n", namespace)
            kubectl("create", "role", "configmaps", *everything)
            kubectl("create", "rolebinding", "configmaps", "--role=configmaps", f"--user={MALLORY}", "-n", namespace)
            kubectl("apply", "-n", namespace, "-f", "-", stdin=json.dumps(POLICY))
            made.create(WORKFLOW)
            made.create(PARENT)
            yield made
    finally:
        kubectl("delete", "namespace", namespace, "--wait=false")


def run(name: str, workflow: str = "ask") -> dict[str, Any]:
    return {**RUN, "metadata": {"name": name}, "spec": {"workflow": workflow, "inputs": {"what": SECRET}}}


def test_the_log_tells_a_run_from_its_creation_to_its_end(scene: Scene) -> None:
    scene.create(run("story", "release"))
    scene.wait("apr/story-review", phase="Open")
    undecided = scene.as_(BEA, "patch", "apr/story-review", *vote("Withdraw", reason="let me look again"))
    assert undecided.accepted, undecided.said
    scene.kubectl.wait(
        "apr/story-review", "-n", scene.namespace, until=lambda apr: "Withdraw" in str(apr["status"].get("history"))
    )
    assert scene.as_(BEA, "patch", "apr/story-review", *vote(reason="checked")).accepted
    scene.wait("apr/story-check-review", phase="Open")
    assert scene.as_(BEA, "patch", "apr/story-check-review", *vote("Reject", reason="not this")).accepted
    scene.wait("hrun/story", phase="Cancelled")

    entries = scene.until_recorded("story", "RunEnded")
    told = [(entry.action, entry.who, entry.outcome) for entry in entries]
    assert told == [
        ("RunCreated", ANA, ""),
        ("RunStarted", "headgate", ""),
        ("Asked", "headgate", ""),
        ("Voted", BEA, "Withdraw"),
        ("Voted", BEA, "Approve"),
        ("Decided", "headgate", "Approved"),
        ("DecisionUsed", "headgate", "Approved"),
        ("RunEnded", "headgate", "Cancelled"),
    ]
    approve = entries[4]
    assert approve.detail["groups"] == ["release-managers"]
    assert "checked" in str(approve.detail["said"])
    child = scene.until_recorded("story-check", "RunEnded")
    assert ("Voted", BEA, "Reject") in [(entry.action, entry.who, entry.outcome) for entry in child]
    used = next(entry for entry in entries if entry.action == "DecisionUsed")
    created = next(entry for entry in child if entry.action == "RunCreated")
    assert used.detail["child"] == "story-check"
    assert used.number < created.number, "what a decision is used for waits until that is recorded"

    everything, verified = scene.read()
    assert verified.flaws == ()
    assert SECRET not in str(everything)
    defined = {(entry.kind, entry.name) for entry in everything if entry.action == "Defined"}
    assert {("ApprovalPolicy", "release"), ("Workflow", "ask")} <= defined
    assert ("ValidatingAdmissionPolicy", f"{scene.release}-votes") in defined


def test_each_entry_is_in_the_operators_own_log_lines_too(scene: Scene) -> None:
    scene.create(run("lines"))
    scene.until_recorded("lines", "Asked")
    lines = [
        json.loads(line)
        for line in scene.operator.log.read_text().splitlines()
        if line.startswith("{") and line.endswith("}")
    ]
    exported = [line["entry"] for line in lines if line["logger"] == "headgate.audit"]
    assert [entry["number"] for entry in exported] == list(range(1, len(exported) + 1))
    verifier = Verifier()
    for entry in exported:
        verifier.read(json.dumps(entry, ensure_ascii=False, separators=(",", ":"), sort_keys=True))
    assert verifier.finish().flaws == ()


def test_a_policy_that_is_changed_is_told_with_both_hashes(scene: Scene) -> None:
    loose = json.loads(json.dumps(POLICY))
    loose["spec"]["timeout"] = "71h"
    scene.kubectl("apply", "-n", scene.namespace, "-f", "-", stdin=json.dumps(loose))
    deadline = time.monotonic() + 30
    while not (changes := [entry for entry in scene.read()[0] if entry.action == "Changed"]):
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert [(change.kind, change.name) for change in changes] == [("ApprovalPolicy", "release")]
    before = next(entry for entry in scene.read()[0] if entry.kind == "ApprovalPolicy" and entry.action == "Defined")
    assert changes[0].detail["before"] == before.detail["hash"] != changes[0].detail["hash"]


def tampered(scene: Scene, name: str, key: str) -> list[tuple[str, Answer]]:
    """What somebody with every right to ConfigMaps tries, and what Headgate's own account would have to."""
    text = scene.kubectl.get("configmap", name, "-n", scene.namespace)["data"][key]
    forged = {"data": {key: text.replace("headgate", "mallory", 1)}}
    labels = {"headgate.dev/audit": scene.release}
    new = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": f"{scene.release}-audit-00009999", "labels": labels},
    }
    applied = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, **forged}
    tries: list[tuple[str, ...]] = [
        ("patch", f"cm/{name}", *patch(forged)),
        ("patch", f"cm/{name}", *patch({"data": {key: None}})),
        ("patch", f"cm/{name}", *patch({"data": {"000000009999": "{}\n"}})),
        ("patch", f"cm/{name}", *patch({"data": None})),
        ("patch", f"cm/{name}", *patch({"immutable": True})),
        ("patch", f"cm/{name}", *patch([{"op": "replace", "path": f"/data/{key}", "value": ""}], kind="json")),
        ("label", f"cm/{name}", "headgate.dev/audit-"),
        ("label", f"cm/{name}", "headgate.dev/audit=other", "--overwrite"),
        ("delete", f"cm/{name}"),
        ("delete", "cm", "-l", "headgate.dev/audit"),
    ]
    people: list[tuple[str, tuple[str, ...], object]] = [(MALLORY, words, None) for words in tries]
    people += [(MALLORY, ("create", "-f", "-"), new)]
    people += [(MALLORY, ("apply", "--server-side", "--force-conflicts", "-f", "-"), applied)]
    operator = f"system:serviceaccount:{scene.namespace}:{scene.release}"
    ours = [(operator, words, None) for words in (*tries[:2], *tries[3:4], *tries[5:9])]
    return [
        (f"{who}: {' '.join(words)}", scene.ask(who, *words, stdin=stdin)) for who, words, stdin in (*people, *ours)
    ]


def test_nobody_changes_or_takes_away_what_is_recorded(scene: Scene) -> None:
    segment = scene.segments[0]
    name, key = segment["metadata"]["name"], min(segment["data"])
    before = {one["metadata"]["name"]: one["data"] for one in scene.segments}
    tries = tampered(scene, name, key)
    through = [what for what, answer in tries if answer.accepted]
    record("audit_tampering_through", len(through), "== 0", "attempts", n=len(tries), note="by RBAC all were allowed")
    assert through == []
    told = {answer.said for what, answer in tries if what.startswith(MALLORY)}
    assert all("cannot touch the audit log" in said for said in told), told
    now = {one["metadata"]["name"]: one["data"] for one in scene.segments}
    assert {name: now[name] for name in before} == before


def test_an_operator_that_is_killed_again_and_again_loses_no_entry_and_doubles_none(scene: Scene) -> None:
    """In one life after the first thing that it has done or recorded, in the next after the second, and so on."""
    names = [f"killed-{number}" for number in range(3)]
    scene.operator.kill()
    for name in names:
        scene.create(run(name))
    scene.begin()
    kills = 0
    while kills < 9 and not all(ended(scene, name) for name in names):
        for name in names:
            scene.as_(BEA, "patch", f"apr/{name}-review", *vote(reason=f"{name} is fine"))
        kills += live(scene, steps=1 + kills % 4)
    for name in names:
        scene.kubectl.wait(f"apr/{name}-review", "-n", scene.namespace, until=lambda apr: bool(apr.get("status")))
        scene.as_(BEA, "patch", f"apr/{name}-review", *vote(reason=f"{name} is fine"))
        scene.wait(f"hrun/{name}", phase="Succeeded")
    wanted = ["RunCreated", "RunStarted", "Asked", "Voted", "Decided", "RunEnded"]
    doubled = lost = 0
    for name in names:
        counted = Counter(entry.action for entry in scene.until_recorded(name, *wanted))
        lost += sum(counted[action] < 1 for action in wanted)
        doubled += sum(count > 1 for count in counted.values())
    note = "SIGKILL after anything that was done or recorded, of three Runs with gates"
    record("audit_kill_lost", lost, "== 0", "entries", n=kills, note=note)
    record("audit_kill_doubled", doubled, "== 0", "entries", n=kills, note=note)
    assert scene.read()[1].flaws == ()
    assert (kills >= 4, lost, doubled) == (True, 0, 0)


def live(scene: Scene, steps: int) -> int:
    """Until the operator has done so many things since it was last started, or no more is to be done; then it dies.
    Gives 1 for a death."""
    deadline = time.monotonic() + 20
    while len(_DONE.findall(scene.operator.log.read_text()[scene.began :])) < steps:
        if time.monotonic() > deadline:
            return 0
        time.sleep(0.01)
    scene.operator.kill()
    scene.begin()
    return 1


def ended(scene: Scene, name: str) -> bool:
    found = scene.kubectl.get(f"hrun/{name}", "-n", scene.namespace)
    return bool((found.get("status") or {}).get("endedAt"))


def test_what_happened_while_no_operator_ran_is_recorded_by_the_next(scene: Scene) -> None:
    scene.create(run("away"))
    scene.create(run("gone"))
    scene.wait("apr/away-review", phase="Open")
    scene.until_recorded("gone", "Asked")
    scene.operator.kill()
    scene.create(run("unseen"))
    assert scene.as_(BEA, "patch", "apr/away-review", *vote(reason="while it was away")).accepted
    scene.kubectl("delete", "hrun", "gone", "-n", scene.namespace, "--wait=true")
    scene.operator.start()
    voted = next(entry for entry in scene.until_recorded("away", "Voted") if entry.action == "Voted")
    assert (voted.who, voted.outcome) == (BEA, "Approve")
    assert any(entry.who == ANA for entry in scene.until_recorded("unseen", "RunCreated"))
    assert scene.until_recorded("gone", "RunDeleted")
    leads = [entry for entry in scene.read()[0] if entry.action == "OperatorLeads"]
    assert len(leads) > 1, "the log says between which starts it happened"


def test_the_command_line_searches_exports_and_verifies(scene: Scene) -> None:
    head = scene.head
    listed = scene.audit("--run", "story")
    print(listed.out)
    assert listed.code == 0
    assert len(listed.out.splitlines()) == 9
    voted = scene.audit("--who", BEA, "--action", "Voted", "-o", "json", "--run", "story")
    assert [entry["outcome"] for entry in json.loads(voted.out)] == ["Withdraw", "Approve"]
    exported = scene.folder / "log.json"
    exported.write_text(scene.audit("-o", "json").out)
    assert headgate("audit", "verify", "-f", str(exported), "--head", str(head)).code == 0
    exported.write_text(exported.read_text().replace("release-managers", "release-manager5", 1))
    offline = headgate("audit", "verify", "-f", str(exported))
    assert (offline.code, "[Changed]" in offline.out) == (1, True)
    report = scene.audit("report")
    print(report.out)
    assert "does not fit together: nothing" in report.out
    assert scene.audit("verify", "--head", str(head)).code == 0


def test_who_takes_the_walls_down_and_cuts_the_log_is_seen_by_the_head_and_by_the_operator(scene: Scene) -> None:
    head, last = scene.head, scene.segments[-1]
    key = max(last["data"])
    binding = f"validatingadmissionpolicybinding/{scene.release}-audit"
    scene.kubectl("delete", binding)
    cut = ("patch", f"cm/{last['metadata']['name']}", *patch({"data": {key: None}}))
    deadline = time.monotonic() + 30
    while not scene.ask(MALLORY, *cut).accepted:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    flaws = {flaw.fault for flaw in scene.read(head)[1].flaws}
    assert flaws, "either the end is gone, or the operator has already gone on after the hole"
    assert flaws <= {Fault.CUT_AT_END, Fault.MISSING, Fault.ANOTHER}
    assert scene.audit("verify", "--head", str(head)).code == 1

    scene.create(run("after"))
    scene.until_recorded("after", "RunStarted")
    deadline = time.monotonic() + 30
    while not any(entry.action == "ChainBroken" for entry in scene.read()[0]):
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert Fault.MISSING in {flaw.fault for flaw in scene.read()[1].flaws}, "the hole stays to be seen without a head"
    assert decode(next(line.text for line in lines_of(scene.segments[0]))).number == 1

    scene.operator.kill()
    scene.begin()
    scene.create(run("restarted"))
    scene.until_recorded("restarted", "RunStarted")
    assert scene.operator.refusals() == [], "a policy that is missing is no reason to ask for more rights"
