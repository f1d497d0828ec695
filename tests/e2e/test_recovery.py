"""`onError: Ask` on a real cluster: what people make of a failure by one line of kubectl, and what becomes of the Run.

Under the chart's policies and rights. All Runs start at once and wait for people; each test lets them speak.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from cluster.kubectl import Kubectl
from cluster.settings import Settings
from headgate.names import API_VERSION
from support.chart import find_helm
from support.command_line import Shell
from support.people_stage import ANA, GROUPS, MALLORY, REX, PeopleStage, people_stage
from support.run_stage import ENDED

if find_helm() is None:
    pytest.skip("there is no helm: `make cluster` builds it", allow_module_level=True)

WORKFLOW = f"""
apiVersion: {API_VERSION}
kind: Workflow
metadata: {{name: divide}}
spec:
  inputs: {{by: {{type: integer, default: 0}}}}
  nodes:
  - {{name: ready, use: set, with: {{a: 84}}}}
  - name: ratio
    use: calculator
    onError: Ask
    with: {{expression: a / b, args: {{a: "${{ready.a}}", b: "${{inputs.by}}"}}}}
  - {{name: told, use: set, with: {{value: "${{ratio.value}}"}}}}
  - {{name: always, use: set, after: {{ratio: NotFailed}}, with: {{value: "${{ratio.?value.orValue(-1)}}"}}}}
  outputs: {{value: "${{told.value}}", always: "${{always.value}}"}}
"""
POLICY: dict[str, Any] = {
    "apiVersion": API_VERSION,
    "kind": "ApprovalPolicy",
    "metadata": {"name": "recovery"},
    "spec": {"stages": [{"name": "fixers", "groups": ["fixers"]}]},
}
BRIEF = {**POLICY, "spec": {**POLICY["spec"], "timeout": "5s"}}
ANSWERS: dict[str, tuple[str, dict[str, Any]]] = {
    "twice": ("Retry", {"values": {"expression": "${inputs.by}", "args": {"a": 84, "b": 7}}}),
    "edited": ("Retry", {"values": {"args": {"a": 84, "b": 2}}, "reason": "b was 0"}),
    "given": ("Skip", {"values": {"value": 7, "text": "7"}}),
    "skipped": ("Skip", {}),
    "stopped": ("Stop", {"reason": "nothing to divide by"}),
}
RUNS = (*ANSWERS, "refused")


@pytest.fixture(scope="module")
def stage(
    kubectl: Kubectl, cluster_settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PeopleStage]:
    """One Run fails before there is a policy, one asks while its policy gives people five seconds, the others later."""
    with people_stage(kubectl, cluster_settings, tmp_path_factory.mktemp("operator"), WORKFLOW) as whole:
        whole.start("unasked", "divide")
        whole.end("unasked")
        whole.admin("apply", "-f", "-", stdin=json.dumps(BRIEF))
        whole.start("silent", "divide")
        whole.until("apr/silent-ratio", lambda one: "expiresAt" in one["spec"]["binding"])
        whole.admin("apply", "-f", "-", stdin=json.dumps(POLICY))
        for run in RUNS:
            whole.start(run, "divide")
        yield whole


@pytest.fixture(scope="module")
def answered(stage: PeopleStage) -> PeopleStage:
    """All answers at once, so that what comes of them goes on side by side."""
    for run, (verdict, more) in ANSWERS.items():
        stage.request(f"{run}-ratio")
        stage.vote(f"{run}-ratio", REX, verdict, **more)
    return stage


@pytest.fixture
def shell(stage: PeopleStage, cluster_settings: Settings) -> Shell:
    return Shell(cluster_settings, stage.namespace, GROUPS)


def test_a_failure_asks_those_whom_the_policy_names_and_says_what_it_was_given(stage: PeopleStage) -> None:
    request = stage.request("refused-ratio")
    assert request["spec"]["type"] == "Recovery"
    assert request["spec"]["message"].startswith("ratio failed: ")
    assert request["spec"]["values"]["expression"] == "a / b"
    assert request["spec"]["binding"]["form"]["expression"]["maxLength"] == 2000
    assert request["status"]["waitingFor"] == "1 more of group fixers"
    waiting = stage.until("hrun/refused", lambda one: one["status"]["phase"] == "Waiting")["status"]
    assert waiting["message"] == "ratio: 0 of 1 votes of group fixers"
    assert stage.phases("refused") == {"ready": "Succeeded", "ratio": "Waiting", "told": "Pending", "always": "Pending"}


def test_retry_with_other_parameters_runs_the_node_with_them_and_later_nodes_read_what_came(
    answered: PeopleStage,
) -> None:
    status = answered.end("edited")
    assert (status["phase"], status["outputs"]) == ("Succeeded", {"value": 42, "always": 42})
    asked = answered.request("edited-ratio", "Retry")
    assert f"to be tried again by {REX}" in asked["status"]["conditions"][0]["message"]


def test_what_is_written_in_a_retry_is_no_expression_and_if_it_fails_again_that_is_asked_about(
    answered: PeopleStage,
) -> None:
    second = answered.asked_for("twice", "ratio", before="twice-ratio")
    assert second["spec"]["values"] == {"expression": "$${inputs.by}", "args": {"a": 84, "b": 7}}
    answered.vote(second["metadata"]["name"], REX, "Retry", values={"expression": "a / b"})
    assert answered.end("twice")["outputs"]["value"] == 12, (
        "what people were shown is what runs, but for what they edit"
    )


def test_skip_with_an_output_gives_it_to_later_nodes_and_says_who_gave_it(answered: PeopleStage, shell: Shell) -> None:
    status = answered.end("given")
    assert (status["phase"], status["outputs"]) == ("Succeeded", {"value": 7, "always": 7})
    ratio = status["nodes"]["ratio"]
    assert (ratio["phase"], ratio["reason"], ratio["givenBy"]) == ("Succeeded", "SkippedByPerson", REX)
    assert f"given by {REX}" in shell.run(ANA, "get", "given").out


def test_skip_without_an_output_skips_the_node_and_whoever_needs_it(answered: PeopleStage) -> None:
    status = answered.end("skipped")
    assert (status["phase"], status["outputs"]) == ("Succeeded", {"always": -1})
    assert {name: node["phase"] for name, node in status["nodes"].items()} == {
        "ready": "Succeeded",
        "ratio": "Skipped",
        "told": "Skipped",
        "always": "Succeeded",
    }
    assert status["nodes"]["ratio"]["reason"] == "SkippedByPerson"


def test_stop_lets_the_failure_stand(answered: PeopleStage) -> None:
    assert_failed(answered, "stopped")
    decided = answered.request("stopped-ratio", "Stop")["status"]["conditions"][0]["message"]
    assert decided == f"left as it is by {REX}: nothing to divide by"


def test_when_nobody_answers_in_time_it_is_as_after_stop(stage: PeopleStage) -> None:
    assert_failed(stage, "silent")
    request = stage.request("silent-ratio", "Expired")
    assert request["spec"]["binding"]["policy"]["name"] == "recovery"
    late = stage.say("silent-ratio", REX, "Retry")
    assert "this request is closed (Expired): no vote changes that" in late.said


def test_without_the_policy_recovery_it_simply_fails(stage: PeopleStage) -> None:
    assert_failed(stage, "unasked")
    assert stage.get("apr/unasked-ratio") is None


def assert_failed(stage: PeopleStage, run: str) -> None:
    status = stage.end(run)
    assert status["phase"] == "Failed"
    assert {name: node["phase"] for name, node in status["nodes"].items()} == {
        "ready": "Succeeded",
        "ratio": "Failed",
        "told": "Omitted",
        "always": "Omitted",
    }
    assert "outputs" not in status


@pytest.mark.parametrize("who", [ANA, MALLORY])
def test_whom_the_policy_does_not_name_cannot_answer(who: str, stage: PeopleStage) -> None:
    stage.request("refused-ratio")
    for verdict in ("Retry", "Skip", "Stop"):
        answer = stage.say("refused-ratio", who, verdict)
        assert not answer.accepted
        assert f"{who} is not in group fixers, which policy recovery asks" in answer.said


def test_an_approval_is_no_answer_to_a_failure(stage: PeopleStage) -> None:
    stage.request("refused-ratio")
    answer = stage.say("refused-ratio", REX, "Approve")
    assert "Recovery is answered by Retry, Skip, Stop, Withdraw" in answer.said


def test_a_retry_whose_values_do_not_fit_counts_for_nothing_and_the_request_says_why(stage: PeopleStage) -> None:
    stage.request("refused-ratio")
    stage.vote("refused-ratio", REX, "Retry", values={"expression": 7})
    noted = stage.until("apr/refused-ratio", lambda one: any(REX in line for line in one["status"].get("history", {})))[
        "status"
    ]
    assert (noted["phase"], noted["votes"]) == ("Open", "0/1")
    assert f"the vote of {REX} does not count: expression" in noted["waitingFor"]
    stage.vote("refused-ratio", REX, "Stop")
    assert stage.end("refused")["phase"] == "Failed"


def test_the_operator_was_refused_nothing(stage: PeopleStage) -> None:
    for run in RUNS:
        assert stage.until(f"hrun/{run}", lambda one: one["status"]["phase"] in ENDED)
    assert stage.operator.refusals() == []
