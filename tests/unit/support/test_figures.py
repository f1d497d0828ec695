"""Figures: recorded by tests, printed beside their goals."""

from pathlib import Path

import pytest

from support.figures import Figure, build_table, read_all, record


@pytest.mark.parametrize(
    ("value", "goal", "met"),
    [
        (45, "<= 45", True),
        (45.1, "<= 45", False),
        (200, ">= 200", True),
        (199, ">= 200", False),
        (0, "== 0", True),
        (1, "== 0", False),
        (0.09, "<=0.1", True),
    ],
)
def test_a_goal_has_a_direction(value: float, goal: str, met: bool) -> None:
    assert Figure("cluster_warm_s", value, goal, "s").is_met is met


def test_a_plain_number_is_a_bound_from_above(tmp_path: Path) -> None:
    record("cluster_warm_s", 46, 45, "s", folder=tmp_path)
    (figure,) = read_all(tmp_path)
    assert figure.goal == "<= 45"
    assert not figure.is_met


@pytest.mark.parametrize("goal", ["about 45", "< 45", "45 s", ""])
def test_a_goal_that_cannot_be_compared_is_refused(goal: str) -> None:
    with pytest.raises(ValueError, match="cluster_warm_s"):
        Figure("cluster_warm_s", 1, goal, "s")


def test_a_name_is_a_file_name() -> None:
    with pytest.raises(ValueError, match="no name of a figure"):
        Figure("../cluster", 1, "<= 45", "s")


def test_the_latest_measurement_takes_the_place_of_the_earlier(tmp_path: Path) -> None:
    record("compile_growth", 12, "<= 11", "x", folder=tmp_path)
    record("compile_growth", 10.4, "<= 11", "x", folder=tmp_path)
    assert [figure.value for figure in read_all(tmp_path)] == [10.4]


def test_the_table_says_what_is_met_and_what_is_missed() -> None:
    figures = [
        Figure("compile_over_hera", 0.05, "<= 0.1", "x", n=5, ours=0.2, other=4.0),
        Figure("malformed_workflows", 150, ">= 200", "", note="more to come"),
    ]
    assert build_table(figures).splitlines() == [
        "ok      compile_over_hera    0.05 x  <= 0.1  n=5, ours 0.2, other 4",
        "MISSED  malformed_workflows  150     >= 200  more to come",
    ]
