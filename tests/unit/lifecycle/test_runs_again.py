"""Runs again: in another attempt, as another Run, after an answer of people. And how many Runs there may be."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

from headgate.api.run import NodePhase, NodeStatus, RunStatus
from headgate.compiler.known import Instance
from headgate.lifecycle.status.bounds import MAX_STATUS, bound, plain, size
from support.pods import Scripts
from support.short_runs import SAFE, TWO, begin, gated, leg, phases, ran
from support.stories import policy, workflow
from support.world import SETTINGS, World


def test_a_gate_that_failed_asks_again_in_the_next_attempt_under_another_name() -> None:
    here = gated()
    here.vote("r-ask", "bea", "Reject", groups=["release-managers"])
    assert here.finish("r")["phase"] == "Cancelled"
    here.declare("r", attempt=2)
    here.settle_all()
    (again,) = (name for name in here.requests if name != "r-ask")
    assert here.status("r")["nodes"]["ask"]["request"] == again
    here.vote(again, "bea", "Approve", groups=["release-managers"])
    assert here.finish("r")["phase"] == "Succeeded"
    assert ran(here, "a") == 1


def test_a_gate_that_was_approved_stands_in_the_next_attempt() -> None:
    scripts = Scripts(fails=lambda one: "Broken" if one == Instance("b") else None)
    here = gated(scripts=scripts)
    here.vote("r-ask", "bea", "Approve", groups=["release-managers"])
    assert here.finish("r")["phase"] == "Failed"
    scripts.fails = lambda one: None
    here.declare("r", attempt=2, declaredBy="bea", actedBy=["bea"])
    assert here.finish("r")["phase"] == "Succeeded"
    assert list(here.requests) == ["r-ask"]
    assert (ran(here, "a"), ran(here, "b")) == (1, 2)


def test_a_new_run_takes_over_what_settled_restarts_what_it_names_and_asks_again() -> None:
    here = gated()
    here.vote("r-ask", "bea", "Approve", groups=["release-managers"])
    here.finish("r")
    here.submit("r2", workflow="example", requester="ana@example.com", **{"from": {"run": "r"}})
    here.settle_all()
    assert here.status("r2")["nodes"]["ask"]["phase"] == "Waiting"
    assert ran(here, "a") == 1
    here.delete_run("r")
    here.submit("r3", workflow="example", **{"from": {"run": "r2", "restart": ["a"]}})
    here.settle_all()
    here.run_legs()
    assert ran(here, "a") == 2


def test_what_is_taken_over_is_what_the_old_run_has_now_whatever_was_heard_of_it() -> None:
    here = begin(TWO)
    here.finish("r")
    old_picture = here.copy()
    old_picture.secrets.clear()
    for one in (here, old_picture):
        one.submit("r2", workflow="example", requester="ana@example.com", **{"from": {"run": "r", "restart": ["b"]}})
    here.apply("r2", here.decide("r2", seen=old_picture))
    assert here.finish("r2")["phase"] == "Succeeded"
    assert (ran(here, "a"), ran(here, "b")) == (1, 2)


def test_a_run_takes_nothing_over_from_one_that_is_not_there_or_has_lost_its_revision() -> None:
    here = begin(TWO)
    here.finish("r")
    here.submit("r2", workflow="example", **{"from": {"run": "another"}})
    assert here.finish("r2")["message"] == "there is no Run `another` to take over from"
    here.revisions.clear()
    here.submit("r3", workflow="example", **{"from": {"run": "r"}})
    status = here.finish("r3")
    assert "the revision that Run `r` keeps to is gone" in status["message"]
    assert ran(here, "a") == 1


def test_what_is_skipped_in_a_new_run_has_the_output_that_a_person_gave() -> None:
    here = begin("nodes: [{name: a, use: heavy}]\noutputs: {said: '${a.value}'}")
    here.finish("r")
    skip = {"a": {"output": {"value": "given"}}}
    here.submit("r2", workflow="example", requester="ana@example.com", **{"from": {"run": "r", "skip": skip}})
    status = here.finish("r2")
    assert status["outputs"] == {"said": "given"}
    assert status["nodes"]["a"]["givenBy"] == "ana@example.com"


def test_nobody_can_skip_a_gate_by_a_new_run() -> None:
    here = gated()
    here.submit("r2", workflow="example", **{"from": {"run": "r", "skip": {"ask": {}}}})
    here.settle_all()
    assert here.status("r2")["phase"] == "Failed"
    assert "nobody can skip" in here.status("r2")["message"]


ASKS = "nodes: [{name: a, use: heavy, onError: Ask, with: {value: 1}}, {name: b, use: heavy, after: {a: NotFailed}}]"


def asked(verdict: str, **more: Any) -> World:
    scripts = Scripts(fails=lambda one: "Broken" if one == Instance("a") else None)
    here = begin(ASKS, policy("recovery"), scripts=scripts)
    here.run_legs()
    here.settle_all()
    assert here.status("r")["conditions"][0]["reason"] == "RecoveryNeeded"
    scripts.fails = lambda one: None
    here.vote("r-a", "bea", verdict, groups=["release-managers"], **more)
    here.finish("r")
    return here


def test_people_answer_a_failure_with_retry_skip_or_stop() -> None:
    assert phases(asked("Retry")) == {"a": "Succeeded", "b": "Succeeded"}
    assert phases(asked("Skip")) == {"a": "Skipped", "b": "Succeeded"}
    assert phases(asked("Skip", values={"value": 3})) == {"a": "Succeeded", "b": "Succeeded"}
    assert phases(asked("Stop")) == {"a": "Failed", "b": "Omitted"}


def test_a_retry_with_other_parameters_takes_them_as_literals() -> None:
    scripts = Scripts(fails=lambda one: "Broken" if one == Instance("a") else None)
    here = begin(ASKS, policy("recovery"), scripts=scripts)
    here.run_legs()
    here.settle_all()
    here.vote("r-a", "bea", "Retry", groups=["release-managers"], values={"value": "${inputs.secret}"})
    here.settle_all()
    assert leg(here).task(0).members[0].with_ == {"value": "$${inputs.secret}"}


def test_a_request_that_was_deleted_or_made_again_decides_nothing() -> None:
    here = gated()
    del here.requests["r-ask"]
    assert here.finish("r")["nodes"]["ask"]["reason"] == "Cancelled"
    here = gated()
    forged = here.requests["r-ask"]
    forged["metadata"]["uid"] = "another"
    here.vote("r-ask", "bea", "Approve", groups=["release-managers"])
    assert here.finish("r")["nodes"]["ask"]["phase"] == "Failed"


def test_a_status_that_was_forged_on_a_request_is_no_yes() -> None:
    here = gated()
    here.requests["r-ask"]["status"] |= {"phase": "Approved", "decidedAt": "2026-11-21T06:00:00Z"}
    status = here.finish("r")
    assert (status["phase"], phases(here)["b"]) == ("Cancelled", "Omitted")


def test_changed_admission_policies_supersede_the_question() -> None:
    here = gated()
    here.requests["r-ask"]["metadata"]["annotations"]["headgate.dev/guard"] = "before"
    here.vote("r-ask", "bea", "Approve", groups=["release-managers"])
    here.settle_all()
    old = here.requests["r-ask"]["status"]
    assert old["phase"] == "Superseded"
    assert here.status("r")["nodes"]["ask"]["request"] == old["supersededBy"]


def test_a_run_that_cannot_run_fails_with_all_that_is_wrong() -> None:
    here = begin("nodes: [{name: a, use: nothing}]")
    assert here.status("r")["phase"] == "Failed"
    assert "MissingNodeType" in here.status("r")["message"]
    here = begin("inputs: {count: {type: integer}}\n" + SAFE, inputs={"count": "x", "other": 1})
    assert here.status("r")["conditions"][0]["reason"] == "InvalidRun"
    assert "and 1 more problem" in here.status("r")["message"]


def test_one_run_more_than_the_limit_waits_its_turn_or_is_refused() -> None:
    text = SAFE + "\nexecution: {concurrency: {limit: 1}}"
    here = begin(text)
    here.submit("r2", workflow="example")
    here.settle_all()
    assert here.status("r2")["phase"] == "Pending"
    assert here.finish("r2")["phase"] == "Succeeded"
    here = begin(text.replace("limit: 1", "limit: 1, onLimit: Refuse"))
    here.submit("r2", workflow="example")
    here.settle_all()
    assert here.status("r2")["conditions"][0]["reason"] == "ConcurrencyLimit"


def test_runs_go_when_their_time_is_over_or_there_are_too_many_but_not_what_argo_cd_tracks() -> None:
    here = begin(SAFE, ttl="1h")
    here.finish("r")
    here.now += timedelta(hours=1)
    here.settle_all()
    assert here.runs == {}
    here = begin(SAFE, settings=replace(SETTINGS, keep_succeeded=1))
    here.runs["r"]["metadata"]["annotations"] = {"argocd.argoproj.io/tracking-id": "x"}
    for name in ("r2", "r3"):
        here.now += timedelta(minutes=1)
        here.submit(name, workflow="example")
        here.finish(name)
        here.settle_all()
    assert set(here.runs) == {"r", "r3"}


def test_one_after_the_other_never_has_two_legs() -> None:
    here = begin(
        "nodes: [{name: a, use: heavy}, {name: w, use: wait, with: {for: 1s}},"
        " {name: b, use: heavy, after: {w: Succeeded}}]\nexecution: {parallelism: 1}"
    )
    here.now += timedelta(seconds=2)
    here.settle_all()
    assert len(here.legs) == 1
    assert here.finish("r")["phase"] == "Succeeded"


def test_a_child_that_failed_is_retried_with_what_it_had_and_its_failure_is_asked_about_once() -> None:
    inner = workflow("nodes: [{name: x, use: heavy}, {name: y, use: heavy, after: {x: Succeeded}}]", "inner")
    scripts = Scripts(fails=lambda one: "Broken" if one == Instance("y") else None)
    here = begin("nodes: [{name: c, use: workflow/inner, onError: Ask}]", inner, policy("recovery"), scripts=scripts)
    here.run_legs()
    here.settle_all()
    here.run_legs()
    here.settle_all()
    assert here.status("r")["nodes"]["c"]["phase"] == "Waiting"
    scripts.fails = lambda one: None
    here.vote("r-c", "bea", "Retry", groups=["release-managers"])
    assert here.finish("r")["phase"] == "Succeeded"
    assert (ran(here, "x"), ran(here, "y")) == (1, 2)


def test_a_failure_waits_while_the_policies_that_guard_votes_are_missing_and_is_asked_about_then() -> None:
    scripts = Scripts(fails=lambda one: "Broken" if one == Instance("a") else None)
    here = begin("nodes: [{name: a, use: heavy, onError: Ask}]", policy("recovery"), scripts=scripts)
    here.guard = None
    here.run_legs()
    here.settle_all()
    assert here.requests == {}
    assert "admission policies that guard votes are missing" in here.status("r")["message"]
    here.guard = "guard"
    here.settle_all()
    here.vote("r-a", "bea", "Skip", groups=["release-managers"])
    assert here.finish("r")["phase"] == "Succeeded"


def test_a_status_of_ten_thousand_nodes_keeps_its_bound() -> None:
    quiet = NodeStatus(phase=NodePhase.SUCCEEDED, leg=1, attempts=1, seconds=1.0, preview="x" * 1000, output="s/k")
    bad = NodeStatus(phase=NodePhase.FAILED, leg=1, reason="Broken", message="y" * 900)
    nodes = {f"n{number}": bad if number % 20 == 0 else quiet for number in range(10_000)}
    bounded = bound(RunStatus(nodes=nodes))
    assert size(plain(bounded)) <= MAX_STATUS
    assert len(bounded.nodes) == 500, "those that failed are told"


def test_an_output_that_stands_in_for_a_nodes_must_be_one_of_its_type() -> None:
    here = begin("nodes: [{name: a, use: uuid}]")
    here.finish("r")
    for name, output, why in (
        ("r2", {"uuid": 7}, "spec.from.skip.a.output.uuid: `uuid` is an integer, must be a string"),
        ("r3", {"uid": "x"}, "spec.from.skip.a.output.uid: `uid` is not known here: did you mean"),
        (
            "r4",
            json.loads('{"uuid":' * 101 + "1" + "}" * 101),
            "from.skip.a.output: the output is nested deeper than 100",
        ),
    ):
        skip = {"a": {"output": output}}
        here.submit(name, workflow="example", requester="ana@example.com", **{"from": {"run": "r", "skip": skip}})
        here.settle_all()
        assert why in here.status(name)["message"]


def test_an_output_that_people_give_for_a_failure_must_be_one_of_its_type() -> None:
    scripts = Scripts(fails=lambda one: "Broken")
    here = begin("nodes: [{name: a, use: uuid, onError: Ask}]", policy("recovery"), scripts=scripts)
    here.run_legs()
    here.settle_all()
    here.vote("r-a", "bea", "Skip", groups=["release-managers"], values={"uuid": 7})
    here.settle_all()
    told = here.requests["r-a"]["status"]["waitingFor"]
    assert "the vote of bea does not count: uuid is an integer, must be a string" in told
    here.vote("r-a", "bea", "Skip", groups=["release-managers"], values={"uuid": "given"})
    here.settle_all()
    assert here.status("r")["nodes"]["a"]["phase"] == "Succeeded"


def test_what_a_type_takes_under_any_name_is_not_edited() -> None:
    scripts = Scripts(fails=lambda one: "Broken")
    here = begin("nodes: [{name: a, use: set, onError: Ask, with: {n: 1}}]", policy("recovery"), scripts=scripts)
    here.run_legs()
    here.settle_all()
    assert here.requests["r-a"]["spec"]["binding"]["form"] == {}


def test_a_failure_that_was_final_stays_so_whatever_policy_comes_later() -> None:
    scripts = Scripts(fails=lambda one: "Broken" if one == Instance("x") else None)
    text = """
nodes:
- {name: x, use: heavy, onError: Ask}
- {name: cleanup, use: heavy, after: {x: Failed}}
- {name: ask, use: approval, with: {policy: release, message: Go on}}
"""
    here = begin(text, policy("release"), scripts=scripts)
    here.run_legs()
    here.settle_all()
    here.catalogue = begin(text, policy("release"), policy("recovery")).catalogue
    here.run_legs()
    here.settle_all()
    assert phases(here) == {"x": "Failed", "cleanup": "Succeeded", "ask": "Waiting"}
    assert list(here.requests) == ["r-ask"]


def test_what_reads_inputs_by_a_computed_name_runs_again_when_any_is_another() -> None:
    text = """
inputs: {t: {type: string}, u: {type: string}}
nodes:
- {name: a, use: heavy, with: {value: "${inputs.map(k, k).size()}"}}
- {name: b, use: heavy, with: {value: "${inputs['' + 't']}"}}
- {name: c, use: heavy, with: {value: "${inputs.u}"}}
"""
    here = begin(text, inputs={"t": "x", "u": "y"})
    here.finish("r")
    here.submit("r2", workflow="example", inputs={"t": "z", "u": "y"}, **{"from": {"run": "r"}})
    here.finish("r2")
    assert [ran(here, name) for name in "abc"] == [2, 2, 1]


def test_a_part_that_starts_in_a_later_attempt_is_not_tried_again_by_itself() -> None:
    held = "nodes: [{name: ask, use: approval, with: {policy: release, message: Go}}]"
    text = "nodes: [{name: sub, use: workflow/held, forEach: {in: [1, 2], parallelism: 1}}]"
    here = begin(text, workflow(held, "held"), policy("release"))

    def answer(request: str, verdict: str) -> None:
        here.vote(request, "bea", verdict, groups=["release-managers"])
        here.settle_all()

    answer("r-sub-0-ask", "Reject")
    here.declare("r", attempt=2)
    here.settle_all()
    (again,) = (name for name in here.requests if name != "r-sub-0-ask")
    answer(again, "Approve")
    answer("r-sub-1-ask", "Reject")
    assert len(here.requests) == 3
    assert here.status("r")["phase"] == "Failed"


def test_how_often_pods_were_lost_is_counted_anew_in_each_attempt() -> None:
    here = begin(SAFE)
    for _ in range(SETTINGS.lost_pods + 1):
        here.lose_pod(leg(here), 0)
        here.settle_all()
    assert here.status("r")["nodes"]["a"]["reason"] == "PodLost"
    here.declare("r", attempt=2)
    here.settle_all()
    here.lose_pod(leg(here), 0)
    assert here.finish("r")["phase"] == "Succeeded"


def test_what_is_skipped_in_a_new_run_is_run_by_no_attempt_of_it() -> None:
    scripts = Scripts(fails=lambda one: "Broken" if one == Instance("a") else None)
    here = begin(TWO, scripts=scripts)
    here.finish("r")
    skip = {"b": {"output": {"value": "given"}}}
    here.submit("r2", workflow="example", requester="ana@example.com", **{"from": {"run": "r", "skip": skip}})
    assert here.finish("r2")["phase"] == "Failed"
    scripts.fails = lambda one: None
    here.declare("r2", attempt=2)
    assert here.finish("r2")["nodes"]["b"]["givenBy"] == "ana@example.com"
    assert ran(here, "b") == 0


def test_what_a_run_took_over_is_neither_its_work_nor_its_usage() -> None:
    here = begin(TWO, scripts=Scripts(usage={"promptTokens": 100}))
    assert here.finish("r")["usage"] == {"promptTokens": 200}
    here.submit("r2", workflow="example", **{"from": {"run": "r", "restart": ["b"]}})
    status = here.finish("r2")
    assert (status["usage"], status["workSeconds"]) == ({"promptTokens": 100}, 1.0)
    assert status["nodes"]["a"]["usage"] == {"promptTokens": 100}
