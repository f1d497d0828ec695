"""What goes out of a part of a Run has passed the gates in it: nobody gives it who was not asked there."""

import pytest

from headgate.compiler.known import Instance
from support.pods import Scripts
from support.short_runs import begin, go_on, ran
from support.stories import policy, workflow
from support.world import World

EVIL = {"value": "nobody has approved this"}
OUTER = "nodes: [{name: sub, use: workflow/part}, {name: pub, use: heavy, with: {value: \"${sub.?v.orValue('')}\"}}]"
OUT = "outputs: {v: '${x.value}'}"
COMPUTED = "outputs: {v: '${string(x.value)}'}"
BESIDE = "{name: ask, use: approval, with: {policy: release, message: Go on}}"
AFTER = "{name: ask, use: approval, after: {x: Succeeded}, with: {policy: release, message: Go on}}"
SHOWS = "{name: ask, use: approval, with: {policy: release, message: Go on, show: '${x.value}'}}"
PARTLY = "{name: ask, use: approval, with: {policy: release, message: Go on, show: '${x.value.title}'}}"
DEEP = "{name: ask, use: workflow/inner}"
INNER = f"nodes: [{BESIDE}]"


def broken(gate: str, outputs: str) -> World:
    """A part of a Run, in which `x` has failed."""
    part = f"nodes: [{{name: x, use: heavy, onError: Ask, with: {{value: 1}}}}, {gate}]\n{outputs}"
    scripts = Scripts(fails=lambda one: "Broken" if one == Instance("x") else None)
    more = (workflow(part, "part"), workflow(INNER, "inner"), policy("release"), policy("recovery"))
    here = begin(OUTER, *more, scripts=scripts)
    go_on(here)
    return here


@pytest.mark.parametrize("outputs", [OUT, COMPUTED])
@pytest.mark.parametrize(
    ("gate", "form", "may_skip"),
    [
        (BESIDE, {}, "WithoutOutput"),
        (DEEP, {}, "WithoutOutput"),
        (AFTER, {}, "Never"),
        (PARTLY, {}, "Never"),
        (SHOWS, {"value": {"optional": True}}, "WithOutput"),
    ],
)
def test_what_no_gate_of_a_part_shows_nobody_gives_for_what_comes_after_it(
    gate: str, form: object, may_skip: str, outputs: str
) -> None:
    here = broken(gate, outputs)
    binding = here.requests["r-sub-x"]["spec"]["binding"]
    assert (binding["form"], binding["maySkip"]) == (form, may_skip)


def test_what_stays_in_a_part_may_be_given() -> None:
    here = broken(BESIDE, "outputs: {v: done}")
    assert here.requests["r-sub-x"]["spec"]["binding"]["maySkip"] == "Freely"


def test_it_is_not_used_behind_the_gate() -> None:
    here = broken(BESIDE, OUT)
    here.vote("r-sub-x", "rex", "Skip", groups=["release-managers"], values=EVIL)
    here.vote("r-sub-ask", "bea", "Approve", groups=["release-managers"])
    go_on(here)
    assert ran(here, "pub") == 0
