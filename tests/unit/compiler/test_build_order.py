"""Nodes in topological order, ties as written; circles told as a way; levels."""

from collections.abc import Mapping
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from headgate.compiler.build import build, circles, order
from headgate.compiler.graph import Graph
from support.catalogues import catalogue
from support.graphs import work
from support.workflows import spec_of


@st.composite
def needs_without_circles(draw: st.DrawFn) -> dict[str, list[str]]:
    names = [f"n{number}" for number in range(draw(st.integers(0, 12)))]
    needs = {
        name: draw(st.lists(st.sampled_from(names[:place]), unique=True, max_size=4)) if place else []
        for place, name in enumerate(names)
    }
    return {name: needs[name] for name in draw(st.permutations(names))}


@st.composite
def any_needs(draw: st.DrawFn) -> dict[str, list[str]]:
    names = [f"n{number}" for number in range(draw(st.integers(1, 10)))]
    return {name: draw(st.lists(st.sampled_from(names), unique=True, max_size=3)) for name in names}


def by_repeated_search(needs: Mapping[str, list[str]]) -> list[str]:
    """Again and again the first one written that needs nothing more: slow, and surely right."""
    found: list[str] = []
    while True:
        ready = [name for name in needs if name not in found and set(needs[name]) <= set(found)]
        if not ready:
            return found
        found.append(ready[0])


@given(needs_without_circles())
def test_of_the_nodes_that_could_be_next_the_first_one_written_is(needs: dict[str, list[str]]) -> None:
    assert order.sort(needs) == (by_repeated_search(needs), [])


@given(any_needs())
def test_what_stands_in_a_circle_or_after_one_is_left_over(needs: dict[str, list[str]]) -> None:
    ordered, leftover = order.sort(needs)
    assert ordered == by_repeated_search(needs)
    assert sorted([*ordered, *leftover]) == sorted(needs)


@given(any_needs())
def test_every_circle_told_is_one_and_every_node_left_over_comes_after_one(needs: dict[str, list[str]]) -> None:
    _, leftover = order.sort(needs)
    found = circles.find(needs, leftover)
    for circle in found:
        assert circle[0] == circle[-1]
        assert all(before in needs[after] for before, after in pairwise(circle))
        assert circle[0] == min(circle, key=list(needs).index)
    blamed = {name for circle in found for name in circle}
    for name in leftover:
        assert blamed & _before(needs, name) or name in blamed
    assert bool(found) == bool(leftover)


def _before(needs: Mapping[str, list[str]], name: str) -> set[str]:
    found: set[str] = set()
    waiting = [name]
    while waiting:
        for need in needs[waiting.pop()]:
            if need not in found:
                found.add(need)
                waiting.append(need)
    return found


def test_the_shortest_way_round_is_told() -> None:
    needs = {"a": ["d", "b"], "b": ["a"], "c": ["b"], "d": ["c"]}
    assert circles.find(needs, list(needs)) == [["a", "b", "a"]]


@given(needs_without_circles())
def test_nodes_of_one_level_do_not_depend_on_each_other(needs: dict[str, list[str]]) -> None:
    ordered, _ = order.sort(needs)
    whole = Graph(tuple(work(name, *needs[name]) for name in ordered))
    for name in needs:
        before = _before(needs, name)
        assert all(whole.levels[other] < whole.levels[name] for other in before)
        assert whole.levels[name] == 1 + max((whole.levels[other] for other in before), default=0)


def test_a_graph_with_a_circle_comes_out_without_it() -> None:
    spec = spec_of("""
      nodes:
      - {name: a, use: set, with: {x: "${b.x}"}}
      - {name: b, use: set, with: {x: "${a.x}", y: "${c.x}"}}
      - {name: c, use: set, with: {x: 1}}
    """)
    built = build(spec, catalogue())
    assert [problem.reason for problem in built.problems] == ["Cycle"]
    seen: set[str] = set()
    for node in built.graph:
        assert set(node.needs) <= seen
        seen.add(node.name)
    assert seen == {"a", "b", "c"}


def test_nodes_of_finally_come_last_and_then_what_renders_the_outputs() -> None:
    spec = spec_of("""
      nodes:
      - {name: b, use: set, with: {x: "${a.x}"}}
      - {name: a, use: set, with: {x: 1}}
      finally:
      - {name: f, use: log, with: {message: "${string(a.?x.orValue(0))}"}}
      outputs: {sum: "${a.x + b.x}"}
    """)
    assert [node.name for node in build(spec, catalogue()).graph] == ["a", "b", "f", "$outputs"]
