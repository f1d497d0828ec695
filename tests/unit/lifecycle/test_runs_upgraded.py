"""What becomes of a Run whose operator is replaced by one that plans otherwise: it goes on with what it pinned."""

import pytest

from headgate.lifecycle import pinned
from support.pods import Scripts
from support.short_runs import begin, ran
from support.stories import workflow, world

OUTER = "nodes: [{name: a, use: heavy}, {name: c, use: workflow/inner, after: {a: Succeeded}}]"
INNER = "nodes: [{name: x, use: heavy}]"
NEWER = "nodes: [{name: z, use: heavy}]"


@pytest.mark.parametrize("when", ["before the child was made", "before the child was looked at"])
def test_a_child_keeps_to_what_was_fixed_at_the_root_whatever_the_planner_is_by_then(
    when: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = begin(OUTER, workflow(INNER, "inner"), scripts=Scripts())
    here.run_legs()
    root = here.status("r")["revision"]
    if when == "before the child was looked at":
        while len(here.runs) == 1:
            here.apply("r", here.decide("r"))
    monkeypatch.setattr(pinned, "PLANNER", pinned.PLANNER + 1)
    here.catalogue = world(workflow(OUTER), workflow(NEWER, "inner")).catalogue
    assert here.finish("r")["phase"] == "Succeeded"
    assert (ran(here, "x"), ran(here, "z")) == (1, 0)
    assert here.status("r")["revision"] == root
    assert all(content["planner"] == pinned.PLANNER - 1 for _, content in here.revisions.values())
