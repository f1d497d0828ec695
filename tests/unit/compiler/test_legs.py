"""What starts now is cut into legs that fit into one Argo Workflow each."""

from hypothesis import given
from hypothesis import strategies as st

from headgate.compiler import sizes
from headgate.compiler.bundle import bundle
from headgate.compiler.graph import Graph
from headgate.compiler.known import Instance
from headgate.compiler.leg import Leg
from headgate.compiler.legs import cut
from support.graphs import HEAVY, WORK_ONLY, chain, graph, graphs, wide, work


def legs_of(whole: Graph) -> tuple[Leg, ...]:
    return cut(whole, bundle(whole, [Instance(node.name) for node in whole]))


def names(leg: Leg) -> list[str]:
    return [str(member) for member in leg.instances]


def test_nothing_to_run_is_no_leg() -> None:
    assert cut(chain(1), []) == ()


def test_what_fits_is_one_leg_even_if_it_does_not_hang_together() -> None:
    assert [names(leg) for leg in legs_of(wide(3, HEAVY))] == [["n0", "n1", "n2"]]


def test_ten_thousand_wide_nodes_start_at_once_in_as_few_legs_as_argo_takes() -> None:
    legs = legs_of(wide(10_000, HEAVY))
    assert len(legs) == -(-10_000 // sizes.MAX_PODS)
    assert sum(len(leg.bundles) for leg in legs) == 10_000


def test_a_chain_of_ten_thousand_starts_with_one_leg_and_the_rest_waits_for_a_later_plan() -> None:
    legs = legs_of(chain(10_000, HEAVY))
    assert len(legs) == 1
    assert names(legs[0]) == [f"n{i}" for i in range(len(names(legs[0])))]
    assert len(legs[0].bundles) > 50


def test_parts_that_have_nothing_to_do_with_each_other_are_not_torn_apart() -> None:
    chains = [work(f"{name}{i}", *([f"{name}{i - 1}"] if i else []), traits=HEAVY) for name in "ab" for i in range(50)]
    legs = legs_of(graph(*chains))
    assert [len(leg.bundles) for leg in legs] == [50, 50]


def test_of_what_is_too_much_for_one_leg_every_root_starts_now_with_what_follows_it() -> None:
    chains = [work(f"c{c}_{i}", *([f"c{c}_{i - 1}"] if i else []), traits=HEAVY) for i in range(5) for c in range(60)]
    legs = legs_of(graph(*chains, work("end", *(f"c{c}_4" for c in range(60)), traits=HEAVY)))
    started = {name for leg in legs for name in names(leg)}
    assert {f"c{c}_0" for c in range(60)} <= started
    assert "end" not in started
    assert len(started) > 280


def test_nodes_with_long_parameters_make_smaller_legs() -> None:
    whole = graph(*(work(f"n{i}", traits=HEAVY, params={"text": "x" * 50_000}) for i in range(30)))
    assert [len(leg.bundles) for leg in legs_of(whole)] == [13, 13, 4]


def test_what_joins_more_documents_than_a_template_holds_waits_for_a_later_plan_with_all_that_follows() -> None:
    def started(width: int, *inputs: str) -> set[str]:
        many = [work(f"n{i}", traits=HEAVY) for i in range(width)]
        join = work("join", *(node.name for node in many), traits=HEAVY, inputs=frozenset(inputs))
        legs = legs_of(graph(*many, join, work("after", "join", traits=HEAVY)))
        return {name for leg in legs for name in names(leg)}

    assert {"join", "after"} <= started(16)
    assert started(17) == {f"n{i}" for i in range(17)}
    assert {"join", "after"} <= started(13, "text")
    assert started(14, "text") == {f"n{i}" for i in range(14)}, "beside the largest inputs, there is less room"


def test_so_do_nodes_whose_documents_many_read() -> None:
    unread = graph(work("a", traits=HEAVY), *(work(f"n{i}", "a", traits=HEAVY, reads=frozenset()) for i in range(150)))
    read = graph(work("a", traits=HEAVY), *(work(f"n{i}", "a", traits=HEAVY) for i in range(150)))
    assert len(legs_of(unread)[0].bundles) == 151
    assert len(legs_of(read)[0].bundles) < 120


def test_a_document_counts_once_however_many_members_of_a_pod_read_it() -> None:
    whole = graph(work("a"), *(work(f"n{i}", "a") for i in range(999)))
    (leg,) = legs_of(whole)
    assert len(leg.bundles) == 10
    assert len(leg.instances) == 1000


SOME = st.one_of(graphs(WORK_ONLY), st.integers(1, 400).map(lambda n: wide(n, HEAVY)), st.integers(1, 150).map(chain))


@given(SOME)
def test_a_leg_holds_whatever_its_bundles_wait_for_and_every_bundle_at_most_once(whole: Graph) -> None:
    bundles = bundle(whole, [Instance(node.name) for node in whole])
    legs = cut(whole, bundles)
    placed = [member for leg in legs for member in leg.instances]
    assert len(placed) == len(set(placed))
    original = {one.members: one for one in bundles}
    for leg in legs:
        assert len(leg.bundles) <= sizes.MAX_PODS
        for position, one in enumerate(leg.bundles):
            waited_for = {leg.bundles[place].members for place in one.waits_for}
            assert waited_for == {bundles[place].members for place in original[one.members].waits_for}
            assert all(place < position for place in one.waits_for)


@given(SOME)
def test_what_waits_for_nothing_is_never_left_out(whole: Graph) -> None:
    bundles = bundle(whole, [Instance(node.name) for node in whole])
    placed = {one.members for leg in cut(whole, bundles) for one in leg.bundles}
    assert {one.members for one in bundles if not one.waits_for} <= placed
