"""Which nodes share a pod: by example. What holds for every graph is in test_bundle_properties.py."""

from dataclasses import replace
from typing import Any

import pytest

from headgate.api.nodetype import Trait
from headgate.api.pod import Pod, Resources
from headgate.api.workflow import Bundling
from headgate.compiler.bundle import bundle
from headgate.compiler.bundle.sharing import SHARDS
from headgate.compiler.graph import Graph, Loop, Node
from headgate.compiler.known import Instance
from headgate.compiler.sizes import MAX_MEMBERS
from support.graphs import (
    CODE,
    DATA,
    HEAVY,
    INSTANT,
    LIGHT,
    chain,
    child,
    gate,
    graph,
    node_type,
    render,
    wide,
    work,
)

LIGHT_CODE = frozenset({Trait.LIGHT, Trait.USER_CODE})


def pods(whole: Graph, *instances: str) -> list[str]:
    """The bundles of these instances (of all nodes that run in pods, if none is named), as people would write them."""
    named = [Instance.parse(name) for name in instances] or [Instance(node.name) for node in whole]
    return [" ".join(map(str, one.members)) for one in bundle(whole, named)]


def light(name: str, *needs: str, **more: Any) -> Node:
    return work(name, *needs, traits=LIGHT, **more)


def heavy(name: str, *needs: str, **more: Any) -> Node:
    return work(name, *needs, traits=HEAVY, **more)


def test_a_chain_of_light_nodes_and_the_outputs_share_one_pod() -> None:
    whole = graph(light("fetch"), light("parse", "fetch"), light("store", "parse"), render("store"))
    assert pods(whole) == ["fetch parse store $outputs"]


def test_a_heavy_node_has_a_pod_of_its_own_and_divides_a_chain() -> None:
    whole = graph(light("a"), light("b", "a"), heavy("c", "b"), light("d", "c"), light("e", "d"))
    assert pods(whole) == ["a b", "c", "d e"]


def test_a_light_node_that_somebody_outside_waits_for_does_not_wait_for_another_light_one() -> None:
    assert pods(graph(light("a"), light("b", "a"), heavy("c", "a"))) == ["a", "b", "c"]


def test_nor_does_a_gate_wait_longer() -> None:
    assert pods(graph(light("a"), light("b", "a"), gate("ask", "a")), "a", "b") == ["a", "b"]
    assert pods(graph(light("a"), light("b", "a"), gate("ask", "b")), "a", "b") == ["a b"]


def test_light_nodes_that_everybody_outside_waits_for_alike_share_a_pod() -> None:
    whole = graph(light("a"), light("b"), heavy("c", "a", "b"), heavy("d", "a", "b"))
    assert pods(whole) == ["a b", "c", "d"]


def test_an_instant_node_joins_although_others_wait_for_the_light_one_before_it() -> None:
    whole = graph(light("probe"), work("level", "probe", traits=INSTANT | {Trait.INTERNET}), heavy("down", "probe"))
    assert pods(whole) == ["probe level", "down"]


def test_an_instant_node_does_not_hold_up_whoever_waits_for_it_alone() -> None:
    whole = graph(work("settings"), work("slow", "settings", traits=LIGHT - {Trait.INTERNET}), heavy("now", "settings"))
    assert pods(whole) == ["settings", "slow", "now"]


def test_instant_nodes_after_different_pods_join_the_one_that_brings_them_together() -> None:
    whole = graph(heavy("a"), heavy("b"), work("c", "a"), work("d", "b"), work("both", "c", "d"), heavy("e", "both"))
    assert pods(whole) == ["a", "b", "c d both", "e"]


def test_what_has_nothing_to_do_with_each_other_shares_a_pod_where_nobody_minds() -> None:
    assert pods(wide(5, LIGHT)) == ["n0 n1 n2 n3 n4"]


def test_a_leg_divided_by_a_pod_never_leaves_a_bundle_and_comes_back() -> None:
    assert pods(graph(work("a"), heavy("b", "a"), work("c", "a", "b"))) == ["a", "b", "c"]


@pytest.mark.parametrize(
    "other",
    [
        {"type": node_type(LIGHT, DATA)},
        {"credentials": ("blog",)},
        {"type": node_type(LIGHT - {Trait.INTERNET})},
        {"type": node_type(LIGHT | {Trait.USER_CODE})},
        {"type": node_type(LIGHT | {Trait.GPU})},
        {"pod": Pod(runtime_class="gvisor")},
        {"pod": Pod(resources=Resources(requests={"memory": "1Gi"}))},
        {"pod": Pod(gpu=1)},
    ],
    ids=["image", "credentials", "network", "user code", "gpu trait", "pod settings", "resources", "gpu"],
)
def test_only_what_is_alike_shares_a_pod(other: dict[str, Any]) -> None:
    assert pods(graph(light("a"), light("b", "a", **other))) == ["a", "b"]


@pytest.mark.parametrize("alike", [{"credentials": ("blog", "mail")}, {"pod": Pod(priority="low")}])
def test_equal_credentials_and_equal_settings_may_share(alike: dict[str, Any]) -> None:
    assert pods(graph(light("a", **alike), light("b", "a", **alike))) == ["a b"]


def test_the_order_in_which_credentials_are_named_does_not_matter() -> None:
    assert pods(graph(light("a", credentials=("x", "y")), light("b", "a", credentials=("y", "x")))) == ["a b"]


def test_two_nodes_that_ask_for_resources_never_share_even_if_they_ask_alike() -> None:
    asks = Pod(resources=Resources(requests={"cpu": 1}))
    assert pods(graph(light("a", pod=asks), light("b", "a", pod=asks))) == ["a", "b"]


def test_user_code_with_a_credential_is_alone_even_among_its_like() -> None:
    code = {"type": node_type(LIGHT_CODE, CODE), "credentials": ("blog",)}
    assert pods(graph(light("a", **code), light("b", "a", **code))) == ["a", "b"]


@pytest.mark.parametrize("asker", [gate("ask", "draft", prepares=True), child("run", "draft", prepares=True)])
def test_what_prepares_a_gate_or_a_child_shares_the_pod_that_computes_what_it_needs(asker: Node) -> None:
    whole = graph(light("draft", credentials=("model",)), asker)
    assert pods(whole, "draft", f"{asker.name}/prepare") == [f"draft {asker.name}/prepare"]


def test_what_people_are_shown_is_never_rendered_where_user_code_runs() -> None:
    whole = graph(light("draft", type=node_type(LIGHT_CODE, CODE)), gate("ask", "draft", prepares=True))
    assert pods(whole, "draft", "ask/prepare") == ["draft", "ask/prepare"]


def test_a_rule_that_approves_in_peoples_place_is_evaluated_in_a_pod_of_its_own() -> None:
    whole = graph(light("draft"), gate("ask", "draft", prepares=True, rule="${values.small}"))
    assert pods(whole, "draft", "ask/prepare") == ["draft", "ask/prepare"]


def test_what_counts_the_items_of_a_loop_shares_the_pod_that_computes_the_list() -> None:
    whole = graph(
        light("ids"), light("fetch", "ids", loop=Loop("${ids.list}", 10), prepares=True), light("tell", "ids")
    )
    assert pods(whole, "ids", "fetch/prepare", "tell") == ["ids fetch/prepare", "tell"]


def test_light_items_share_a_fixed_number_of_pods_and_whoever_follows_waits_for_all() -> None:
    whole = graph(light("fetch", loop=Loop(list(range(100)), 10)), heavy("store", "fetch"))
    items = [Instance("fetch", index) for index in range(100)]
    *shards, store = bundle(whole, [*items, Instance("store")])
    assert len(shards) == SHARDS
    assert sorted(member for shard in shards for member in shard.members) == items
    assert sum(shard.at_once or 0 for shard in shards) == 10
    assert store.waits_for == tuple(range(SHARDS))


def test_there_are_no_more_shards_than_items_or_than_may_run_at_once() -> None:
    def shards(items: int, parallelism: int) -> int:
        whole = graph(light("fetch", loop=Loop("${inputs.ids}", parallelism)))
        return len(bundle(whole, [Instance("fetch", index) for index in range(items)]))

    assert (shards(3, 10), shards(100, 2), shards(1, 10)) == (3, 2, 1)


def test_heavy_items_have_a_pod_each() -> None:
    whole = graph(heavy("train", loop=Loop([1, 2], 2)), heavy("pick", "train"))
    assert pods(whole, "train[0]", "train[1]", "pick") == ["train[0]", "train[1]", "pick"]


def test_a_loop_of_an_instant_type_is_one_member() -> None:
    whole = graph(work("a"), work("each", "a", loop=Loop("${a.list}", 5)), work("b", "each"))
    assert pods(whole) == ["a each b"]


def test_without_bundling_all_have_a_pod_each_but_a_loop_keeps_its_shards() -> None:
    off = replace(chain(3), bundling=Bundling.NEVER)
    assert pods(off) == ["n0", "n1", "n2"]
    loop = replace(graph(light("fetch", loop=Loop(list(range(9)), 2))), bundling=Bundling.NEVER)
    assert len(bundle(loop, [Instance("fetch", index) for index in range(9)])) == 2


def test_a_long_chain_is_cut_into_pods_of_so_many_members_at_most() -> None:
    assert [len(one.members) for one in bundle(chain(250), [Instance(f"n{i}") for i in range(250)])] == [100, 100, 50]


def test_many_independent_nodes_are_packed_into_pods_of_so_many_members_at_most() -> None:
    whole = wide(2 * MAX_MEMBERS + 1, LIGHT)
    assert [len(one.members) for one in bundle(whole, [Instance(node.name) for node in whole])] == [100, 100, 1]


def test_members_with_long_parameters_fill_a_pod_sooner() -> None:
    whole = graph(*(light(f"n{i}", params={"text": "x" * 30_000}) for i in range(4)))
    assert pods(whole) == ["n0 n1", "n2 n3"]


def test_a_member_larger_than_a_shared_pod_has_one_of_its_own() -> None:
    assert pods(graph(work("a"), work("b", "a", params={"text": "x" * 80_000}))) == ["a", "b"]


def test_bundles_come_in_topological_order_and_say_whom_they_wait_for() -> None:
    whole = graph(work("a"), heavy("b", "a"), work("c", "b"), heavy("d", "a", "c"))
    assert [one.waits_for for one in bundle(whole, [Instance(node.name) for node in whole])] == [(), (0,), (1,), (0, 2)]
