"""The runtime agrees with the naive interpreter of the language: whole random graphs, each in one pod.

The nodes are the real ones of `pod_nodes`; `when`, failures and lists are as the script says.
"""

import asyncio
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from headgate.api.workflow import OnError
from headgate.compiler.graph import Graph, Node, Role
from headgate.compiler.known import Instance, Known, Settled
from headgate.compiler.plan import plan
from headgate_lang.fate import Outcome
from headgate_lang.report import Entry
from headgate_lang.task import Loop, Member
from headgate_node.runtime.folders import Folders
from headgate_node.runtime.secrets import Secrets
from headgate_node.runtime.worker import work
from support.bundles import NODES, Ran, member, task_of
from support.graphs import Shape, graphs
from support.interpreter import Interpreter, Script

SHAPE = Shape(nodes=10, gates=False, children=False, final=False, outputs=False, credentials=False)


@st.composite
def scripted(draw: st.DrawFn) -> tuple[Graph, Mapping[str, Script]]:
    graph = draw(graphs(SHAPE))
    scripts = {}
    for node in graph:
        items = node.loop.items if node.loop else []
        length = len(items) if isinstance(items, list) else 3
        bits = draw(st.integers(0, 2 ** (length + 3) - 1))
        good = tuple(bool(bits >> (3 + index) & 1) for index in range(length))
        is_lost = node.loop is not None and good.count(False) > node.loop.tolerate.of(length)
        succeeds = not is_lost if node.loop else bool(bits & 4)
        scripts[node.name] = Script(when=bits & 3 != 0, succeeds=succeeds, items=good)
    nodes = [replace(node, when="asked" if int(node.name[1:]) % 2 else None) for node in graph]
    return Graph(tuple(nodes)), scripts


def member_of(node: Node, script: Script) -> Member:
    """The node as a member: every loop whole, in one place."""
    if node.loop is None:
        with_: dict[str, Any] = {"times": 0 if script.succeeds else 9}
        loop = None
    else:
        with_ = {"times": "${item}"}
        loop = Loop([0 if good else 9 for good in script.items], node.loop.parallelism, node.loop.tolerate)
    more: dict[str, Any] = {"when": "${inputs.yes}" if script.when else "${inputs.no}"} if node.when else {}
    return member(node.name, "flaky", needs=node.needs, with_=with_, loop=loop, on_error=node.on_error.value, **more)


def carry_out(graph: Graph, scripts: Mapping[str, Script], folder: Path) -> Mapping[str, Entry]:
    todo = task_of(*(member_of(node, scripts[node.name]) for node in graph), inputs={"yes": True, "no": False})
    ran = Ran(folder, todo)
    (folder / "out").mkdir()
    asyncio.run(work(todo, NODES, Folders(str(folder)), Secrets({}, {}), ran.lines.append))
    return ran.report


def settled_by_planner(graph: Graph, entries: Mapping[str, Entry]) -> Mapping[Instance, Settled]:
    """What the planner makes of the reports of those that ran: it derives the rest, by itself."""
    ran = {
        Instance(name): Settled(Outcome[entry.phase.name], entry.reason)
        for name, entry in entries.items()
        if entry.started_at is not None or entry.reason == "WhenFalse"
    }
    return {**ran, **plan(graph, Known(ran)).settled}


def is_asked(graph: Graph, entries: Mapping[str, Entry]) -> set[str]:
    """Those that fail, and whose failure people are asked about first."""
    return {name for name, entry in entries.items() if entry.phase == "Failed" and graph[name].on_error is OnError.ASK}


@given(scripted())
def test_runtime_planner_and_oracle_agree_on_outcomes_and_reasons(case: tuple[Graph, Mapping[str, Script]]) -> None:
    graph, scripts = case
    expected = Interpreter(graph, scripts).run()
    with tempfile.TemporaryDirectory() as folder:
        entries = carry_out(graph, scripts, Path(folder))
    asked = frozenset(is_asked(graph, entries))
    open_ = asked | graph.after(asked)
    assert entries.keys() | open_ == {node.name for node in graph if node.role is Role.WORK}
    planned = settled_by_planner(graph, entries)
    for name, entry in entries.items():
        assert Outcome[entry.phase.name] is expected[name], name
        if name not in open_:
            end = planned[Instance(name)]
            assert (end.outcome.name, end.reason, end.cause) == (entry.phase.name, entry.reason, entry.cause), name


@given(scripted())
def test_of_what_is_open_nothing_is_told(case: tuple[Graph, Mapping[str, Script]]) -> None:
    graph, scripts = case
    with tempfile.TemporaryDirectory() as folder:
        entries = carry_out(graph, scripts, Path(folder))
    assert not graph.after(frozenset(is_asked(graph, entries))) & entries.keys()
