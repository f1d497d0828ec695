"""`array`: lists as Python's own operations have them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.node_calls import fail, give

NUMBERS = st.lists(st.integers(-5, 5), max_size=12)
EDGE = st.none() | st.integers(-15, 15)


@given(NUMBERS, st.integers(1, 5))
def test_chunks_join_to_the_list_again(items: list[int], size: int) -> None:
    found = give("array", operation="chunk", items=items, size=size)["items"]
    assert [one for chunk in found for one in chunk] == items
    assert all(len(chunk) == size for chunk in found[:-1])
    assert all(0 < len(chunk) <= size for chunk in found)


@given(NUMBERS, EDGE, EDGE, st.integers(-3, 3).filter(bool))
def test_a_slice_is_pythons(items: list[int], start: int | None, end: int | None, step: int) -> None:
    found = give("array", operation="slice", items=items, start=start, end=end, step=step)
    assert found == {"items": items[start:end:step], "count": len(items[start:end:step])}


@given(NUMBERS, NUMBERS)
def test_sets(items: list[int], other: list[int]) -> None:
    def run(operation: str) -> Any:
        return give("array", operation=operation, items=items, other=other)["items"]

    assert run("union") == list(dict.fromkeys(items + other))
    assert run("intersection") == list(dict.fromkeys(i for i in items if i in other))
    assert run("difference") == list(dict.fromkeys(i for i in items if i not in other))
    assert run("concat") == items + other
    assert run("reverse") == items[::-1]


@pytest.mark.parametrize(
    ("given_", "items"),
    [
        ({"operation": "flatten", "items": [1, [2, [3, [4]]]]}, [1, 2, [3, [4]]]),
        ({"operation": "flatten", "items": [1, [2, [3, [4]]]], "depth": 100}, [1, 2, 3, 4]),
        ({"operation": "compact", "items": [0, None, "", [], {}, False, "a"]}, [0, False, "a"]),
        ({"operation": "unique", "items": [1, True, 1.0, "1", [1], [1.0]]}, [1, True, "1", [1]]),
        ({"operation": "pluck", "items": [{"a": {"b": 1}}, {}, {"a": {"b": 2}}], "path": "a.b"}, [1, 2]),
        ({"operation": "pluck", "items": [[1, 2], [3]], "path": "[1]"}, [2]),
        ({"operation": "range", "start": 5, "end": 0, "step": -2}, [5, 3, 1]),
        ({"operation": "range", "end": 3}, [0, 1, 2]),
        ({"operation": "indexOf", "items": [1, "1", 1.0], "value": 1}, [0, 2]),
        ({"operation": "indexOf", "items": [], "value": 1}, []),
    ],
)
def test_operations(given_: dict[str, Any], items: list[Any]) -> None:
    assert give("array", given_) == {"items": items, "count": len(items)}


@pytest.mark.parametrize(
    ("given_", "reason", "said"),
    [
        ({"operation": "chunk", "items": []}, "InvalidParameters", "`size` is missing"),
        ({"operation": "reverse"}, "InvalidParameters", "`items` is missing"),
        ({"operation": "zip", "items": [1]}, "InvalidParameters", "`other` is missing"),
        ({"operation": "zip", "items": [1], "other": []}, "DifferentLengths", "`items` has 1 and `other` has 0"),
        ({"operation": "slice", "items": [], "step": 0}, "InvalidParameters", "`step` is 0"),
        ({"operation": "range", "end": 10**9}, "TooLarge", "1,000,000,000 items, at most 20,000"),
        ({"operation": "concat", "items": [0] * 20_000, "other": [0]}, "TooLarge", "20,001 items"),
        ({"operation": "flatten", "items": [[0] * 20_000] * 2}, "TooLarge", "40,000 items"),
        ({"operation": "chunk", "items": [], "size": 0}, "InvalidParameters", "greater than or equal to 1"),
        ({"operation": "sort", "items": []}, "InvalidParameters", "operation"),
    ],
)
def test_what_is_wrong_is_said(given_: dict[str, Any], reason: str, said: str) -> None:
    error = fail("array", given_)
    assert (error.reason, said in error.message) == (reason, True), error.message
