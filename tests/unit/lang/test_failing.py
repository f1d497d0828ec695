"""How a loop tells which of its items failed."""

import pytest

from headgate_lang.failing import MAX_MESSAGE, tell_failed
from headgate_lang.report import Error, Failure


@pytest.mark.parametrize(
    ("indices", "count", "length", "tolerated", "told"),
    [
        ([2], 1, 1, 0, "1 of 1 item failed, none tolerated: 2"),
        ([2, 5, 9], 3, 40, 2, "3 of 40 items failed, 2 tolerated: 2, 5 and 9"),
        ([1, 2, 3, 4, 5], 5, 9, 0, "5 of 9 items failed, none tolerated: 1, 2, 3, 4 and 5"),
        (list(range(100)), 750, 1000, 0, "750 of 1000 items failed, none tolerated: 0, 1, 2, 3, 4 and 745 more"),
        ([], 4, 9, 0, "4 of 9 items failed, none tolerated"),
    ],
)
def test_items_that_failed_are_counted_and_the_first_of_them_named(
    indices: list[int], count: int, length: int, tolerated: int, told: str
) -> None:
    assert tell_failed(indices, count, length, tolerated) == told


def test_why_the_first_failed_is_quoted_and_bounded() -> None:
    assert tell_failed([2], 1, 3, 0, Failure(2, Error("Timeout", "in 5s"))).endswith(": 2; item 2: Timeout: in 5s")
    assert tell_failed([2], 1, 3, 0, Failure(2, Error("PodLost", ""))).endswith("; item 2: PodLost")
    assert len(tell_failed([2], 1, 3, 0, Failure(2, Error("Odd", "x" * 5000)))) < MAX_MESSAGE + 80
