"""What it costs to check and compile a workflow, beside the least that anybody would pay, and beside Hera.

**Beside the floor**, ours is the whole way: from the document, as the API server gives it, over parsing, every check,
planning and bundling to the manifests of what a Run creates first, as JSON. The floor puts ready-made tasks in order
and writes all of them down: it reads nothing, checks nothing, bundles nothing. In one thing it does more: of 10,000
nodes, what starts first holds one to three thousand; the others are planned when these have ended.

**Beside Hera**, both make the manifests of all nodes, as dictionaries, out of something that is known to be right: ours
plans, bundles and emits a checked graph, leg after leg, as if each succeeded; Hera makes its objects and turns them
into a dictionary. Hera reads no document and checks no reference; ours does not build its graph here, which is the
other figure's matter. Ours decides which nodes share a pod and emits whole pods, with a template each; Hera emits a
task a node and one template.
"""

import gc
import json
import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import pytest

from headgate.api.workflow import Workflow
from headgate.compiler.catalogue import StaticCatalogue, builtin
from headgate.compiler.check import check
from headgate.compiler.emit import Context, Platform, emit
from headgate.compiler.graph import Graph
from headgate.compiler.known import Instance, Known, Settled
from headgate.compiler.leg import Leg
from headgate.compiler.parse import parse
from headgate.compiler.plan import plan
from headgate_lang import task
from headgate_lang.fate import Outcome
from support import workloads
from support.figures import record

PAIRS = 7
CATALOGUE = StaticCatalogue(builtin())
PLATFORM = Platform("core", ("node",), executor_account="executor")
RUN = task.Run("run", "default", "uid", "bench", "0" * 12, "2026-01-01T00:00:00Z")


def graph_of(document: dict[str, Any]) -> Graph:
    model = parse(document).model
    assert isinstance(model, Workflow)
    checked = check(model.spec, CATALOGUE)
    assert not checked.has_errors
    return checked.graphs[None]


def manifests_of(graph: Graph, legs: Iterable[Leg], known: Known) -> list[dict[str, Any]]:
    return [emit(graph, leg, Context(RUN, number, known, PLATFORM)) for number, leg in enumerate(legs, 1)]


def compile_document(document: dict[str, Any]) -> str:
    """What a Run of it would create first."""
    graph, known = graph_of(document), Known()
    return json.dumps(manifests_of(graph, plan(graph, known).legs, known))


def split(document: dict[str, Any]) -> str:
    """Where the time goes."""
    model = parse(document).model
    assert isinstance(model, Workflow)
    graph, known = graph_of(document), Known()
    legs = plan(graph, known).legs
    stages: dict[str, Callable[[], object]] = {
        "parse": lambda: parse(document),
        "check": lambda: check(model.spec, CATALOGUE),
        "plan": lambda: plan(replace(graph), known),
        "emit": lambda: json.dumps(manifests_of(graph, legs, known)),
    }
    taken = {stage: min(seconds(call) for _ in range(3)) for stage, call in stages.items()}
    return ", ".join(f"{stage} {100 * part / sum(taken.values()):.0f} %" for stage, part in taken.items())


def emit_all(graph: Graph) -> list[dict[str, Any]]:
    """What a Run would create from first to last, if everything succeeded."""
    manifests: list[dict[str, Any]] = []
    settled: dict[Instance, Settled] = {}
    while legs := plan(graph, Known(settled)).legs:
        manifests += manifests_of(graph, legs, Known(settled))
        settled |= {one: Settled(Outcome.SUCCEEDED) for leg in legs for one in leg.instances}
    assert len(settled) == len(graph.nodes)
    return manifests


def seconds(call: Callable[[], object]) -> float:
    """Of CPU, since the machine has other things to do; and without the collector, whose share depends on what else the
    process holds."""
    gc.collect()
    gc.disable()
    try:
        started = time.process_time()
        call()
        return time.process_time() - started
    finally:
        gc.enable()


def compare(ours: Callable[[], object], other: Callable[[], object], pairs: int) -> tuple[float, float]:
    """Medians of both, taken in turn, so that a machine that slows down slows both."""
    both = [(seconds(ours), seconds(other)) for _ in range(pairs)]
    return statistics.median(pair[0] for pair in both), statistics.median(pair[1] for pair in both)


def tell(what: str, ours: float, other: float) -> float:
    print(f"{what}: {ours * 1e3:.1f} ms against {other * 1e3:.1f} ms, {ours / other:.2f} times")
    return ours / other


def test_ten_thousand_nodes_beside_a_sort_and_a_dump(smoke: bool) -> None:
    nodes, pairs = (100, 1) if smoke else (10_000, PAIRS)
    worst = (0.0, 0.0, 0.0, "")
    for shape in workloads.SHAPES:
        document, tasks = workloads.workflow_of(shape, nodes), workloads.tasks_of(shape, nodes)
        ours, floor = compare(
            lambda document=document: compile_document(document),  # type: ignore[misc]
            lambda tasks=tasks: workloads.sort_and_dump(tasks),  # type: ignore[misc]
            pairs,
        )
        worst = max(worst, (tell(f"{shape} of {nodes}", ours, floor), ours, floor, shape))
    if not smoke:
        ratio, ours, floor, shape = worst
        note = f"worst: {shape}; {split(workloads.workflow_of(shape, nodes))}"
        record("compile_10k_over_floor", ratio, "<= 10", "x", n=pairs, ours=ours, other=floor, note=note)


def test_ten_times_the_nodes_take_about_ten_times_as_long(smoke: bool) -> None:
    small, large, pairs = (10, 100, 1) if smoke else (1_000, 10_000, PAIRS)
    worst = (0.0, 0.0, 0.0, "")
    for shape in workloads.SHAPES:
        few, many = workloads.workflow_of(shape, small), workloads.workflow_of(shape, large)
        ours, other = compare(
            lambda many=many: compile_document(many),  # type: ignore[misc]
            lambda few=few: compile_document(few),  # type: ignore[misc]
            pairs,
        )
        worst = max(worst, (tell(f"{shape}, {large} against {small}", ours, other), ours, other, shape))
    if not smoke:
        ratio, ours, other, shape = worst
        record("compile_growth", ratio, "<= 11", "x", n=pairs, ours=ours, other=other, note=f"worst: {shape}")


@pytest.mark.filterwarnings("ignore")  # of Hera's imports
def test_a_thousand_nodes_beside_hera(smoke: bool) -> None:
    nodes, pairs = (20, 1) if smoke else (1_000, PAIRS)
    workloads.build_by_hera("random", 2)
    worst = (0.0, 0.0, 0.0, "")
    for shape in workloads.SHAPES:
        document = workloads.workflow_of(shape, nodes)
        graph = graph_of(document)
        ours, hera = compare(
            lambda graph=graph: emit_all(graph),  # type: ignore[misc]
            lambda shape=shape: workloads.build_by_hera(shape, nodes),  # type: ignore[misc]
            pairs,
        )
        whole, _ = compare(lambda document=document: compile_document(document), list, pairs)  # type: ignore[misc]
        tell(f"{shape} of {nodes}, the whole way, beside Hera", whole, hera)
        worst = max(worst, (tell(f"{shape} of {nodes} beside Hera", ours, hera), ours, hera, shape))
    if not smoke:
        ratio, ours, hera, shape = worst
        record(
            "compile_over_hera", ratio, "<= 0.1", "x", n=pairs, ours=ours, other=hera, note=f"worst: {shape}; {HOLDS}"
        )


HOLDS = "a tenth would be 7 µs a node, and to plan, bundle and encode one takes 30 (chain) to 90 (random)"
