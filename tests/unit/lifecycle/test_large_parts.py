"""Many child Runs that give much: what they gave is read, and taken over, all the same."""

import json

import pytest

from headgate.compiler.sizes import MAX_LEG, MAX_TEMPLATE
from headgate.lifecycle.actions import CreateLeg, KeepOutputs
from support.pods import Scripts
from support.short_runs import begin
from support.stories import workflow
from support.world import World

INNER = "nodes: [{name: x, use: heavy}]\noutputs: {v: '${x.value}'}"
LOOP = "nodes: [{name: c, use: workflow/inner, forEach: {in: %s, parallelism: 40}}]"


def many(text: str) -> World:
    return begin(text, workflow(INNER, "inner"), scripts=Scripts(output=lambda _: {"value": "y" * 45_000}))


def test_what_is_taken_over_of_many_child_runs_is_kept_in_as_many_secrets_as_it_takes() -> None:
    here = many(LOOP % list(range(40)))
    here.finish("r")
    here.submit("r2", workflow="example", **{"from": {"run": "r"}})
    keeps = [one for one in here.decide("r2").actions if isinstance(one, KeepOutputs)]
    assert all(sum(len(str(text)) for text in one.data.values()) < 700_000 for one in keeps)
    runs = len(here.runs)
    assert here.finish("r2")["nodes"]["c"]["items"] == {"total": 40, "succeeded": 40}
    assert len(here.runs) == runs, "none of them is run again"


@pytest.mark.parametrize("number", [1, 3, 40])
def test_what_many_child_runs_gave_is_read_by_a_node_whose_leg_keeps_its_bounds(number: int) -> None:
    here = many(LOOP.replace("]", ", {name: b, use: heavy, with: {value: '${c.outputs}'}}]", 1) % list(range(number)))
    legs = []
    while not here.status("r").get("endedAt"):
        for name in list(here.runs):
            decision = here.decide(name)
            legs += [one.manifest for one in decision.actions if isinstance(one, CreateLeg) and name == "r"]
            here.apply(name, decision)
        here.run_legs()
    assert here.status("r")["phase"] == "Succeeded"
    (reader,) = legs
    assert len(json.dumps(reader)) < MAX_LEG
    assert all(len(json.dumps(one)) < MAX_TEMPLATE for one in reader["spec"]["templates"])
    told = [data["d0"] for name, (_, data) in here.secrets.items() if name.endswith("-read")]
    assert all(len(text) < 700_000 for text in told)
    items = {index: item for text in told for index, item in json.loads(text).items()}
    assert items == {str(index): {"v": "y" * 45_000} for index in range(number)}
