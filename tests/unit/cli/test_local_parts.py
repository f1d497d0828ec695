"""Parts of a local Run: what is handed down to them arrives."""

from headgate.cli.local.clock import Clock
from headgate.cli.local.course import Course
from headgate.cli.local.ground import Ground
from headgate.cli.local.standins import StandIns, build_catalogue
from support.local_runs import settings, types
from support.stories import workflow


def test_who_acted_on_a_local_run_has_acted_on_its_parts_and_it_comes_to_rest() -> None:
    inner = workflow("nodes: [{name: x, use: heavy}]", "inner")
    objects = [*types(), workflow("nodes: [{name: c, use: workflow/inner}]"), inner]
    ground, clock = Ground(build_catalogue(objects, StandIns("ana", ["node"], ())), settings(["node"])), Clock()
    course = Course(ground, clock)
    ground.submit({"metadata": {"name": "r"}, "spec": {"workflow": "example", "requester": "ana"}}, clock.now())
    course.settle()
    ground.declare("r", actedBy=["bea"])
    course.settle()
    assert ground.runs["r-c"]["spec"]["actedBy"] == ["bea"]
