"""A local Run ends as the language says: against the naive interpreter, for random workflows, with real processes."""

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from hypothesis import HealthCheck, given, settings

from headgate.api.run import Phase, Run
from headgate.api.workflow import OnError
from headgate.cli.local.ground import Ground
from headgate.compiler.build import build
from headgate.compiler.catalogue import StaticCatalogue, builtin
from headgate.compiler.graph import Graph, Role
from headgate_lang.fate import Outcome
from support.interpreter import Interpreter
from support.local_runs import Told, run_here, types
from support.told_workflows import Story, as_allowed, other, stories, votes, write

EXAMPLES = int(os.environ.get("HEADGATE_EXAMPLES", "25")) // 2


def ends(run: Run) -> Mapping[str, Outcome]:
    assert run.status is not None
    return {name: Outcome[node.phase.name] for name, node in run.status.nodes.items()}


def verdict(graph: Graph, expected: Mapping[str, Outcome]) -> Phase:
    """LANGUAGE §3.2, said once more."""
    bad = [node for node in graph if expected[node.name] is Outcome.FAILED and node.on_error is not OnError.CONTINUE]
    if not bad:
        return Phase.SUCCEEDED
    return Phase.CANCELLED if all(node.role is Role.GATE for node in bad) else Phase.FAILED


@settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(stories())
def test_whatever_the_workflow_a_local_run_ends_as_the_interpreter_says(runtime: Path, story: Story) -> None:
    workflow = write(story)
    catalogue = StaticCatalogue([*builtin(), *types(), workflow, other()])
    graph = build(workflow.spec, catalogue).graph
    scripts = as_allowed(graph, story[1])
    expected = Interpreter(graph, scripts).run()
    told = Told(votes((story[0], scripts)))
    with tempfile.TemporaryDirectory() as folder:
        run, ground = run_here([workflow, other()], Path(folder), runtime, told)
        left = [file for file in Path(folder).rglob("*") if file.is_file()]
    assert ends(run) == expected
    assert run.status is not None
    assert run.status.phase is verdict(graph, expected)
    assert len(told.asked) == len(set(told.asked)), "nobody is asked twice"
    assert_nothing_runs(ground)
    assert left == [], "a pod leaves nothing behind but what is large"


def assert_nothing_runs(ground: Ground) -> None:
    assert all(leg.has_ended for leg in ground.legs.values())
    assert all((run.get("status") or {}).get("endedAt") for run in ground.runs.values())
