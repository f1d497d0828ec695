"""What must pass under the admission policies: people who vote, and declare; Headgate, Argo and Kubernetes at work."""

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from cluster.errors import CommandError
from cluster.kubectl import Kubectl
from e2e.manifests import build_workflow, has_ended
from headgate.api.approvalrequest import NEVER_SKIPPED, NOTHING_GIVEN
from integration.approvals import scene
from integration.approvals.conftest import POLICIES, Stage, forget
from integration.approvals.people import enrol, patch, vote
from integration.approvals.scene import ANA, BEA, LEA, MALLORY, MANAGERS, MIKE, Manifest, run
from support.chart import spec_hash

HOSTILE_NAMES = (
    "a/b~c",
    "~1",
    "x@example.com",
    "ümläut ☃",
    "a:b",
    "-",
    "..",
    "spec.votes",
    "null",
    "a\\b",
    'a"b',
    "${x}",
)
SOON = 3


def votes_on(stage: Stage, name: str) -> Manifest:
    found = stage.get(name)
    assert found is not None
    return dict(found["spec"]["votes"])


def must(stage: Stage, who: str, *words: str, groups: tuple[str, ...] = (), stdin: object = None) -> str:
    answer = stage.ask(who, *words, groups=groups, stdin=stdin)
    assert answer.accepted, answer.said
    return answer.said


def test_a_vote_is_kept_under_the_voters_name_with_those_groups_that_the_policy_names(
    stage: Stage, fresh: Callable[..., str]
) -> None:
    name = fresh()
    must(stage, MIKE, "patch", name, *vote(reason="checked"), "--as-uid=7c1e", groups=(*MANAGERS, "staff"))
    stamped = {"verdict": "Approve", "reason": "checked", "uid": "7c1e", "groups": ["release-managers"]}
    assert votes_on(stage, name) == {MIKE: stamped}


@pytest.mark.parametrize(
    ("who", "groups"),
    [
        (LEA, ()),
        (scene.RIGHT, ()),
        (scene.STAND_IN, ()),
        ("dora@example.com", ("directors",)),
        (scene.ROBOT, ()),
    ],
    ids=["a user", "by RBAC", "a stand-in", "after escalation", "a service account that counts"],
)
def test_whoever_the_policy_asks_may_vote(
    who: str, groups: tuple[str, ...], stage: Stage, fresh: Callable[..., str]
) -> None:
    name = fresh()
    must(stage, who, "patch", name, *vote(), groups=groups)
    assert set(votes_on(stage, name)) == {who}


def test_a_right_by_rbac_is_stamped_where_the_policy_names_nobody(stage: Stage, fresh: Callable[..., str]) -> None:
    name = fresh()
    must(stage, scene.RIGHT, "patch", name, *vote())
    must(stage, LEA, "patch", name, *vote(byRight=True))
    assert votes_on(stage, name) == {
        scene.RIGHT: {"verdict": "Approve", "byRight": True},
        LEA: {"verdict": "Approve"},
    }
    must(stage, scene.RIGHT, "patch", name, *vote(), groups=("directors",))
    by_right = {"verdict": "Approve", "byRight": True, "groups": ["directors"]}
    assert votes_on(stage, name)[scene.RIGHT] == by_right
    must(stage, scene.RIGHT, "patch", name, *vote(), groups=MANAGERS)
    assert votes_on(stage, name)[scene.RIGHT] == {"verdict": "Approve", "groups": [*MANAGERS]}


def test_one_changes_ones_vote_and_takes_it_back_and_others_keep_theirs(
    stage: Stage, fresh: Callable[..., str]
) -> None:
    name = fresh()
    must(stage, BEA, "patch", name, *vote(), groups=MANAGERS)
    must(stage, MIKE, "patch", name, *vote(reason="fine", values={"notes": "Better."}), groups=MANAGERS)
    must(stage, MIKE, "patch", name, *vote("Reject"), groups=MANAGERS)
    assert votes_on(stage, name)[MIKE] == {"verdict": "Reject", "groups": [*MANAGERS]}
    must(stage, MIKE, "patch", name, *vote("Withdraw", by=MIKE), groups=MANAGERS)
    assert {voter: one["verdict"] for voter, one in votes_on(stage, name).items()} == {BEA: "Approve", MIKE: "Withdraw"}


def test_the_stamp_follows_the_caller_not_what_was_sent(stage: Stage, fresh: Callable[..., str]) -> None:
    name = fresh()
    must(stage, LEA, "patch", name, *vote(uid="forged", groups=[*MANAGERS]))
    assert votes_on(stage, name) == {LEA: {"verdict": "Approve"}}
    must(stage, LEA, "patch", name, *vote("Reject", by=LEA, uid="forged"))
    assert votes_on(stage, name) == {LEA: {"verdict": "Reject"}}


@pytest.mark.parametrize("who", HOSTILE_NAMES)
def test_any_name_that_a_user_can_have_is_a_name_of_a_voter(who: str, stage: Stage, fresh: Callable[..., str]) -> None:
    name = fresh()
    must(stage, BEA, "patch", name, *vote(), groups=MANAGERS)
    must(stage, who, "patch", name, *vote("Reject"), groups=MANAGERS)
    assert {voter: one["verdict"] for voter, one in votes_on(stage, name).items()} == {BEA: "Approve", who: "Reject"}


def test_what_comes_after_a_gate_is_skipped_without_an_output_or_not_at_all(
    stage: Stage, fresh: Callable[..., str]
) -> None:
    binding = scene.request("any")["spec"]["binding"]
    for may_skip, values, told in (
        ("WithoutOutput", {"a": 1}, NOTHING_GIVEN),
        ("Never", {}, NEVER_SKIPPED),
        ("WithoutOutput", {}, ""),
    ):
        name = fresh(type="Recovery", binding={**binding, "maySkip": may_skip})
        answer = stage.ask(LEA, "patch", name, *vote("Skip", values=values))
        assert answer.accepted is not bool(told), answer.said
        assert told in answer.said


def test_a_vote_may_come_as_json_patch_or_be_applied_again_and_again(stage: Stage, fresh: Callable[..., str]) -> None:
    name = fresh()
    added = {"op": "add", "path": "/spec/votes", "value": {"me": {"verdict": "Approve"}}}
    must(stage, BEA, "patch", name, *patch([added], kind="json"), groups=MANAGERS)
    head = {"apiVersion": "headgate.dev/v1alpha1", "kind": "ApprovalRequest"}
    applied = {
        **head,
        "metadata": {"name": name.removeprefix("apr/")},
        "spec": {"votes": {"me": {"verdict": "Approve"}}},
    }
    for _ in range(2):
        must(stage, MIKE, "apply", "--server-side", "--force-conflicts", "-f", "-", groups=MANAGERS, stdin=applied)
    assert set(votes_on(stage, name)) == {BEA, MIKE}


def test_two_people_vote_within_a_second_until_the_time_is_over(stage: Stage, fresh: Callable[..., str]) -> None:
    over = time.time() + SOON
    name = fresh(expires=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(over)))
    for who in (BEA, MIKE, LEA):
        must(stage, who, "patch", name, *vote(), groups=MANAGERS)
    forged = {
        "manager": "kubectl-patch",
        "operation": "Update",
        "time": "2099-01-01T00:00:00Z",
        "fieldsType": "FieldsV1",
    }
    body = {"metadata": {"managedFields": [{**forged, "apiVersion": "v1", "fieldsV1": {"f:spec": {}}}]}}
    stage.ask(MALLORY, "patch", name, *patch(body))
    assert stage.ask(MIKE, "patch", name, *vote("Reject"), groups=MANAGERS).accepted or time.time() > over
    time.sleep(max(0.0, over + 1.1 - time.time()))
    late = stage.ask("late@example.com", "patch", name, *vote(), groups=MANAGERS)
    assert not late.accepted
    assert "the time to vote was over at" in late.said


def test_a_request_as_large_as_can_be_is_still_voted_on(stage: Stage, fresh: Callable[..., str]) -> None:
    groups, users = ([[f"{what}{n}-{m}" for m in range(64)] for n in range(8)] for what in ("group-", "u"))
    people = [{"name": f"s{n}", "groups": groups[n], "users": users[n]} for n in range(8)]
    away = [{"from": f"u1-{n}", "to": f"d{n}", "until": "2036-01-01T00:00:00Z"} for n in range(64)]
    values = {f"v{n}": {"rows": [{"a": m, "text": "x" * 100} for m in range(30)]} for n in range(180)}
    policy = {**scene.POLICY, "stages": people, "delegation": away}
    name = fresh(policy=policy, values=values, message="m" * 19_000)
    must(stage, "zed", "patch", name, *vote(), groups=tuple(f"group-7-{n}" for n in range(100)))
    must(stage, "d63", "patch", name, *vote(values={"notes": "x" * 65_000}))
    refused = stage.ask(MALLORY, "patch", name, *vote())
    assert "you are not among those whom the policy asks" in refused.said


def test_people_with_certificates_are_who_their_certificates_say(
    stage: Stage, kubectl: Kubectl, fresh: Callable[..., str], tmp_path: Path
) -> None:
    name = fresh()
    said = {
        who: stage.ask_with(enrol(kubectl, who, groups, tmp_path), "patch", name, *vote()).said
        for who, groups in (
            (BEA, MANAGERS),
            (MALLORY, ("staff",)),
            ("me", MANAGERS),
            ("ü/~", MANAGERS),
            (ANA, MANAGERS),
        )
    }
    assert "patched" in said[BEA]
    assert "patched" in said["ü/~"]
    assert scene.NOBODY_ELSE in said[MALLORY]
    assert "your user name is `me`" in said["me"]
    assert f"{ANA} asked for this Run" in said[ANA]
    assert set(votes_on(stage, name)) == {BEA, "ü/~"}


def test_who_asks_for_a_run_and_who_declares_is_stamped(stage: Stage, request: pytest.FixtureRequest) -> None:
    request.addfinalizer(lambda: forget(stage, "hrun/asked"))
    must(stage, MIKE, "create", "-f", "-", stdin=run("asked"))
    must(stage, BEA, "patch", "hrun/asked", *patch({"spec": {"state": "Paused"}}))
    assert read(stage, "asked") == {"requester": MIKE, "declaredBy": BEA, "state": "Paused", "attempt": 1}
    assert acted_on(stage, "asked") == [BEA]
    must(stage, MIKE, "patch", "hrun/asked", *patch({"metadata": {"labels": {"team": "docs"}}}))
    assert read(stage, "asked")["declaredBy"] == BEA
    must(stage, LEA, "patch", "hrun/asked", *patch({"spec": {"attempt": 2, "declaredBy": ANA}}))
    assert read(stage, "asked") == {"requester": MIKE, "declaredBy": LEA, "state": "Paused", "attempt": 2}
    must(stage, BEA, "patch", "hrun/asked", *patch({"spec": {"state": "Running"}}))
    assert acted_on(stage, "asked") == [BEA, LEA]
    who_acted = patch({"spec": {"state": "Paused", "actedBy": []}})
    assert "spec.actedBy is filled in" in stage.ask(BEA, "patch", "hrun/asked", *who_acted).said


def acted_on(stage: Stage, name: str) -> list[str]:
    return list(stage.get(f"hrun/{name}")["spec"].get("actedBy", []))


def read(stage: Stage, name: str) -> Manifest:
    spec = stage.get(f"hrun/{name}")["spec"]
    return {field: spec.get(field) for field in ("requester", "declaredBy", "state", "attempt")}


def test_headgate_starts_runs_for_others_and_hands_down_what_was_declared(
    stage: Stage, request: pytest.FixtureRequest
) -> None:
    request.addfinalizer(lambda: forget(stage, "hrun/child"))
    parent = stage.get("hrun/release-notes-7k2xp")
    owner = {
        "apiVersion": parent["apiVersion"],
        "kind": "Run",
        "name": parent["metadata"]["name"],
        "uid": parent["metadata"]["uid"],
    }
    child = {
        **run("child", requester=ANA),
        "metadata": {"name": "child", "ownerReferences": [{**owner, "controller": True}]},
    }
    must(stage, stage.operator, "create", "-f", "-", stdin=child)
    handed_down = patch({"spec": {"state": "Paused", "declaredBy": BEA, "actedBy": [BEA, MIKE]}})
    must(stage, stage.operator, "patch", "hrun/child", *handed_down)
    must(stage, stage.operator, "patch", "hrun/child", "--subresource=status", *patch({"status": {"phase": "Running"}}))
    assert read(stage, "child") == {"requester": ANA, "declaredBy": BEA, "state": "Paused", "attempt": 1}
    for spec, told in (
        ({"state": "Stopped"}, "it is a part of release-notes-7k2xp: stop that, or pause this"),
        ({"state": "Terminated"}, "it is a part of release-notes-7k2xp: stop that, or pause this"),
        ({"attempt": 2}, "it is a part of release-notes-7k2xp: raise the attempt of that"),
    ):
        answer = stage.ask(MIKE, "patch", "hrun/child", *patch({"spec": spec}))
        assert not answer.accepted
        assert told in answer.said
    must(stage, MIKE, "patch", "hrun/child", *patch({"spec": {"state": "Running"}}))
    must(stage, stage.operator, "patch", "hrun/child", *patch({"spec": {"state": "Stopped", "attempt": 2}}))


def test_a_request_goes_with_its_run(stage: Stage, kubectl: Kubectl) -> None:
    must(stage, MIKE, "create", "-f", "-", stdin=run("short-lived"))
    uid = stage.get("hrun/short-lived")["metadata"]["uid"]
    owner = {
        "apiVersion": "headgate.dev/v1alpha1",
        "kind": "Run",
        "name": "short-lived",
        "uid": uid,
        "controller": True,
    }
    owned = scene.request("owned")
    owned["metadata"]["ownerReferences"] = [owner]
    must(stage, stage.operator, "create", "-f", "-", stdin=owned)
    must(stage, MIKE, "delete", "hrun/short-lived")
    kubectl("wait", "--for=delete", "apr/owned", "-n", stage.namespace, "--timeout=60s")
    stage.known = stage.look()


def test_argo_carries_a_leg_on_and_its_pod_tells_what_came_of_it(stage: Stage, kubectl: Kubectl, testbox: str) -> None:
    """The executor writes under its own pod's token, whether the Workflow is one pod or a graph of them."""
    out = {"parameters": [{"name": "o0", "valueFrom": {"path": "/tmp/o0"}}]}
    single = [{"name": "main", "script": "echo one > /tmp/o0", "outputs": out}]
    graph = [
        {"name": "main", "dag": {"tasks": [{"name": "n0", "template": "n0"}]}},
        {"name": "n0", "script": "echo two > /tmp/o0", "outputs": out},
    ]
    legs = {"admitted-00000001-1": single, "admitted-00000001-2": graph}
    for name, templates in legs.items():
        leg = build_workflow(name, testbox, templates, stage.namespace)
        leg["metadata"]["labels"] = scene.RUN_LABEL
        must(stage, stage.operator, "create", "-f", "-", stdin=leg)
    given = []
    for name in legs:
        ended = kubectl.wait("workflows.argoproj.io", name, "-n", stage.namespace, until=has_ended, seconds=120)
        assert ended["status"]["phase"] == "Succeeded", json.dumps(ended["status"])
        nodes = ended["status"]["nodes"].values()
        given += [node["outputs"]["parameters"][0]["value"] for node in nodes if node["type"] == "Pod"]
        must(stage, stage.operator, "delete", f"workflows.argoproj.io/{name}")
    assert given == ["one", "two"]
    stage.known = stage.look()


def test_what_is_not_headgates_is_left_alone(stage: Stage) -> None:
    workflow = {**scene.leg("mine"), "metadata": {"name": "mine"}}
    result = scene.result("mine-1234567", "mine")
    secret = {**scene.kept("mine"), "metadata": {"name": "mine"}}
    for document in (workflow, result, secret):
        must(stage, MALLORY, "create", "-f", "-", stdin=document)
        must(stage, MALLORY, "delete", "-f", "-", stdin=document)
    stage.known = stage.look()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"params": {"b": {"type": "string"}}}, "spec.params never changes: make the next version, such as"),
        ({"params": {"a": {"type": "number"}}}, "spec.params never changes"),
        ({"output": {"x": {}}}, "spec.output never changes"),
        ({"command": ["/other"]}, "spec.command never changes"),
        ({"traits": ["Idempotent"]}, "spec.traits never changes"),
        ({"timeout": "6s"}, "spec.timeout never changes"),
        ({"idempotentWhen": {"a": ["x"]}}, "spec.idempotentWhen never changes"),
        ({"image": f"headgate/core@sha256:{'2' * 64}", "docs": "More.", "deprecated": "use the next"}, ""),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_node_type_may_be_built_anew_and_said_more_of_and_nothing_else(
    change: Manifest, told: str, stage: Stage, kubectl: Kubectl, request: pytest.FixtureRequest
) -> None:
    name = f"{stage.release}-{time.monotonic_ns()}.v1"
    kubectl.apply(scene.node_type(name))
    request.addfinalizer(lambda: kubectl("delete", "nodetype", name))
    try:
        kubectl.apply(scene.node_type(name, **change))
        said = ""
    except CommandError as refused:
        said = str(refused)
    assert told in said
    assert bool(told) == bool(said)


def test_headgate_can_tell_whether_a_policy_was_changed(stage: Stage) -> None:
    """The hash that stands on each is that of what the API server has stored."""
    found = stage.kubectl.get(POLICIES, "-l", f"app.kubernetes.io/instance={stage.release}")["items"]
    recorded = stage.kubectl.get("configmap", f"{stage.release}-admission", "-n", stage.namespace)["data"]
    hashes = {f"{one['kind']}.{one['metadata']['name']}": spec_hash(one["spec"]) for one in found}
    assert json.loads(recorded["policies.json"]) == hashes
    assert {one["metadata"]["annotations"]["headgate.dev/spec-hash"] for one in found} == set(hashes.values())
    assert all(one["metadata"]["labels"]["headgate.dev/admission"] for one in found)


def test_no_policy_has_a_warning_of_the_type_checker(stage: Stage) -> None:
    found = stage.kubectl.get("validatingadmissionpolicies", "-l", f"app.kubernetes.io/instance={stage.release}")
    warnings = [one["status"].get("typeChecking", {}).get("expressionWarnings", []) for one in found["items"]]
    assert warnings == [[]] * len(warnings)
