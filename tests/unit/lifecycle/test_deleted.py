"""A Run that is being deleted, and that a finalizer of somebody's still holds: the garbage collector waits for that."""

from headgate.lifecycle.actions import DeleteLeg, DeleteRun
from support.short_runs import SAFE, begin
from support.stories import workflow
from support.world import World


def delete(here: World, name: str) -> None:
    here.runs[name]["metadata"]["deletionTimestamp"] = "2026-11-21T05:31:00Z"


def test_its_pods_are_stopped_and_nothing_else_is_done_about_it() -> None:
    here = begin(SAFE)
    assert here.legs
    delete(here, "r")
    assert [type(one) for one in here.decide("r").actions] == [DeleteLeg]
    here.settle("r")
    assert not here.legs
    assert here.status("r")["phase"] == "Running"


def test_its_parts_go_too() -> None:
    here = begin("nodes: [{name: first, use: workflow/part}]", workflow(SAFE, "part"))
    (part,) = (name for name in here.runs if name != "r")
    delete(here, "r")
    assert [one.name for one in here.decide("r").actions if isinstance(one, DeleteRun)] == [part]
    delete(here, part)
    assert here.decide("r").actions == ()
