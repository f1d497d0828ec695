"""forEach (LANGUAGE §3.5): whole in one pod, or some of the items here and others elsewhere."""

from typing import Any

import pytest

from headgate_lang.fate import Outcome
from headgate_lang.report import Counts, Error, Failure, Phase
from headgate_lang.task import Items, Loop, Member, Retry, Source, Tolerance
from support.bundles import Pods, Ran, member, task_of

BAD = "${item > 2 ? 9 : 0}"
"""Items above 2 fail."""


def loop(items: Any, **more: Any) -> Loop:
    return Loop(items, more.pop("parallelism", 3), **more)


def run_loop(pods: Pods, items: Any, use: str = "echo", with_: Any = None, **more: Any) -> Ran:
    given = {"x": "${item}"} if with_ is None else with_
    settings = {name: more.pop(name) for name in ("tolerate", "only") if name in more}
    return pods.run(task_of(member("a", use, with_=given, loop=loop(items, **settings), **more), tells=("a",)))


def test_outputs_come_in_the_order_of_the_list_whatever_runs_first(pods: Pods) -> None:
    seconds = {"seconds": "${[0.03, 0.0, 0.01][index]}"}
    ran = run_loop(pods, [1, 2, 3], "sleeps", seconds)
    assert ran.output("a") == {"outputs": [{"slept": True, "told": False}] * 3, "failed": []}
    ran = run_loop(pods, ["a", "b", "c"], with_={"x": "${item + string(index)}"})
    assert ran.output("a")["outputs"] == [{"x": "a0"}, {"x": "b1"}, {"x": "c2"}]
    assert ran.entry("a").counts == Counts(3, 3, 0)
    assert ran.entry("a").length == 3


def test_an_empty_list_succeeds_with_nothing(pods: Pods) -> None:
    ran = run_loop(pods, [])
    assert ran.output("a") == {"outputs": [], "failed": []}
    assert ran.entry("a").phase is Phase.SUCCEEDED


@pytest.mark.parametrize(
    ("items", "reason", "said"),
    [
        ("${run.name}", "NotAList", "`in` is a string"),
        ("${run.?nothing}", "NotAList", "`in` is absent"),
        ({"a": 1}, "NotAList", "`in` is an object"),
        ("${run.nothing}", "ExpressionError", "`run` has no `nothing`"),
        (list(range(1001)), "TooManyItems", "1,001 items, and at most 1,000"),
    ],
)
def test_a_list_that_cannot_be_run_fails_before_the_first_item_starts(
    pods: Pods, items: Any, reason: str, said: str
) -> None:
    ran = run_loop(pods, items, "breaks", {"how": "os._exit"})
    entry = ran.entry("a")
    assert (entry.phase, entry.reason, entry.attempts) == (Phase.FAILED, reason, 0)
    assert said in entry.message


def test_a_list_is_as_long_as_the_admin_says(pods: Pods) -> None:
    ran = pods.run(task_of(member("a", loop=loop([1, 2, 3])), max_items=2))
    assert ran.entry("a").reason == "TooManyItems"


@pytest.mark.parametrize(
    ("tolerate", "phase", "failed"),
    [
        (Tolerance(), "Failed", 1),
        (Tolerance(2), "Succeeded", 2),
        (Tolerance(1), "Failed", 2),
        (Tolerance(percent=50), "Succeeded", 2),
    ],
)
def test_so_many_items_may_fail_and_one_more_ends_the_loop(
    pods: Pods, tolerate: Tolerance, phase: str, failed: int
) -> None:
    made = Loop([1, 3, 2, 4], 1, tolerate)
    reader = member(
        "b", needs={"a": Outcome.ENDED}, with_={"f": "${a.?failed.orValue([])}", "e": "${a.?error.?items.orValue([])}"}
    )
    ran = pods.run(task_of(member("a", "flaky", with_={"times": BAD}, loop=made), reader, tells=("a",)))
    entry = ran.entry("a")
    assert entry.phase.value == phase
    assert len(entry.failed) == failed
    assert entry.failed[0] == Failure(1, Error("Broken", "attempt 1 of a[1]", 1), 3)
    told = ran.output("b")["f" if phase == "Succeeded" else "e"]
    assert told[0] == {
        "index": 1,
        "item": 3,
        "error": {"reason": "Broken", "message": "attempt 1 of a[1]", "attempts": 1},
    }
    if phase == "Succeeded":
        assert [one["key"] for one in ran.output("a")["outputs"]] == ["5f0c2a9e/a[0]", "5f0c2a9e/a[2]"]
    else:
        assert entry.reason == "ItemsFailed"
        which = ("1 of 4 items failed, none tolerated: 1", "2 of 4 items failed, 1 tolerated: 1 and 3")[failed - 1]
        assert entry.message == f"{which}; item 1: Broken: attempt 1 of a[1]"
        assert not ran.has("o-a")


def test_after_one_failure_too_many_no_further_item_starts(pods: Pods) -> None:
    made = Loop(list(range(3, 50)), 2)
    ran = pods.run(task_of(member("a", "flaky", with_={"times": 9}, loop=made)))
    counts = ran.entry("a").counts
    assert counts is not None
    assert counts.failed <= 2


def test_at_most_a_hundred_failed_items_are_told_and_all_are_counted(pods: Pods) -> None:
    made = Loop(list(range(150)), 10, Tolerance(200))
    ran = pods.run(task_of(member("a", "flaky", with_={"times": 9}, loop=made), tells=("a",)))
    assert len(ran.output("a")["failed"]) == 100
    assert ran.entry("a").counts == Counts(150, 0, 150)
    assert (len(ran.ends["a"].failed), ran.ends["a"].failed_count) == (100, 150)


def test_when_is_asked_once_and_retry_and_timeout_are_those_of_an_item(pods: Pods) -> None:
    more: dict[str, Any] = {"retry": Retry(1, delay=0.001), "timeout": 0.05}
    ran = run_loop(pods, [0, 1], "flaky", {"times": "${item}", "reason": "Timeout"}, **more)
    assert [one["attempt"] for one in ran.output("a")["outputs"]] == [1, 2]
    assert ran.entry("a").usage == {"calls": 3}
    ran = run_loop(pods, [0.0, 9.0], "sleeps", {"seconds": "${item}"}, tolerate=Tolerance(1), **more)
    assert [failure.error.reason for failure in ran.entry("a").failed] == ["Timeout"]


def test_parameters_that_cannot_be_computed_are_the_failure_of_that_item(pods: Pods) -> None:
    ran = run_loop(pods, [1, 0], with_={"x": "${6 / item}"}, tolerate=Tolerance(1))
    assert ran.output("a")["outputs"] == [{"x": 6}]
    (failure,) = ran.entry("a").failed
    assert (failure.index, failure.error.reason) == (1, "ExpressionError")


def test_items_are_doubles_where_the_schema_of_the_list_says_so(pods: Pods) -> None:
    schemas = {"inputs": {"properties": {"prices": {"items": {"type": "number"}}}}}
    made = member("a", with_={"half": "${item / 2.0}"}, loop=loop("${inputs.prices}"))
    ran = pods.run(task_of(made, inputs={"prices": [3, 5.0]}, schemas=schemas))
    assert ran.output("a")["outputs"] == [{"half": 1.5}, {"half": 2.5}]


def test_a_pod_that_runs_some_items_tells_each_and_gives_an_object_by_index(pods: Pods) -> None:
    ran = run_loop(pods, [1, 2, 3, 4], "flaky", {"times": BAD, "value": "${item}"}, only=(1, 3), tolerate=Tolerance(4))
    assert ran.output("a") == {"1": {"attempt": 1, "key": "5f0c2a9e/a[1]", "value": 2}}
    assert ran.report.keys() == {"a[1]", "a[3]"}
    assert ran.entry("a[1]").phase is Phase.SUCCEEDED
    assert (ran.entry("a[3]").reason, ran.entry("a[3]").item) == ("Broken", 4)
    end = ran.ends["a"]
    assert (end.outcome, [failure.index for failure in end.failed]) == (Outcome.SUCCEEDED, [3])


def test_items_that_never_started_are_left_out_and_the_end_is_open(pods: Pods) -> None:
    made = Loop([9, 9, 9, 9], 1, only=(0, 1, 2))
    ran = pods.run(task_of(member("a", "flaky", with_={"times": BAD}, loop=made), tells=("a",)))
    assert ran.report.keys() == {"a[0]"}
    assert ran.ends == {}


def test_a_list_that_is_none_fails_each_item_that_this_pod_was_to_run(pods: Pods) -> None:
    ran = run_loop(pods, "${run.name}", only=(0, 2))
    assert {entry.reason for entry in ran.report.values()} == {"NotAList"}
    assert ran.report.keys() == {"a[0]", "a[2]"}


def test_items_of_which_the_fate_is_decided_have_nothing_to_say(pods: Pods) -> None:
    bad = member("z", "flaky", with_={"times": 9})
    ran = pods.run(task_of(bad, member("a", loop=loop([1], only=(0,)), needs={"z": Outcome.SUCCEEDED})))
    assert ran.report.keys() == {"z"}


def reader(source: Source) -> Member:
    return member(
        "b",
        needs={"a": Outcome.ENDED},
        with_={"all": "${a.?outputs}", "error": "${a.?error}", "failed": "${a.?failed}"},
    )


def end_of(outcome: str = "Succeeded", *failed: int) -> Any:
    failures = [{"index": index, "item": index, "error": {"reason": "Broken", "message": "no"}} for index in failed]
    return {"a": {"outcome": [outcome], **({"failed": failures} if failures else {})}}


def test_items_that_ran_elsewhere_make_one_output_in_the_order_of_the_list(pods: Pods) -> None:
    source = Source(ends=("/in/e0", "/in/e1"), documents=("/in/d0", "/in/d1"), items=Items(4, Tolerance(1)))
    files = {"/in/d0": {"2": "c", "0": "a"}, "/in/d1": {"1": "b"}, "/in/e0": end_of(), "/in/e1": end_of("Succeeded", 3)}
    ran = pods.run(task_of(reader(source), sources={"a": source}), files)
    error = {"reason": "Broken", "message": "no", "attempts": 1}
    assert ran.output("b") == {"all": ["a", "b", "c"], "failed": [{"index": 3, "item": 3, "error": error}]}


@pytest.mark.parametrize(
    ("on_error", "then"),
    [("Fail", "ItemsFailed"), ("Continue", "ItemsFailed"), ("Ask", None)],
)
def test_of_items_that_ran_elsewhere_too_many_may_have_failed(pods: Pods, on_error: str, then: str | None) -> None:
    source = Source(ends=("/in/e0",), documents=("/in/d0",), items=Items(2, on_error=on_error))
    files = {"/in/d0": {"0": "a"}, "/in/e0": end_of("Succeeded", 1)}
    ran = pods.run(task_of(reader(source), sources={"a": source}), files)
    if then is None:
        assert ran.report == {}
        return
    error = ran.output("b")["error"]
    assert (error["reason"], [item["index"] for item in error["items"]]) == (then, [1])


def test_a_loop_that_nobody_could_count_is_open(pods: Pods) -> None:
    source = Source(ends=("/in/e0", "/in/e1"), items=Items(4))
    ran = pods.run(task_of(reader(source), sources={"a": source}), {"/in/e0": end_of(), "/in/e1": "null"})
    assert ran.report == {}
