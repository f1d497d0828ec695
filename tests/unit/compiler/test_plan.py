"""What the planner answers, on graphs small enough to be read; the properties beside it hold for all."""

import pytest

from headgate.api.nodetype import Gate
from headgate.api.workflow import OnError
from headgate.compiler import sizes
from headgate.compiler.graph import Graph, Loop
from headgate.compiler.known import Instance, Known, Settled
from headgate.compiler.plan import plan
from headgate.compiler.rerun import let_stand, skip_node, take_over
from headgate.compiler.verdict import Verdict, verdict_of
from headgate_lang.fate import Outcome
from headgate_lang.reasons import Reason
from headgate_lang.task import Tolerance
from support.graphs import HEAVY, chain, child, gate, work

GOOD = Settled(Outcome.SUCCEEDED)
BAD = Settled(Outcome.FAILED, Reason.TIMEOUT)
NO = Settled(Outcome.FAILED, Reason.REJECTED)


def knows(**ends: Settled) -> Known:
    return Known({Instance(name): end for name, end in ends.items()})


def runs(graph: Graph, known: Known | None = None) -> list[str]:
    due = plan(graph, known or Known())
    return [str(instance) for leg in due.legs for instance in leg.instances]


def test_everything_up_to_a_gate_is_one_leg_and_the_gate_asks_when_it_has_ended() -> None:
    graph = Graph((work("draft"), gate("review", "draft"), work("publish", "review")))
    assert runs(graph) == ["draft"]
    assert plan(graph, knows(draft=GOOD)).gates == (Instance("review"),)
    assert runs(graph, knows(draft=GOOD, review=GOOD)) == ["publish"]


def test_a_branch_that_waits_for_nobody_goes_on_while_another_waits_for_people() -> None:
    graph = Graph((gate("review"), work("fetch"), work("store", "fetch")))
    due = plan(graph, Known())
    assert due.gates == (Instance("review"),)
    assert runs(graph) == ["fetch", "store"]


def test_no_more_is_planned_to_follow_than_a_leg_could_hold_and_the_rest_when_its_turn_comes() -> None:
    whole = chain(4000)
    settled: dict[Instance, Settled] = {}
    counts = []
    while legs := plan(whole, Known(settled)).legs:
        started = [instance for leg in legs for instance in leg.instances]
        assert sum(sizes.least_bytes(whole[one.node], 1) for one in started) <= sizes.MAX_LEG
        assert not settled.keys() & set(started)
        settled |= dict.fromkeys(started, GOOD)
        counts.append(len(started))
    assert len(settled) == len(whole.nodes)
    assert len(set(counts[:-1])) == 1, "each leg but the last is as full as it may be"


def test_what_waits_for_nothing_is_planned_however_much_there_is() -> None:
    many = 4000
    whole = Graph((*(work(f"n{i}") for i in range(many)), *(work(f"m{i}", f"n{i}") for i in range(many))))
    started = runs(whole)
    assert {f"n{i}" for i in range(many)} <= set(started)


def test_a_claimed_instance_is_not_planned_again_and_its_followers_wait_for_it() -> None:
    graph = Graph((work("a"), work("b", "a")))
    assert runs(graph, Known(claimed={Instance("a"): 1})) == []


def test_a_no_omits_what_needs_the_yes_and_lets_run_what_reads_the_error() -> None:
    graph = Graph((gate("review"), work("publish", "review"), work("tell", "review", accepts=Outcome.FAILED)))
    due = plan(graph, knows(review=NO))
    assert due.settled == {Instance("publish"): Settled(Outcome.OMITTED, Reason.NEED_FAILED, "review")}
    assert runs(graph, knows(review=NO)) == ["tell"]


def test_a_handler_of_a_failure_that_did_not_come_was_not_needed() -> None:
    graph = Graph((work("a"), work("tell", "a", accepts=Outcome.FAILED), work("after", "tell")))
    due = plan(graph, knows(a=GOOD))
    assert due.settled[Instance("tell")] == Settled(Outcome.SKIPPED, Reason.NOT_NEEDED, "a")
    assert due.settled[Instance("after")] == Settled(Outcome.SKIPPED, Reason.NEED_SKIPPED, "tell")


def test_a_gate_that_computes_what_it_shows_is_prepared_by_a_pod_beside_its_predecessor() -> None:
    graph = Graph((work("draft"), gate("review", "draft", prepares=True)))
    assert runs(graph) == ["draft", "review/prepare"]
    prepared = Known({Instance("draft"): GOOD, Instance("review", prepare=True): GOOD})
    assert plan(graph, prepared).gates == (Instance("review"),)


def test_a_gate_whose_when_is_false_asks_nobody() -> None:
    skipped = Settled(Outcome.SKIPPED, Reason.WHEN_FALSE)
    due = plan(Graph((gate("review", prepares=True),)), Known({Instance("review", prepare=True): skipped}))
    assert due.gates == ()
    assert due.settled == {Instance("review"): skipped}


@pytest.mark.parametrize("asks_anyway", [True, False])
def test_a_gate_that_only_a_rule_is_prepared_for_asks_though_that_failed_and_any_other_fails(asks_anyway: bool) -> None:
    lost = Settled(Outcome.FAILED, Reason.POD_LOST)
    asker = gate("review", prepares=True, rule="${values.small}", asks_anyway=asks_anyway)
    due = plan(Graph((asker,)), Known({Instance("review", prepare=True): lost}))
    assert (due.gates, due.settled) == (
        ((Instance("review"),), {}) if asks_anyway else ((), {Instance("review"): lost})
    )


def test_a_loop_is_expanded_when_its_length_is_known_and_keeps_to_its_parallelism() -> None:
    loop = Loop("${changed.ids}", parallelism=2)
    graph = Graph((work("fetch", traits=HEAVY, loop=loop, prepares=True), work("store", "fetch")))
    prepared = {Instance("fetch", prepare=True): Settled(Outcome.SUCCEEDED, length=3)}
    assert runs(graph) == ["fetch/prepare"]
    assert runs(graph, Known(prepared)) == ["fetch[0]", "fetch[1]"]
    one_ended = Known({**prepared, Instance("fetch", 0): GOOD}, {Instance("fetch", 1): 1})
    assert runs(graph, one_ended) == ["fetch[2]"]


@pytest.mark.parametrize(("tolerated", "outcome"), [(0, Outcome.FAILED), (1, Outcome.SUCCEEDED)])
def test_a_loop_ends_well_while_no_more_items_fail_than_are_tolerated(tolerated: int, outcome: Outcome) -> None:
    loop = Loop([1, 2], parallelism=2, tolerate=Tolerance(tolerated))
    graph = Graph((work("fetch", traits=HEAVY, loop=loop),))
    due = plan(graph, Known({Instance("fetch", 0): BAD, Instance("fetch", 1): GOOD}))
    assert due.settled[Instance("fetch")].outcome is outcome


def test_no_further_item_starts_after_one_failure_too_many() -> None:
    graph = Graph((work("fetch", traits=HEAVY, loop=Loop([1, 2, 3], parallelism=1)),))
    due = plan(graph, Known({Instance("fetch", 0): BAD}))
    assert due.legs == ()
    assert due.settled == {Instance("fetch"): Settled(Outcome.FAILED, Reason.ITEMS_FAILED)}


def test_a_percentage_of_tolerated_items_is_rounded_down() -> None:
    assert [Tolerance(percent=5).of(items) for items in (19, 20, 39, 200)] == [0, 1, 1, 10]


def test_an_empty_list_is_a_loop_that_succeeded() -> None:
    graph = Graph((work("fetch", traits=HEAVY, loop=Loop([], parallelism=1)), work("store", "fetch")))
    assert plan(graph, Known()).settled[Instance("fetch")] == GOOD
    assert runs(graph) == ["store"]


def test_children_start_as_runs_and_never_enter_a_leg() -> None:
    due = plan(Graph((child("texts", loop=Loop(["en", "de"], parallelism=5)),)), Known())
    assert due.children == (Instance("texts", 0), Instance("texts", 1))
    assert due.legs == ()


def test_finally_starts_when_all_else_has_ended() -> None:
    graph = Graph((work("a"), gate("review"), work("beat", "a", accepts=Outcome.ENDED, final=True)))
    assert runs(graph, knows(a=GOOD)) == []
    assert runs(graph, knows(a=BAD, review=NO)) == ["beat"]


def test_a_run_that_stops_omits_what_has_not_started_and_comes_to_finally() -> None:
    graph = Graph((work("a"), work("b", "a"), work("beat", final=True)))
    due = plan(graph, knows(a=GOOD), stopping=True)
    assert due.settled == {Instance("b"): Settled(Outcome.OMITTED, Reason.STOPPED)}
    assert [str(one) for leg in due.legs for one in leg.instances] == ["beat"]


def test_people_are_asked_about_a_failure_and_their_answer_is_its_end() -> None:
    graph = Graph((work("a", on_error=OnError.ASK), work("b", "a")))
    failed = knows(a=BAD)
    assert plan(graph, failed).questions == (Instance("a"),)
    assert plan(graph, failed).settled == {}
    assert plan(graph, let_stand(failed, "a")).settled[Instance("b")].outcome is Outcome.OMITTED
    assert plan(graph, skip_node(failed, "a", has_output=False)).settled[Instance("b")].outcome is Outcome.SKIPPED
    assert runs(graph, skip_node(failed, "a", has_output=True)) == ["b"]


def test_a_credential_behind_a_policy_needs_an_approval_under_that_very_policy() -> None:
    graph = Graph((gate("review"), work("publish", "review", accepts=Outcome.ENDED, behind=frozenset({"release"}))))
    refused = Settled(Outcome.FAILED, Reason.NOT_BEHIND_GATE)
    for end in (NO, GOOD, Settled(Outcome.SUCCEEDED, approved_under="other"), Settled(Outcome.SKIPPED)):
        assert plan(graph, knows(review=end)).settled == {Instance("publish"): refused}
    assert runs(graph, knows(review=Settled(Outcome.SUCCEEDED, approved_under="release"))) == ["publish"]


@pytest.mark.parametrize("name", ["review", "held", "between"])
def test_nobody_can_skip_a_gate_or_past_one_by_taking_over_a_run(name: str) -> None:
    held = child("held", gates=frozenset({Gate.TIMER}))
    graph = Graph((work("before"), gate("review", "before"), held, work("between", "review"), work("last", "between")))
    with pytest.raises(ValueError, match=f"a gate cannot be skipped: {name}"):
        take_over(graph, Known(), skip={name: True})
    assert take_over(graph, Known(), skip={"before": True}).settled.keys() == {Instance("before")}


def test_a_new_run_with_other_inputs_runs_again_what_reads_them() -> None:
    graph = Graph((work("a", inputs=frozenset({"repo"})), work("b", "a"), work("c")))
    known = take_over(graph, knows(a=GOOD, b=GOOD, c=GOOD), changed_inputs=frozenset({"repo"}))
    assert set(known.settled) == {Instance("c")}


@pytest.mark.parametrize(
    ("ends", "verdict"),
    [
        ({"a": GOOD, "b": GOOD}, Verdict.SUCCEEDED),
        ({"a": GOOD, "b": Settled(Outcome.SKIPPED)}, Verdict.SUCCEEDED),
        ({"a": NO, "b": Settled(Outcome.OMITTED)}, Verdict.CANCELLED),
        ({"a": NO, "b": BAD}, Verdict.FAILED),
        ({"a": GOOD}, None),
    ],
)
def test_a_run_is_cancelled_only_if_all_its_failures_are_a_no(
    ends: dict[str, Settled], verdict: Verdict | None
) -> None:
    assert verdict_of(Graph((work("a"), work("b"))), knows(**ends)) is verdict


def test_a_failure_that_is_forgiven_leaves_the_run_succeeded() -> None:
    assert verdict_of(Graph((work("a", on_error=OnError.CONTINUE),)), knows(a=BAD)) is Verdict.SUCCEEDED


def test_a_chain_longer_than_a_leg_goes_on_when_the_first_part_has_settled() -> None:
    graph = chain(1000, traits=HEAVY)
    first = plan(graph, Known())
    assert 0 < len(first.legs[0].bundles) <= 200
    settled = Known({instance: GOOD for leg in first.legs for instance in leg.instances})
    assert plan(graph, settled).legs[0].instances[0].node == list(graph)[len(settled.settled)].name
