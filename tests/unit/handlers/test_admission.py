"""What admission answers: all problems, each a cause of its own, in the words of lint; and never in the way."""

from typing import Any

import yaml

from headgate.compiler.catalogue import StaticCatalogue, builtin
from headgate.compiler.parse import parse
from headgate.handlers.admission import build_response, judge

HELLO = """
apiVersion: headgate.dev/v1alpha1
kind: Workflow
metadata: {name: hello, namespace: docs}
spec:
  inputs:
    name: {type: string, default: world}
  nodes:
  - name: greet
    use: set
    with: {text: "Hello, ${inputs.name}!"}
  outputs: {text: "${greet.text}"}
"""
RUN = """
apiVersion: headgate.dev/v1alpha1
kind: Run
metadata: {name: r, namespace: docs}
spec: {workflow: hello}
"""


def catalogue() -> StaticCatalogue:
    hello = parse(yaml.safe_load(HELLO)).model
    assert hello is not None
    return StaticCatalogue([*builtin(), hello], complete=True)


def ask(text: str, old: str | None = None) -> dict[str, Any]:
    thing = yaml.safe_load(text)
    request = {
        "uid": "u",
        "kind": {"kind": thing["kind"]},
        "name": thing["metadata"]["name"],
        "operation": "CREATE" if old is None else "UPDATE",
        "object": thing,
        "oldObject": yaml.safe_load(old) if old else None,
    }
    answer: dict[str, Any] = build_response(request, judge(request, catalogue()))["response"]
    assert answer["uid"] == "u"
    return answer


def test_a_good_workflow_passes_without_a_word() -> None:
    assert ask(HELLO) == {"uid": "u", "allowed": True}


def test_every_problem_is_a_cause_with_its_place_and_its_remedy() -> None:
    answer = ask(HELLO.replace("inputs.name", "inputs.nme").replace("${greet.text}", "${gret.text}"))
    assert not answer["allowed"]
    status = answer["status"]
    assert (status["code"], status["reason"], status["details"]["kind"]) == (422, "Invalid", "Workflow")
    assert status["details"]["name"] == "hello"
    causes = {one["field"]: one["message"] for one in status["details"]["causes"]}
    assert causes.keys() == {"spec.nodes[greet].with.text", "spec.outputs.text"}
    assert "did you mean `greet`?" in causes["spec.outputs.text"]
    assert causes["spec.outputs.text"].endswith("[UnknownNode]")


def test_doubts_are_warnings() -> None:
    answer = ask(HELLO.replace("use: set", "use: sett"))
    assert answer["allowed"]
    assert len(answer["warnings"]) == 1
    assert answer["warnings"][0].startswith("spec.nodes[greet].use: there is no node type `sett`: did you mean `set`?")


def test_a_thousand_problems_are_told_within_bounds() -> None:
    nodes = "\n".join(f'  - {{name: n{i}, use: set, with: {{t: "${{nope{i}.x}}"}}}}' for i in range(300))
    answer = ask(HELLO.replace("  outputs:", nodes + "\n  outputs:"))
    causes = answer["status"]["details"]["causes"]
    assert len(causes) == 51
    assert "more: `headgate lint`" in causes[-1]["message"]


def test_a_run_is_told_what_its_inputs_lack() -> None:
    answer = ask(RUN.replace("hello}", "hello, inputs: {nme: x}, environment: prod}"))
    causes = {one["field"]: one["message"] for one in answer["status"]["details"]["causes"]}
    assert "did you mean `name`?" in causes["spec.inputs.nme"]
    assert "has no environment `prod`" in causes["spec.environment"]


def test_a_run_that_takes_over_is_told_which_of_its_nodes_there_are_not_and_what_does_not_fit() -> None:
    answer = ask(RUN.replace("hello}", "hello, from: {run: r0, restart: [gret], skip: {nope: {}}}}"))
    causes = [(one["field"], one["message"]) for one in answer["status"]["details"]["causes"]]
    assert causes == [
        ("spec.from.restart", "there is no node `gret`: did you mean `greet`? [UnknownNode]"),
        ("spec.from.skip", "there is no node `nope` [UnknownNode]"),
    ]
    assert ask(RUN.replace("hello}", "hello, from: {run: r0, restart: [greet]}}"))["allowed"]


def test_a_run_of_a_workflow_that_is_not_there_is_refused_with_the_one_that_was_meant() -> None:
    answer = ask(RUN.replace("workflow: hello", "workflow: helo"))
    assert [one["message"] for one in answer["status"]["details"]["causes"]] == [
        "there is no workflow `helo` that could run: did you mean `hello`? [MissingWorkflow]"
    ]
    assert ask(RUN)["allowed"]


def test_what_does_not_touch_the_spec_is_never_refused() -> None:
    wrong = HELLO.replace("inputs.name", "nothing.name")
    assert ask(wrong.replace("namespace: docs", "namespace: docs, labels: {a: b}"), old=wrong)["allowed"]
    assert not ask(wrong, old=HELLO)["allowed"]


def test_what_people_declare_about_a_run_is_not_checked_against_its_workflow() -> None:
    old = RUN.replace("workflow: hello", "workflow: gone")
    assert ask(old.replace("gone}", "gone, state: Paused}"), old=old)["allowed"]


def test_other_kinds_are_checked_as_lint_checks_them() -> None:
    policy = """
apiVersion: headgate.dev/v1alpha1
kind: ApprovalPolicy
metadata: {name: p, namespace: docs}
spec:
  stages: [{name: s, users: [ana], votes: 1}]
  timeout: 1h
  autoApprove: "${vars.x == 1}"
"""
    answer = ask(policy)
    assert [one["field"] for one in answer["status"]["details"]["causes"]] == ["spec.autoApprove"]
    assert ask(policy.replace("vars.x == 1", "size(values) == 0"))["allowed"]


def test_whoever_applies_what_does_nothing_yet_is_told_so() -> None:
    head = "apiVersion: headgate.dev/v1alpha1\nkind: Quota\nmetadata: {name: team, namespace: docs}\n"
    answer = ask(f"{head}spec: {{limits: {{runs: 3}}}}")
    assert answer["allowed"]
    assert "this version of Headgate keeps a Quota and does nothing with it" in answer["warnings"][0]
