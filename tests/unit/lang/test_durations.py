"""Durations as people write them (LANGUAGE §3.13)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate_lang import durations


@pytest.mark.parametrize(
    ("text", "seconds"), [("500ms", 0.5), ("30s", 30), ("5m", 300), ("72h", 259_200), ("3d", 259_200), ("0s", 0)]
)
def test_one_number_and_one_unit_make_a_duration(text: str, seconds: float) -> None:
    assert durations.is_duration(text)
    assert durations.parse(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "5", "s", "1.5s", "1h30m", "-1s", "5 s", "5S", "1w", "05s", "1s\n", "9" * 10 + "s"]
)
def test_anything_else_is_none(text: str) -> None:
    assert not durations.is_duration(text)
    with pytest.raises(ValueError, match="not a duration"):
        durations.parse(text)


@given(st.integers(min_value=0, max_value=10**9))
def test_what_is_spelled_reads_as_it_was(milliseconds: int) -> None:
    assert round(durations.parse(durations.spell(milliseconds / 1000)) * 1000) == milliseconds


def test_the_largest_unit_that_divides_is_written() -> None:
    assert [durations.spell(seconds) for seconds in (0, 0.25, 90, 3600, 86_400)] == ["0s", "250ms", "90s", "1h", "1d"]
