"""What must hold of every Run, in any order of events, whenever the operator dies, and however old its picture is."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from headgate.api.workflow import Workflow
from headgate.compiler.known import Instance
from headgate.lifecycle.status.bounds import size
from support.pods import Scripts
from support.random_workflows import other, workflows
from support.stories import policy, world
from support.world import World

RUN = "example-1"
FEW = settings(max_examples=settings().max_examples // 2)
"""Each example is a whole Run, and a hundred decisions."""
FINAL = {"Succeeded", "Failed", "Cancelled", "TimedOut"}


class Dice(Mapping[str, bool]):
    """Which instances fail and which conditions hold: always the same for the same name."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def __getitem__(self, key: str) -> bool:
        return hash((self.seed, sum(ord(c) * 31**i for i, c in enumerate(key)))) % 4 == 0

    def __iter__(self):  # type: ignore[no-untyped-def]
        raise NotImplementedError

    def __len__(self) -> int:
        raise NotImplementedError


def submit(workflow: Workflow, seed: int) -> World:
    dice = Dice(seed)
    scripts = Scripts(
        fails=lambda instance: "Broken" if dice[str(instance)] else None, when=lambda node: not dice[node]
    )
    one = world(workflow, other(), policy("release"), policy("recovery"), scripts=scripts)
    one.submit(RUN, workflow="example", requester="ana@example.com")
    one.settle(RUN)
    assert "nodes" in one.status(RUN), one.status(RUN)
    return one


def answer(here: World, data: st.DataObject) -> bool:
    """Somebody votes on something that is open."""
    for name, request in here.requests.items():
        if request.get("status", {}).get("phase") in (None, "Open") and not request["spec"].get("votes"):
            kind = request["spec"]["type"]
            may_skip = request["spec"]["binding"].get("maySkip")
            recovery = ("Stop", "Retry") if may_skip == "Never" else ("Skip", "Stop", "Retry")
            verdict: str = data.draw(st.sampled_from(("Approve", "Reject") if kind == "Approval" else recovery))
            if verdict == "Retry":
                here.scripts.fails = lambda instance: None
            more = {"values": {"value": "given"}} if verdict == "Skip" and may_skip == "WithOutput" else {}
            here.vote(name, "bea@example.com", verdict, groups=["release-managers"], **more)
            return True
    return False


def happen(here: World, data: st.DataObject) -> bool:
    """One thing happens that is not the operator's doing."""
    legs = [leg for leg in here.legs.values() if leg.runnable]
    if legs and data.draw(st.integers(0, 3)) > 0:
        leg = data.draw(st.sampled_from(legs))
        position: int = data.draw(st.sampled_from(leg.runnable))
        if position not in leg.pods and data.draw(st.booleans()):
            here.start_pod(leg, position)
        else:
            here.end_pod(leg, position)
        return True
    if answer(here, data):
        return True
    for leg in legs:
        here.end_pod(leg, leg.runnable[0])
        return True
    return False


@dataclass
class Operator:
    """It decides, by an old picture now and then, and dies while it acts now and then: so often, and no more."""

    here: World
    data: st.DataObject
    faults: int = 12
    pictures: list[World] = field(default_factory=list)

    def act(self) -> None:
        for name in list(self.here.runs):
            seen = self.data.draw(st.sampled_from(self.pictures)) if self.pictures and self._errs() else None
            decision = self.here.decide(name, seen=seen)
            dies_after = self.data.draw(st.integers(0, len(decision.actions))) if self._errs() else None
            self.here.apply(name, decision, dies_after)
        self.pictures = [*self.pictures[-2:], self.here.copy()] if self.faults else []

    def _errs(self) -> bool:
        errs = self.faults > 0 and self.data.draw(st.integers(0, 2)) == 0
        self.faults -= errs
        return errs


def drive(here: World, data: st.DataObject) -> None:
    operator = Operator(here, data)
    for _ in range(400):
        operator.act()
        if not happen(here, data) and all(run.get("status", {}).get("endedAt") for run in here.runs.values()):
            break
    here.settle_all()


@FEW
@given(workflows(), st.integers(0, 1000), st.data())
def test_every_run_ends_and_nothing_that_settled_runs_twice(workflow: Workflow, seed: int, data: st.DataObject) -> None:
    here = submit(workflow, seed)
    drive(here, data)
    for name in here.runs:
        assert here.status(name)["phase"] in FINAL, here.status(name)
        assert size(here.status(name)) <= 32 * 1024
    retried = any(one["status"]["phase"] == "Retry" for one in here.requests.values())
    for (_, instance), times in here.executions.items():
        assert times == 1 or instance.prepare or retried or instance.node == "$outputs", f"{instance} ran {times} times"
    assert not here.legs, "no leg is left behind"


@FEW
@given(workflows(), st.integers(0, 1000), st.data())
def test_faults_change_nothing_about_how_a_run_ends(workflow: Workflow, seed: int, data: st.DataObject) -> None:
    """The same Run without faults is the reference. People answer alike in both."""
    calm, rough = submit(workflow, seed), submit(workflow, seed)
    for here in (calm, rough):
        here.catalogue = calm.catalogue
    approve_all(calm)
    operator = Operator(rough, data)
    for _ in range(300):
        operator.act()
        vote_all(rough)
        if not any(leg.runnable for leg in rough.legs.values()) and rough.status(RUN).get("endedAt"):
            break
        for leg in list(rough.legs.values()):
            if leg.runnable:
                rough.end_pod(leg, data.draw(st.sampled_from(leg.runnable)))
    rough.settle_all()
    assert outcomes(rough) == outcomes(calm)


def vote_all(here: World) -> None:
    for name, request in here.requests.items():
        if not request["spec"].get("votes"):
            may_skip = request["spec"]["binding"].get("maySkip")
            verdict = "Approve" if may_skip is None else "Stop" if may_skip == "Never" else "Skip"
            more = {"values": {"value": "given"}} if may_skip == "WithOutput" else {}
            here.vote(name, "bea@example.com", verdict, groups=["release-managers"], **more)


def approve_all(here: World) -> None:
    for _ in range(100):
        here.settle_all()
        if here.status(RUN).get("endedAt"):
            return
        vote_all(here)
        here.run_legs()
    raise AssertionError(f"it does not end: {here.status(RUN)}")


def outcomes(here: World) -> Mapping[str, object]:
    status = here.status(RUN)
    nodes = {name: node["phase"] for name, node in status["nodes"].items()}
    return {"run": status["phase"], "outputs": status.get("outputs"), **nodes}


@FEW
@given(workflows(), st.integers(0, 1000), st.data())
def test_pods_may_be_killed_anywhere_and_only_what_may_run_again_does(
    workflow: Workflow, seed: int, data: st.DataObject
) -> None:
    here = submit(workflow, seed)
    operator = Operator(here, data)
    kills = 4
    for _ in range(300):
        operator.act()
        vote_all(here)
        legs = [leg for leg in here.legs.values() if leg.runnable]
        if not legs and here.status(RUN).get("endedAt"):
            break
        for leg in legs:
            position = leg.runnable[0]
            if kills and data.draw(st.booleans()):
                kills -= 1
                here.end_pod(leg, position, killed_after=data.draw(st.integers(0, len(leg.positions[position]) - 1)))
            else:
                here.end_pod(leg, position)
    here.settle_all()
    assert here.status(RUN)["phase"] in FINAL, here.status(RUN)
    nodes = (*workflow.spec.nodes, *workflow.spec.finally_)
    safe = {node.name for node in nodes if node.use == "calc"} | {"$outputs"}
    for (_, instance), times in here.executions.items():
        assert times == 1 or instance.prepare or instance.node in safe, f"{instance} ran {times} times"


def test_the_dice_of_these_tests_fall_both_ways() -> None:
    dice = Dice(1)
    assert {dice[str(Instance("n1", index))] for index in range(20)} == {True, False}
