"""A leg as a local Run carries it out: the words of the emitted manifest, done as Argo does them."""

from datetime import UTC, datetime

import pytest

from headgate.cli.local.leg import Leg, Pod
from headgate.compiler.graph import Graph
from headgate_lang.fate import Outcome
from support.emitting import emit_first
from support.graphs import HEAVY, graph, work

NOW = datetime(2026, 11, 21, 5, 30, tzinfo=UTC)


def leg_of(whole: Graph) -> Leg:
    return Leg(emit_first(whole), "uid", NOW)


def chain() -> Leg:
    return leg_of(graph(work("a", traits=HEAVY), work("b", "a", traits=HEAVY), work("c", "b", traits=HEAVY)))


def start(leg: Leg) -> list[int]:
    due = leg.due(NOW)
    for position in due:
        leg.start(position, NOW)
    return due


def end(leg: Leg, position: int, phase: str = "Succeeded", **outputs: str) -> None:
    leg.end(position, Pod(phase, outputs=outputs), NOW)


def test_a_pod_starts_once_what_it_waits_for_has_succeeded_and_says_go() -> None:
    leg = chain()
    assert start(leg) == [0]
    assert start(leg) == []
    end(leg, 0, **{"go-n1": "true", "ends": "{}", "o0": '{"x":1}'})
    assert start(leg) == [1]
    assert dict(leg.inputs_of(1)) == {"/in/n0-ends": "{}", "/in/n0-o0": '{"x":1}'}


def test_a_pod_with_nothing_to_run_is_skipped_and_who_waits_for_it_omitted() -> None:
    leg = chain()
    start(leg)
    end(leg, 0, **{"go-n1": "false"})
    assert start(leg) == []
    seen = leg.observe()
    assert {position: pod.phase for position, pod in seen.pods.items()} == {0: "Succeeded", 1: "Skipped", 2: "Omitted"}
    assert (seen.phase, seen.has_ended, seen.ended_at) == ("Succeeded", True, NOW)


def test_a_pod_that_failed_omits_who_waits_for_it() -> None:
    leg = chain()
    start(leg)
    end(leg, 0, "Failed")
    assert leg.observe().pods[1].phase == "Omitted"
    assert leg.observe().phase == "Failed"


def test_what_was_not_written_is_null_to_who_reads_it() -> None:
    leg = leg_of(graph(work("a", traits=HEAVY), work("b", "a", traits=HEAVY, accepts=Outcome.ENDED)))
    start(leg)
    end(leg, 0)
    assert start(leg) == [1]
    assert set(dict(leg.inputs_of(1)).values()) == {"null"}


def test_a_suspended_leg_starts_nothing_and_goes_on_when_it_is_resumed() -> None:
    leg = chain()
    leg.suspended = True
    assert start(leg) == []
    leg.suspended = False
    assert start(leg) == [0]


def test_a_leg_that_was_shut_down_has_ended_once_its_pods_have() -> None:
    leg = chain()
    start(leg)
    leg.shut_down(NOW)
    assert not leg.observe().has_ended
    end(leg, 0, "Failed")
    seen = leg.observe()
    assert (seen.phase, seen.shutdown, seen.pods[0].message) == (
        "Failed",
        "Terminate",
        "workflow shutdown with strategy: Terminate",
    )
    assert start(leg) == []


def test_a_leg_keeps_to_its_parallelism() -> None:
    whole = graph(*(work(f"n{i}", traits=HEAVY) for i in range(3)))
    leg = leg_of(Graph(whole.nodes, parallelism=2))
    assert start(leg) == [0, 1]
    end(leg, 0)
    assert start(leg) == [2]


@pytest.mark.parametrize(("field", "said"), [("depends", "n0.Failed"), ("when", "{{=1 == 1}}")])
def test_words_that_it_does_not_know_are_refused(field: str, said: str) -> None:
    manifest = emit_first(graph(work("a", traits=HEAVY), work("b", "a", traits=HEAVY)))
    manifest["spec"]["templates"][0]["dag"]["tasks"][1][field] = said
    with pytest.raises(ValueError, match="mistake of ours"):
        Leg(manifest, "uid", NOW)
