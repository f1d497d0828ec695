"""What a pod leaves: documents within their limits, a report that fits, ends and `go` for later pods."""

import json
from dataclasses import replace
from typing import Any

import pytest

from headgate_lang.fate import Outcome
from headgate_lang.report import Entry, Error, Failure, Phase
from headgate_lang.task import Follower, Loop, Prepare
from headgate_node.runtime.fitting import encode_entry, encode_report
from headgate_node.runtime.preview import preview_of
from support.bundles import Pods, member, task_of

LARGE = "x" * 1000
READ: dict[str, Any] = {"limit": 500, "is_read": True}
NEEDS = {"a": Outcome.SUCCEEDED}


def test_a_document_within_its_limit_travels_inside_argo(pods: Pods) -> None:
    ran = pods.run(task_of(member("a", with_={"x": "{{ $(a) \x7f"}, **READ)))
    text = ran.out("o-a")
    assert json.loads(text) == {"x": "{{ $(a) \x7f"}
    assert not {"{{", "$", "\x7f"} & {text[i : i + n] for i in range(len(text)) for n in (1, 2)}
    assert not text.endswith("\n")
    entry = ran.entry("a")
    assert (entry.size, entry.is_large, entry.is_kept) == (len(text), False, True)


def test_a_larger_one_is_an_error_with_size_limit_and_remedy_where_there_is_no_store(pods: Pods) -> None:
    follower = member("b", needs={"a": Outcome.FAILED}, with_={"r": "${a.error.reason}"})
    ran = pods.run(task_of(member("a", with_={"x": LARGE}, **READ), follower))
    entry = ran.entry("a")
    assert (entry.phase, entry.reason, entry.size, entry.attempts) == (Phase.FAILED, "OutputTooLarge", 1008, 1)
    assert "1,008 bytes" in entry.message
    assert "500" in entry.message
    assert "artifact store" in entry.message
    assert not ran.has("o-a")
    assert ran.output("b") == {"r": "OutputTooLarge"}


def test_with_a_store_it_goes_there(pods: Pods) -> None:
    ran = pods.run(task_of(member("a", with_={"x": LARGE}, **READ), has_store=True))
    assert json.loads(ran.out("large/o-a")) == {"x": LARGE}
    assert not ran.has("o-a")
    assert (ran.entry("a").phase, ran.entry("a").is_large) == (Phase.SUCCEEDED, True)


def test_one_that_nobody_outside_reads_is_left_out_and_still_read_inside(pods: Pods) -> None:
    reader = member("b", needs=NEEDS, with_={"n": "${size(a.x)}"})
    ran = pods.run(task_of(member("a", with_={"x": LARGE}, limit=500), reader))
    assert (ran.entry("a").phase, ran.entry("a").is_kept, ran.entry("a").size) == (Phase.SUCCEEDED, False, 1008)
    assert not ran.has("o-a")
    assert ran.output("b") == {"n": 1000}


def test_with_a_store_people_and_later_attempts_find_it_there_though_nobody_outside_reads_it_yet(pods: Pods) -> None:
    ran = pods.run(task_of(member("a", with_={"x": LARGE}, limit=500), has_store=True))
    assert (ran.entry("a").is_kept, ran.entry("a").is_large) == (True, True)
    assert json.loads(ran.out("large/o-a")) == {"x": LARGE}


@pytest.mark.parametrize("has_store", [True, False])
def test_outputs_of_items_that_grow_beyond_the_limit(pods: Pods, has_store: bool) -> None:
    loop = Loop([1, 2, 3], 1, only=(0, 1, 2))
    ran = pods.run(task_of(member("a", with_={"x": "y" * 200}, loop=loop, **READ), has_store=has_store))
    if has_store:
        assert json.loads(ran.out("large/o-a")).keys() == {"0", "1", "2"}
        assert not ran.has("o-a")
    else:
        assert ran.output("a").keys() == {"0", "1"}
        assert ran.entry("a[2]").reason == "OutputTooLarge"
    assert ran.entry("a[1]").phase is Phase.SUCCEEDED


def test_a_node_without_an_output_leaves_an_empty_document(pods: Pods) -> None:
    assert pods.run(task_of(member("a"))).output("a") == {}


def test_later_pods_are_told_how_nodes_ended_and_whether_to_go(pods: Pods) -> None:
    ran = pods.run(
        task_of(
            member("a", "flaky", with_={"times": 9}, on_error="Continue"),
            member("b", needs=NEEDS),
            member("c"),
            tells=("a", "b"),
            go={
                "go-n1": (Follower("d", {"a": Outcome.SUCCEEDED}),),
                "go-n2": (Follower("d", {"a": Outcome.SUCCEEDED}), Follower("e", {"a": Outcome.FAILED})),
            },
        )
    )
    assert ran.ends.keys() == {"a", "b"}
    assert (ran.ends["a"].outcome, ran.ends["b"].outcome) == (Outcome.FORGIVEN, Outcome.SKIPPED)
    assert ran.ends["a"].error == Error("Broken", "attempt 1 of a", 1)
    assert (ran.out("go-n1"), ran.out("go-n2")) == ("false", "true")


def test_parameters_of_a_gate_are_computed_and_nothing_of_it_runs(pods: Pods) -> None:
    ask = member("ask", "approval", with_={"message": "${'Publish ' + a.x}?", "edit": {"n": "${a.n}"}}, needs=NEEDS)
    ran = pods.run(task_of(member("a", with_={"x": "it", "n": [1]}), replace(ask, prepare=Prepare.PARAMETERS)))
    assert ran.output("ask") == {"message": "Publish it?", "edit": {"n": [1]}}
    assert ran.report.keys() == {"a", "ask/prepare"}


@pytest.mark.parametrize(("when", "phase"), [("${1 > 2}", Phase.SKIPPED), ("${1 < 2}", Phase.SUCCEEDED)])
def test_a_gate_whose_when_is_false_is_skipped_before_anybody_is_asked(pods: Pods, when: str, phase: Phase) -> None:
    ran = pods.run(task_of(member("ask", "approval", when=when, prepare=Prepare.PARAMETERS), tells=("ask",)))
    assert ran.entry("ask/prepare").phase is phase
    assert ran.ends == {}


def test_the_length_of_a_list_is_counted(pods: Pods) -> None:
    ran = pods.run(
        task_of(member("a", loop=Loop("${inputs.list}", 3), prepare=Prepare.LENGTH), inputs={"list": [1, 2]})
    )
    assert ran.entry("a/prepare").length == 2
    assert not ran.has("o-a")
    ran = pods.run(task_of(member("a", loop=Loop("${run.name}", 3), prepare=Prepare.LENGTH)))
    assert ran.entry("a/prepare").reason == "NotAList"


def test_the_parameters_of_child_runs_are_an_object_by_index(pods: Pods) -> None:
    child = member("c", "workflow/x", with_={"n": "${item + 1}", "i": "${index}"}, loop=Loop([5, 7], 2))
    ran = pods.run(task_of(replace(child, use="workflow/x", prepare=Prepare.ITEMS)))
    assert ran.output("c") == {"0": {"n": 6, "i": 0}, "1": {"n": 8, "i": 1}}
    assert ran.entry("c/prepare").length == 2


def test_outputs_leave_out_what_is_not_there_and_compute_the_rest(pods: Pods) -> None:
    written = {
        "there": "${a.x}",
        "gone": "${b.x}",
        "part": "${a.none}",
        "sum": "${a.x + b.?x.orValue(1)}",
        "deep": {"l": ["${b.x}", 1]},
    }
    outputs = replace(member("$outputs", with_=written, needs={"a": Outcome.ENDED, "b": Outcome.ENDED}), use="$outputs")
    ran = pods.run(task_of(member("a", with_={"x": 4}), member("b", "flaky", with_={"times": 9}), outputs))
    assert ran.output("$outputs") == {"there": 4, "sum": 5, "deep": {"l": [1]}}


def test_outputs_that_cannot_be_computed_fail(pods: Pods) -> None:
    outputs = replace(member("$outputs", with_={"x": "${1 / 0}"}), use="$outputs")
    assert pods.run(task_of(outputs)).entry("$outputs").reason == "ExpressionError"


@pytest.mark.parametrize(
    ("document", "shown"),
    [
        ({"text": "## Acme\n"}, "## Acme\n"),
        ({"status": 200, "body": [0] * 14}, '{"status":200,"body":[…14]}'),
        ({"a": {"b": {"c": {"d": {"e": 1}}}}}, '{"a":{"b":{"c":{"d":{…1}}}}}'),
        ({}, "{}"),
        ({"a": None, "b": True, "c": 1.0}, '{"a":null,"b":true,"c":1}'),
    ],
)
def test_a_preview_is_the_beginning_for_people(document: Any, shown: str) -> None:
    assert preview_of(document) == shown


@pytest.mark.parametrize(
    "document",
    [
        {"x": "ä" * 100_000},
        {"a": "€" * 900, "b": "x" * 900},
        {str(i): "x" * 300 for i in range(1000)},
        {"\ud800": "\ud800" * 2000},
    ],
)
def test_a_preview_is_a_kilobyte_at_most(document: Any) -> None:
    assert len(preview_of(document).encode(errors="replace")) <= 1024


def test_a_report_keeps_its_limit_and_loses_what_people_can_do_without_first() -> None:
    failed = tuple(Failure(i, Error("Broken", "m" * 3000), {"x": "y" * 300}) for i in range(100))
    entry = Entry(Phase.FAILED, "ItemsFailed", "m" * 5000, preview="p" * 1000, failed=failed)
    entries = {f"n{i}": replace(entry) for i in range(10)}
    encoded = {name: encode_entry(name, one) for name, one in entries.items()}
    whole = encode_report(encoded, entries, 10_000_000)
    assert len(json.loads(whole)["instances"]["n0"]["failed"]) == 100
    for limit in (100_000, 20_000, 10_000, 2_500):
        text = encode_report(encoded, entries, limit)
        assert len(text) <= limit
        assert all(one["phase"] == "Failed" for one in json.loads(text)["instances"].values())


def test_a_report_of_a_hundred_items_fits_into_what_emit_allows(pods: Pods) -> None:
    loop = Loop(["item" * 100] * 100, 10, only=tuple(range(100)))
    made = member("a", "flaky", with_={"times": 9, "reason": "AReasonThatIsRatherLongButNotAbsurd"}, loop=loop)
    made = replace(made, loop=replace(loop, tolerate=replace(loop.tolerate, count=100)))
    ran = pods.run(task_of(made, report_limit=4096 + 400 * 100))
    assert len(ran.report) == 100
