"""How many Runs of a workflow are kept that have ended: the newest, whichever of them is decided about, and when."""

from dataclasses import replace

import pytest

from support.short_runs import SAFE, begin
from support.world import SETTINGS, World


def ended(*names: str, keep: int) -> World:
    """One after the other, before any limit."""
    here = begin(SAFE)
    here.finish("r")
    for name in names:
        here.submit(name, workflow="example")
        here.finish(name)
    here.settings = replace(SETTINGS, keep_succeeded=keep)
    return here


@pytest.mark.parametrize(("keep", "left"), [(1, {"r3"}), (2, {"r2", "r3"}), (3, {"r", "r2", "r3"}), (0, set())])
def test_of_runs_that_are_decided_at_one_moment_the_newest_stay(keep: int, left: set[str]) -> None:
    here = ended("r2", "r3", keep=keep)
    decisions = {name: here.decide(name) for name in here.runs}
    for name, decision in decisions.items():
        here.apply(name, decision)
    assert set(here.runs) == left


def test_an_old_run_that_is_looked_at_again_takes_no_newer_one_away() -> None:
    here = ended("r2", keep=1)
    here.apply("r", here.decide("r"))
    assert set(here.runs) == {"r2"}
