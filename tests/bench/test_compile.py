"""What it costs to check and compile a workflow, beside the least that anybody would pay, and beside Hera.

Ours is the whole way: from the document, as the API server gives it, over every check to the manifests of what a Run
creates first.
"""

import gc
import statistics
import time
from collections.abc import Callable
from typing import Any

import pytest

from headgate.api.workflow import Workflow
from headgate.compiler.catalogue import StaticCatalogue, builtin
from headgate.compiler.check import check
from headgate.compiler.emit import Context, Platform, emit
from headgate.compiler.known import Known
from headgate.compiler.parse import parse
from headgate.compiler.plan import plan
from headgate_lang import task
from support import workloads
from support.figures import record

PAIRS = 7
CATALOGUE = StaticCatalogue(builtin())
PLATFORM = Platform("core", ("node",), executor_account="executor")
RUN = task.Run("run", "default", "uid", "bench", "0" * 12, "2026-01-01T00:00:00Z")


def compile_document(document: dict[str, Any]) -> int:
    """How many pods come out of it."""
    model = parse(document).model
    assert isinstance(model, Workflow)
    checked = check(model.spec, CATALOGUE)
    assert not checked.has_errors
    graph = checked.graphs[None]
    legs = plan(graph, Known()).legs
    manifests = [emit(graph, leg, Context(RUN, n, Known(), PLATFORM)) for n, leg in enumerate(legs, 1)]
    return sum(len(manifest["spec"]["templates"]) - 1 for manifest in manifests)


def seconds(call: Callable[[], object]) -> float:
    """As `timeit` measures: without the collector, whose share depends on what else the process holds."""
    gc.collect()
    gc.disable()
    try:
        started = time.perf_counter()
        call()
        return time.perf_counter() - started
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
        record("compile_10k_over_floor", ratio, "<= 10", "x", n=pairs, ours=ours, other=floor, note=f"worst: {shape}")


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
    document = workloads.workflow_of("random", nodes)
    compile_document(document)
    workloads.build_by_hera("random", 2)
    ours, hera = compare(lambda: compile_document(document), lambda: workloads.build_by_hera("random", nodes), pairs)
    ratio = tell(f"{nodes} beside Hera", ours, hera)
    if not smoke:
        record("compile_over_hera", ratio, "<= 0.1", "x", n=pairs, ours=ours, other=hera, note="random, 1,000 nodes")
