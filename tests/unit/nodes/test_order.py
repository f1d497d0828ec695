"""`sort`, `dedupe`, `aggregate`: what comes first, what is the same, what belongs together."""

import itertools
import statistics
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.node_calls import fail, give

SCALARS = st.integers(-9, 9) | st.floats(-9, 9) | st.text("abé", max_size=3) | st.booleans()
ROWS = st.lists(
    st.fixed_dictionaries({}, optional={"a": st.integers(0, 3), "b": st.text("xyZ", max_size=2)}), max_size=12
)


@given(ROWS, st.booleans(), st.booleans())
def test_several_keys_are_one_stable_sort_with_what_is_missing_at_the_end(
    rows: list[dict[str, Any]], down: bool, first: bool
) -> None:
    items = [{**row, "at": at} for at, row in enumerate(rows)]
    by = [{"path": "a", "descending": down, "missing": "first" if first else "last"}, {"path": "b"}]

    def key(row: dict[str, Any]) -> tuple[Any, ...]:
        a, b = row.get("a"), row.get("b")
        return ((a is None) != first, 0 if a is None else -a if down else a, b is None, b or "", row["at"])

    assert give("sort", items=items, by=by)["items"] == sorted(items, key=key)


@given(st.lists(SCALARS))
def test_values_of_several_types_are_sorted_numbers_texts_booleans(items: list[Any]) -> None:
    found = give("sort", items=items)["items"]
    groups: list[list[Any]] = [
        sorted(i for i in items if isinstance(i, int | float) and not isinstance(i, bool)),
        sorted(i for i in items if isinstance(i, str)),
        sorted(i for i in items if isinstance(i, bool)),
    ]
    assert found == list(itertools.chain(*groups))


@pytest.mark.parametrize(
    ("compare", "items", "ordered"),
    [
        ("natural", ["a10", "a9", "a09b", "A1", "10", "9"], ["9", "10", "A1", "a9", "a09b", "a10"]),
        ("number", ["10", 9, "-1e1", "2.5"], ["-1e1", "2.5", 9, "10"]),
        (
            "time",
            ["2026-01-01T01:00:00+01:00", "2025-12-31T23:59:59Z"],
            ["2025-12-31T23:59:59Z", "2026-01-01T01:00:00+01:00"],
        ),
        ("text", ["b", "B", "a"], ["B", "a", "b"]),
        ("natural", ["x" + "9" * 5000, "x" + "8" * 5000], ["x" + "8" * 5000, "x" + "9" * 5000]),
    ],
)
def test_as_what_values_are_compared(compare: str, items: list[Any], ordered: list[Any]) -> None:
    assert give("sort", items=items, by=[{"compare": compare}])["items"] == ordered


def test_capitals_need_not_count() -> None:
    assert give("sort", items=["b", "C", "a"], by=[{"ignoreCase": True}])["items"] == ["a", "b", "C"]


@pytest.mark.parametrize(
    ("given_", "reason", "said"),
    [
        ({"items": [{"a": {}}], "by": [{"path": "a"}]}, "NotComparable", "items[0].a is an object"),
        (
            {"items": [{"a": "x"}], "by": [{"path": "a", "compare": "number"}]},
            "NotComparable",
            "items[0].a is a string 'x'",
        ),
        ({"items": [1], "by": [{"compare": "text"}]}, "NotComparable", "items[0] is an integer 1, which is no text"),
        ({"items": ["2026-01-01T00:00:00"], "by": [{"compare": "time"}]}, "NotComparable", "has no zone"),
        ({"items": [1], "by": [{"path": "content-type"}]}, "InvalidPath", "write it like `address.city`"),
        ({"items": [0] * 20_001}, "InvalidParameters", "at most 20000 items"),
    ],
)
def test_what_cannot_be_sorted_is_told_with_its_place(given_: dict[str, Any], reason: str, said: str) -> None:
    error = fail("sort", given_)
    assert (error.reason, said in error.message) == (reason, True), error.message


@given(
    st.lists(SCALARS | st.lists(SCALARS, max_size=2) | st.dictionaries(st.text("ab", max_size=1), SCALARS, max_size=2))
)
def test_each_item_stays_once_and_none_is_lost(items: list[Any]) -> None:
    found = give("dedupe", items=items)
    kept: list[Any] = []
    for item in items:
        if not any(same(item, other) for other in kept):
            kept.append(item)
    assert found["items"] == kept
    assert found["removed"] == len(found["duplicates"]) == len(items) - len(kept)


def same(one: Any, other: Any) -> bool:
    """Equal as JSON: Python takes True for 1, at any depth."""
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def test_the_last_can_be_kept_and_fields_can_tell_items_apart() -> None:
    items = [{"id": 1, "v": "a"}, {"id": 2, "v": "b"}, {"id": 1.0, "v": "c"}, {"v": "d"}, {"v": "e"}]
    assert [item["v"] for item in give("dedupe", items=items, by=["id"])["items"]] == ["a", "b", "d"]
    assert [item["v"] for item in give("dedupe", items=items, by=["id"], keep="last")["items"]] == ["b", "c", "e"]


def test_what_is_nested_without_end_is_refused() -> None:
    deep: Any = 1
    for _ in range(200):
        deep = [deep]
    assert fail("dedupe", items=[deep]).reason == "TooDeep"


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(-50, 50) | st.floats(-50, 50)), min_size=1, max_size=20))
def test_groups_are_those_of_statistics(pairs: list[tuple[str, float]]) -> None:
    operations = ("count", "sum", "mean", "median", "min", "max", "first", "last", "collect")
    values = {operation: {"operation": operation, "path": "n"} for operation in operations}
    rows = give("aggregate", items=[{"k": k, "n": n} for k, n in pairs], by={"key": "k"}, values=values)["groups"]
    assert [row["key"] for row in rows] == list(dict.fromkeys(k for k, _ in pairs))
    for row in rows:
        held = [n for k, n in pairs if k == row["key"]]
        assert row["collect"] == held
        assert (row["count"], row["min"], row["max"]) == (len(held), min(held), max(held))
        assert (row["first"], row["last"]) == (held[0], held[-1])
        assert row["sum"] == pytest.approx(sum(held))
        assert row["mean"] == pytest.approx(statistics.mean(held))
        assert row["median"] == pytest.approx(statistics.median(held))


def test_sums_of_whole_numbers_are_whole_and_sums_of_decimals_do_not_drift() -> None:
    values = {"s": {"operation": "sum"}}
    assert give("aggregate", items=[2**60, 1], values=values)["groups"] == [{"s": 2**60 + 1}]
    assert give("aggregate", items=[0.1] * 10, values=values)["groups"] == [{"s": 1.0}]


def test_what_an_item_lacks_is_left_out() -> None:
    values = {
        "m": {"operation": "mean", "path": "n"},
        "c": {"operation": "count"},
        "d": {"operation": "unique", "path": "t"},
    }
    items = [{"t": "x"}, {"t": "x", "g": None}, {"g": 1, "n": 3, "t": "y"}]
    assert give("aggregate", items=items, by={"g": "g"}, values=values) == {
        "groups": [{"c": 2, "d": ["x"]}, {"g": 1, "m": 3, "c": 1, "d": ["y"]}],
        "count": 2,
    }


def test_no_items_are_no_groups_but_one_of_all() -> None:
    values = {"n": {"operation": "count"}, "s": {"operation": "sum"}, "m": {"operation": "max"}}
    assert give("aggregate", items=[], by={"g": "g"}, values=values) == {"groups": [], "count": 0}
    assert give("aggregate", items=[], values=values) == {"groups": [{"n": 0, "s": 0}], "count": 1}


def test_what_cannot_be_summed_is_told_with_its_place() -> None:
    error = fail("aggregate", items=[{"n": 1}, {"n": "2"}], values={"s": {"operation": "sum", "path": "n"}})
    assert (error.reason, error.message[:36]) == ("NotANumber", "items[1].n is a string, not a number")
    assert (
        "give one of them another name"
        in fail("aggregate", items=[], by={"a": "a"}, values={"a": {"operation": "count"}}).message
    )
