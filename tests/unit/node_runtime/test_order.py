"""The way of a member: needs, `when`, `forEach.in`, `with`, run, output; by the rules of LANGUAGE §3."""

from typing import Any

import pytest

from headgate_lang.fate import Outcome
from headgate_lang.report import End, Entry, Error, Phase
from headgate_lang.task import Source
from support.bundles import Pods, from_end, member, task_of

NEEDS = {"a": Outcome.SUCCEEDED}
FAILS = {"reason": "Broken", "times": 9}


def short(entry: Entry) -> tuple[str, str, str | None]:
    return entry.phase.value, entry.reason, entry.cause


def test_a_value_flows_from_member_to_member_with_its_type(pods: Pods) -> None:
    ran = pods.run(
        task_of(
            member("a", with_={"n": 3, "x": "${inputs.x}", "t": "n is ${inputs.n + 1}"}),
            member("b", needs=NEEDS, with_={"sum": "${a.n + 1}", "same": "${a.x}", "all": "${a}"}),
            inputs={"x": [1.0, None, "${a.n}"], "n": 4},
        )
    )
    assert ran.output("a") == {"n": 3, "x": [1.0, None, "${a.n}"], "t": "n is 5"}
    assert ran.output("b") == {"sum": 4, "same": [1.0, None, "${a.n}"], "all": ran.output("a")}
    assert [short(ran.entry(node)) for node in "ab"] == [("Succeeded", "", None)] * 2


@pytest.mark.parametrize(
    ("accepted", "on_error", "then"),
    [
        (Outcome.SUCCEEDED, "Fail", ("Omitted", "NeedFailed", "a")),
        (Outcome.NOT_FAILED, "Fail", ("Omitted", "NeedFailed", "a")),
        (Outcome.FAILED, "Fail", ("Succeeded", "", None)),
        (Outcome.ENDED, "Fail", ("Succeeded", "", None)),
        (Outcome.SUCCEEDED, "Continue", ("Skipped", "NeedSkipped", "a")),
        (Outcome.NOT_FAILED, "Continue", ("Succeeded", "", None)),
        (Outcome.FAILED, "Continue", ("Succeeded", "", None)),
    ],
)
def test_who_needs_a_failure_and_who_is_stopped_by_it(
    pods: Pods, accepted: Outcome, on_error: str, then: tuple[str, str, str | None]
) -> None:
    ran = pods.run(task_of(member("a", "flaky", with_=FAILS, on_error=on_error), member("b", needs={"a": accepted})))
    assert short(ran.entry("a")) == ("Failed", "Broken", None)
    assert short(ran.entry("b")) == then


def test_whoever_waits_for_a_failure_that_did_not_come_is_not_needed(pods: Pods) -> None:
    ran = pods.run(
        task_of(member("a"), member("b", needs={"a": Outcome.FAILED}), member("c", needs={"b": Outcome.SUCCEEDED}))
    )
    assert short(ran.entry("b")) == ("Skipped", "NotNeeded", "a")
    assert short(ran.entry("c")) == ("Skipped", "NeedSkipped", "b")


def test_a_failure_that_people_are_asked_about_leaves_its_followers_open(pods: Pods) -> None:
    ran = pods.run(
        task_of(
            member("a", "flaky", with_=FAILS, on_error="Ask"),
            member("b", needs={"a": Outcome.ENDED}),
            member("c", needs={"b": Outcome.ENDED}),
            tells=("a", "b"),
        )
    )
    assert ran.report.keys() == {"a"}
    assert ran.ends == {}


def test_the_error_of_a_node_can_be_read(pods: Pods) -> None:
    ran = pods.run(
        task_of(
            member("a", "flaky", with_=FAILS),
            member("b", needs={"a": Outcome.FAILED}, with_={"e": "${a.error}", "m": "${a.error.reason + '!'}"}),
        )
    )
    error = {"reason": "Broken", "message": "attempt 1 of a", "attempts": 1}
    assert ran.output("b") == {"e": error, "m": "Broken!"}


@pytest.mark.parametrize(
    ("when", "then", "said"),
    [
        ("${inputs.n > 3}", ("Succeeded", "", None), ""),
        ("${inputs.n > 4}", ("Skipped", "WhenFalse", None), ""),
        ("${inputs.yes}", ("Succeeded", "", None), ""),
        ("${inputs.n}", ("Failed", "ExpressionError", None), "`when` is an integer, and must be a boolean"),
        ("${inputs.nothing}", ("Failed", "ExpressionError", None), "`inputs` has no `nothing`"),
        ("${inputs.n + 'x'}", ("Failed", "ExpressionError", None), "`inputs.n` is an integer"),
    ],
)
def test_when_is_a_boolean_or_an_error(pods: Pods, when: str, then: Any, said: str) -> None:
    # `with` is wrong as well: it is not looked at before `when` has said yes.
    given = {} if then[0] == "Succeeded" else {"x": "${inputs.nothing}"}
    ran = pods.run(task_of(member("a", when=when, with_=given), inputs={"n": 4, "yes": True}))
    assert short(ran.entry("a")) == then
    assert said in ran.entry("a").message
    assert ran.entry("a").started_at is None or then[0] == "Succeeded"


def test_all_bad_parameters_are_told_at_once(pods: Pods) -> None:
    given = {"x": "${inputs.n.m}", "y": ["${1 / 0}"], "z": "${inputs.none}"}
    ran = pods.run(task_of(member("a", with_=given), inputs={"n": 4}))
    entry = ran.entry("a")
    assert short(entry) == ("Failed", "ExpressionError", None)
    for told in ("x: `${inputs.n.m}`", "y[0]: `${1 / 0}`", "z: `${inputs.none}`"):
        assert told in entry.message
    assert entry.attempts == 0


def test_parameters_are_checked_before_the_node_runs(pods: Pods) -> None:
    ran = pods.run(task_of(member("a", "flaky", with_={"times": "1", "unknown": True})))
    entry = ran.entry("a")
    assert (entry.phase, entry.reason, entry.attempts) == (Phase.FAILED, "InvalidParameters", 0)
    assert "times: " in entry.message
    assert "unknown: " in entry.message


def test_a_parameter_that_is_absent_as_a_whole_is_left_out_and_its_default_applies(pods: Pods) -> None:
    ran = pods.run(task_of(member("a", "flaky", with_={"times": "${inputs.?times}", "value": "${inputs.?v}"})))
    assert ran.output("a") == {"attempt": 1, "key": "5f0c2a9e/a"}


def test_what_an_expression_yields_is_not_read_for_expressions_again(pods: Pods) -> None:
    ran = pods.run(task_of(member("a", with_={"x": "${inputs.x + ''}"}), inputs={"x": "${inputs.y}"}))
    assert ran.output("a") == {"x": "${inputs.y}"}


def test_numbers_are_doubles_where_the_schema_says_so(pods: Pods) -> None:
    schemas = {"inputs": {"properties": {"price": {"type": "number"}, "list": {"items": {"type": "number"}}}}}
    given = {"half": "${inputs.price / 2.0}"}
    ran = pods.run(task_of(member("a", with_=given), inputs={"price": 3}, schemas=schemas))
    assert ran.output("a") == {"half": 1.5}


def test_the_run_can_be_read_as_far_as_it_is_told(pods: Pods) -> None:
    given = {"name": "${run.name}", "who": "${run.requester}", "env": "${run.?environment.orValue('none')}"}
    assert pods.run(task_of(member("a", with_=given))).output("a") == {
        "name": "hello-7k2xp",
        "who": "ana",
        "env": "none",
    }


def test_members_outside_are_known_by_how_they_ended_and_what_they_left(pods: Pods) -> None:
    failed = End(Outcome.FAILED, Error("Timeout", "too late", 3))
    ran = pods.run(
        task_of(
            member(
                "b",
                needs={"a": Outcome.SUCCEEDED, "f": Outcome.FAILED},
                with_={"x": "${a.x}", "e": "${f.error.attempts}"},
            ),
            member("c", needs={"s": Outcome.SUCCEEDED}),
            sources={
                "a": from_end(End(Outcome.SUCCEEDED), "/in/d0"),
                "f": from_end(failed),
                "s": Source(ends=("/in/n1-ends",)),
            },
        ),
        {"/in/d0": {"x": 7}, "/in/n1-ends": {"s": {"outcome": ["Skipped"]}}},
    )
    assert ran.output("b") == {"x": 7, "e": 3}
    assert short(ran.entry("c")) == ("Skipped", "NeedSkipped", "s")


@pytest.mark.parametrize("ends", ["null", "{}", "garbage", '{"a":7}', '{"a":{"outcome":["Fine"]}}'])
def test_without_an_answer_from_outside_a_member_is_left_out_of_the_report(pods: Pods, ends: str) -> None:
    ran = pods.run(
        task_of(member("b", needs=NEEDS), member("c"), sources={"a": Source(ends=("/in/ends",))}), {"/in/ends": ends}
    )
    assert ran.report.keys() == {"c"}


@pytest.mark.parametrize("content", ["garbage", "null", "7", None])
def test_an_output_that_cannot_be_read_is_the_error_of_who_reads_it(pods: Pods, content: str | None) -> None:
    sources = {"a": from_end(End(Outcome.SUCCEEDED), "/in/d0")}
    files = {} if content is None else {"/in/d0": content}
    ran = pods.run(task_of(member("b", needs=NEEDS, with_={"x": "${a.x}"}), member("c"), sources=sources), files)
    assert short(ran.entry("b")) == ("Failed", "ExpressionError", None)
    assert "`a`" in ran.entry("b").message
    assert ran.entry("c").phase is Phase.SUCCEEDED


def test_a_document_that_was_too_large_for_argo_is_read_where_the_store_put_it(pods: Pods) -> None:
    sources = {"a": from_end(End(Outcome.SUCCEEDED), "/in/n0-o0")}
    files = {"/in/n0-o0": "null", "/in/large/n0-o0": {"x": "large"}}
    ran = pods.run(task_of(member("b", needs=NEEDS, with_={"x": "${a.x}"}), sources=sources), files)
    assert ran.output("b") == {"x": "large"}


def test_a_node_that_is_not_in_the_image_is_told(pods: Pods) -> None:
    ran = pods.run(task_of(member("a", "nonesuch"), member("b", "../etc"), member("c", "echo.v1")))
    assert short(ran.entry("a")) == ("Failed", "UnknownNode", None)
    assert short(ran.entry("b")) == ("Failed", "UnknownNode", None)
