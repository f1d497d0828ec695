"""`random` and `uuid`: chance that can be had again, and looks like chance."""

import asyncio
import statistics
import uuid
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate_core.chance import Chance
from headgate_node.testing import run_node
from support.node_calls import fail, give


def draw(operation: str, seed: str = "s", **options: Any) -> list[Any]:
    return list(give("random", operation=operation, seed=seed, **options)["values"])


def test_a_seed_gives_the_same_for_ever() -> None:
    """These values were drawn once: if they change, replays of old Runs do."""
    assert draw("integer", minimum=-(10**9), maximum=10**9, count=3) == GOLDEN["integer"]
    assert draw("number", count=2) == GOLDEN["number"]
    assert draw("shuffle", items=list("abcdef")) == GOLDEN["shuffle"]
    assert draw("string", length=12) == GOLDEN["string"]
    assert draw("boolean", count=5) == GOLDEN["boolean"]


GOLDEN: dict[str, list[Any]] = {
    "integer": [591017471, 842469854, -101506451],
    "number": [0.7408752441075552, 0.7360093502459211],
    "shuffle": ["f", "e", "c", "d", "a", "b"],
    "string": ["VQ2OTVAg22pT"],
    "boolean": [False, False, False, True, False],
}


@given(st.text(max_size=5), st.integers(-1000, 1000), st.integers(0, 1000))
def test_whole_numbers_stay_within_their_bounds(seed: str, low: int, width: int) -> None:
    found = draw("integer", seed, minimum=low, maximum=low + width, count=20)
    assert all(low <= one <= low + width and isinstance(one, int) for one in found)
    assert found == draw("integer", seed, minimum=low, maximum=low + width, count=20)


@given(st.text(max_size=5), st.lists(st.integers(0, 5), min_size=1, max_size=12), st.data())
def test_samples_and_shuffles_hold_what_was_there(seed: str, items: list[int], data: st.DataObject) -> None:
    assert Counter(draw("shuffle", seed, items=items)) == Counter(items)
    count = data.draw(st.integers(1, len(items)))
    sample = draw("sample", seed, items=items, count=count)
    assert len(sample) == count
    assert not Counter(sample) - Counter(items)


def test_each_is_as_likely_as_it_should_be() -> None:
    """Chi-square with 5 degrees of freedom stays below 20.5 in 999 of 1000 cases; the seed is fixed."""
    counts = Counter(draw("integer", minimum=1, maximum=6, count=6000))
    assert sum((counts[side] - 1000) ** 2 / 1000 for side in range(1, 7)) < 20.5
    weighted = Counter(draw("choice", items=["a", "b", "c"], weights=[1, 3, 0], count=4000))
    assert 900 < weighted["a"] < 1100
    assert "c" not in weighted
    assert 0.27 < statistics.fmean(draw("boolean", likelihood=0.3, count=4000)) < 0.33
    normal = draw("normal", mean=10, deviation=2, count=4000)
    assert statistics.fmean(normal) == pytest.approx(10, abs=0.15)
    assert statistics.stdev(normal) == pytest.approx(2, abs=0.1)
    assert statistics.fmean(draw("number", minimum=-1, count=4000)) == pytest.approx(0, abs=0.05)


def test_every_order_of_a_shuffle_comes_up() -> None:
    chance = Chance("orders", "test")
    orders: Counter[tuple[int, ...]] = Counter()
    for _ in range(2400):
        items = [1, 2, 3, 4]
        chance.shuffle(items)
        orders[tuple(items)] += 1
    assert len(orders) == 24
    assert sum((count - 100) ** 2 / 100 for count in orders.values()) < 49.7  # 23 degrees of freedom, 999 of 1000


def test_without_a_seed_a_retry_draws_the_same_and_the_seed_comes_out() -> None:
    first = asyncio.run(run_node("random", {"operation": "number"}, attempt=1))
    again = asyncio.run(run_node("random", {"operation": "number"}, attempt=2))
    assert first == again
    assert draw("number", first["seed"]) == first["values"]


@pytest.mark.parametrize(
    ("given_", "reason", "said"),
    [
        ({"operation": "integer"}, "InvalidParameters", "`maximum` is missing"),
        ({"operation": "integer", "minimum": 5, "maximum": 1}, "InvalidParameters", "the smaller one first"),
        ({"operation": "integer", "maximum": 1.5}, "InvalidParameters", "two whole numbers"),
        ({"operation": "integer", "maximum": 1e300}, "InvalidParameters", "up to 2⁵³"),
        ({"operation": "number", "minimum": 2}, "InvalidParameters", "is more than"),
        ({"operation": "number", "minimum": -1.7e308, "maximum": 1.7e308}, "InvalidParameters", "too far"),
        ({"operation": "choice"}, "InvalidParameters", "`items` is missing"),
        ({"operation": "sample", "items": [1], "count": 2}, "NothingToDraw", "each is drawn once"),
        ({"operation": "choice", "items": [1], "weights": [0]}, "InvalidParameters", "one more than 0"),
        ({"operation": "choice", "items": [1], "weights": [1, 2]}, "InvalidParameters", "has 2 and `items` 1"),
        (
            {"operation": "string", "length": 10_000, "count": 10_000},
            "TooLarge",
            "what is drawn has 100,000,000 characters",
        ),
        ({"operation": "normal", "mean": 1e308}, "InvalidParameters", "at most 1e300"),
    ],
)
def test_what_is_wrong_is_said(given_: dict[str, Any], reason: str, said: str) -> None:
    error = fail("random", given_)
    assert (error.reason, said in error.message) == (reason, True), error.message


def uuids(**given_: Any) -> list[uuid.UUID]:
    return [uuid.UUID(text) for text in give("uuid", given_)["uuids"]]


@given(st.text(max_size=5), st.integers(1, 30))
def test_uuids_have_the_bits_of_their_version(seed: str, count: int) -> None:
    for version in (4, 7):
        found = uuids(version=f"v{version}", seed=seed, count=count)
        assert {one.version for one in found} == {version}
        assert {one.variant for one in found} == {uuid.RFC_4122}
        assert len(set(found)) == count


@given(st.text(max_size=20), st.sampled_from([("dns", uuid.NAMESPACE_DNS), ("url", uuid.NAMESPACE_URL)]))
def test_names_give_the_uuids_of_the_standard(name: str, space: tuple[str, uuid.UUID]) -> None:
    expected = uuid.uuid5(space[1], name)
    assert uuids(version="v5", name=name, namespace=space[0]) == [expected]
    assert uuids(version="v5", name=name, namespace=str(space[1])) == [expected]


def test_v7_is_in_order_and_has_the_time_at_which_the_run_began() -> None:
    found = uuids(version="v7", count=5000)
    assert found == sorted(found)
    assert {one.int >> 80 for one in found} == {1767225600000}  # 2026-01-01T00:00:00Z


def test_a_retry_gives_the_same_uuid() -> None:
    first = asyncio.run(run_node("uuid", {}, attempt=1))
    assert first == asyncio.run(run_node("uuid", {}, attempt=2))
    assert give("uuid", seed="a") != give("uuid", seed="b")


@pytest.mark.parametrize(
    ("given_", "said"),
    [
        ({"version": "v5"}, "`name` is missing"),
        ({"version": "v5", "name": "a", "namespace": "x"}, "write dns, url, oid, x500, or a UUID"),
        ({"version": "v5", "name": "a", "count": 2}, "write `forEach`"),
        ({"version": "v1"}, "version"),
        ({"count": 10_001}, "count"),
    ],
)
def test_what_is_no_uuid(given_: dict[str, Any], said: str) -> None:
    error = fail("uuid", given_)
    assert (error.reason, said in error.message) == ("InvalidParameters", True), error.message
