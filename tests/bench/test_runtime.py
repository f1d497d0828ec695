"""What the runtime costs, beside a node, before the first one and for each item of a loop; how many nodes there are.

The best of several runs is what counts, as in `timeit`: whatever else the machine does can only make it worse.
"""

import asyncio
import statistics
import time
from typing import Any

import yaml

from headgate_lang.fate import Outcome
from headgate_lang.task import Loop, Member, Task
from headgate_node.lookup import find_node
from headgate_node.testing import run_node
from support.bundles import NODES, REPOSITORY, Pods, member, task_of
from support.figures import record

ITEMS = 1000


def build_chain(length: int) -> Task:
    """Each node reads the one before it: what a bundle of light nodes mostly is."""
    members: list[Member] = []
    for position in range(length):
        needs = {f"n{position - 1}": Outcome.SUCCEEDED} if position else {}
        given: Any = {"text": f"${{n{position - 1}.text}}" if position else "hello", "number": position}
        members.append(member(f"n{position}", needs=needs, with_=given))
    return task_of(*members, report_limit=10_000_000)


def seconds_of(call: Any) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def test_what_the_runtime_adds_to_a_light_node(pods: Pods, smoke: bool) -> None:
    length, times = (5, 1) if smoke else (100, 9)
    chain, node = build_chain(length), find_node(NODES, "echo")

    async def alone() -> None:
        for position in range(length):
            await run_node(node, {"text": "hello", "number": position})

    pods.run(chain)
    whole = min(seconds_of(lambda: pods.run(chain)) for _ in range(times))
    bare = min(seconds_of(lambda: asyncio.run(alone())) for _ in range(times))
    added = (whole - bare) / length * 1000
    print(f"{whole / length * 1000:.2f} ms a node in a bundle of {length}, {bare / length * 1000:.2f} ms called alone")
    if not smoke:
        record("node_overhead_ms", added, "<= 2", "ms", n=times, note=f"chain of {length} nodes in one pod")


def test_how_soon_the_first_node_runs(pods: Pods, smoke: bool) -> None:
    """From the start of the process, with what Python has compiled before, as in an image."""
    times = 1 if smoke else 15
    todo = task_of(member("a", "stamp"))
    pods.run_process(todo)

    def start() -> float:
        started = time.monotonic()
        moment: float = pods.run_process(todo).output("a")["moment"]
        return (moment - started) * 1000

    taken = [start() for _ in range(times)]
    print(f"from {min(taken):.0f} to {max(taken):.0f} ms, median {statistics.median(taken):.0f} ms")
    if not smoke:
        record("core_start_ms", min(taken), "<= 400", "ms", n=times, note="process to first node")


def test_how_many_items_of_a_loop_run_in_a_second(pods: Pods, smoke: bool) -> None:
    items, times = (10, 1) if smoke else (ITEMS, 7)
    given = {"url": "${'https://crm.example/customers/' + string(item.id)}", "place": "${index}"}
    loop = Loop("${inputs.list}", 10)
    todo = task_of(member("a", with_=given, loop=loop), inputs={"list": [{"id": index} for index in range(items)]})
    taken = []
    for _ in range(times):
        ran = pods.run_process(todo)
        last = {"url": f"https://crm.example/customers/{items - 1}", "place": items - 1}
        assert ran.output("a")["outputs"][-1] == last
        taken.append(ran.entry("a").seconds or 0.001)
    rate = items / min(taken)
    print(f"{rate:,.0f} items a second, at the median {items / statistics.median(taken):,.0f}")
    if not smoke:
        record("foreach_items_per_s", rate, ">= 2000", "/s", n=times, note=f"{items} items, one computed expression")


def test_how_many_node_types_there_are(smoke: bool) -> None:
    text = (REPOSITORY / "charts/headgate/files/nodetypes.yaml").read_text(encoding="utf-8")
    names = [document["metadata"]["name"] for document in yaml.safe_load_all(text)]
    assert len(names) == len(set(names))
    print(f"{len(names)} node types: {', '.join(names)}")
    if not smoke:
        record("node_types", len(names), ">= 30", "types", note="generated from node files")
