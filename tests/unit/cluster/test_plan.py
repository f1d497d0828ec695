"""What is decided about components, from a first start to a repair."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from cluster.component import Component, Step, Task
from cluster.errors import ComponentError
from cluster.plan import Life, Observation, Plan, check_attempts, close_needs, decide, order_steps


@dataclass(frozen=True)
class Never:
    def reason(self) -> str:
        return "never asked"


def component(name: str, *needs: str, after: tuple[str, ...] = ()) -> Component:
    return Component(name, [name], Never(), needs=needs, after=after, patience=10)


def task(name: str, *needs: str, run: Callable[[], None] = lambda: None) -> Task:
    return Task(name, run, Never(), needs=needs)


STEPS: list[Step] = [
    component("etcd"),
    component("api", "etcd", after=("etcd",)),
    task("definitions", "api"),
    component("controller", "definitions", after=("api",)),
]
ABSENT = Observation(Life.ABSENT)
WAITING = Observation(Life.WAITING, started=1)


def ready(started: float) -> Observation:
    return Observation(Life.READY, started=started)


def seen(*observations: Observation) -> dict[str, Observation]:
    return dict(zip([step.name for step in STEPS], observations, strict=True))


def test_everything_absent_starts_what_needs_nothing() -> None:
    plan = decide(STEPS, seen(ABSENT, ABSENT, ABSENT, ABSENT))
    assert plan == Plan(start=("etcd",), pending=("api", "definitions", "controller"))


def test_nothing_starts_before_its_needs_are_ready() -> None:
    assert decide(STEPS, seen(WAITING, ABSENT, ABSENT, ABSENT)).start == ()
    assert decide(STEPS, seen(ready(1), ABSENT, ABSENT, ABSENT)).start == ("api",)


def test_a_task_done_long_ago_does_not_stand_for_what_it_was_done_with() -> None:
    assert decide(STEPS, seen(ready(1), WAITING, ready(0), ABSENT)).start == ()
    assert decide(STEPS, seen(ready(1), ready(2), ready(0), ABSENT)).start == ("controller",)


def test_all_ready_is_settled() -> None:
    assert decide(STEPS, seen(ready(1), ready(2), ready(0), ready(3))).settled


def test_a_killed_component_alone_is_started() -> None:
    assert decide(STEPS, seen(ready(1), ready(2), ready(0), ABSENT)) == Plan(start=("controller",))


def test_a_component_older_than_what_it_depends_on_is_stopped() -> None:
    plan = decide(STEPS, seen(ready(9), ready(2), ready(0), ready(3)))
    assert plan == Plan(stop=("api",))


def test_one_stopped_now_is_no_basis_for_a_start() -> None:
    plan = decide(STEPS, seen(ready(9), ready(2), ABSENT, ABSENT))
    assert plan == Plan(stop=("api",), pending=("definitions", "controller"))


def test_a_process_with_yesterdays_configuration_is_stopped() -> None:
    old = Observation(Life.READY, started=1, current=False)
    assert decide(STEPS, seen(old, ready(2), ready(0), ready(3))).stop == ("etcd",)


@pytest.mark.parametrize(("waited", "stop"), [(9.0, ()), (11.0, ("etcd",))])
def test_patience_ends(waited: float, stop: tuple[str, ...]) -> None:
    slow = Observation(Life.WAITING, started=1, waited=waited)
    assert decide(STEPS, seen(slow, ABSENT, ABSENT, ABSENT)).stop == stop


def test_a_third_failure_is_told_with_what_to_do() -> None:
    tried = Observation(Life.ABSENT, reason="not running", attempts=3)
    check_attempts(STEPS[0], Observation(Life.ABSENT, attempts=2), "")
    with pytest.raises(ComponentError, match="make cluster-logs C=etcd"):
        check_attempts(STEPS[0], tried, "")


def test_needs_are_closed_over() -> None:
    assert close_needs(STEPS)["controller"] == {"definitions", "api", "etcd"}


def test_steps_are_ordered_by_their_needs() -> None:
    ordered = [step.name for step in order_steps(list(reversed(STEPS)))]
    assert ordered == ["etcd", "api", "definitions", "controller"]


@pytest.mark.parametrize("steps", [[component("a", "b"), component("b", "a")], [component("a", "missing")]])
def test_needs_that_cannot_be_met_are_refused(steps: list[Step]) -> None:
    with pytest.raises(ComponentError):
        order_steps(steps)
