"""Random workflows whose nodes do as a script says, written as a person would: for an oracle that knows the script."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from headgate.api.approvalrequest import MaySkip
from headgate.api.common import Resource
from headgate.api.workflow import OnError, Workflow
from headgate.cli.local.answers import Vote
from headgate.compiler.graph import Graph, Node, Role
from headgate.lifecycle.approvals.recovery import may_skip_after
from headgate_lang.fate import Outcome
from support.graphs import Shape, graphs
from support.interpreter import Script
from support.random_workflows import AFTER, use_of

Story = tuple[Graph, Mapping[str, Script]]
SHAPE = Shape(nodes=7, credentials=False)
_HEAD = {"apiVersion": "headgate.dev/v1alpha1", "kind": "Workflow"}
_ANSWERS = (None, Outcome.SUCCEEDED, Outcome.SKIPPED, Outcome.FAILED)


@st.composite
def stories(draw: st.DrawFn, shape: Shape = SHAPE) -> Story:
    graph = draw(graphs(shape))
    return graph, {node.name: _script(node, draw(st.integers(0, 2**40))) for node in graph}


def _script(node: Node, number: int) -> Script:
    number, is_skipped = divmod(number, 6)
    number, is_bad = divmod(number, 3)
    number, answer = divmod(number, len(_ANSWERS))
    items: tuple[bool, ...] = ()
    if node.loop is not None:
        length = len(node.loop.items) if isinstance(node.loop.items, list) else number % 5
        items = tuple(number >> 8 + 2 * i & 3 != 0 for i in range(length))
        is_bad = int(items.count(False) <= node.loop.tolerate.of(length))  # a loop is as good as its items
    return Script(
        when=is_skipped != 0 or node.final,
        succeeds=is_bad != 0 or node.final,
        items=items,
        answer=_ANSWERS[answer] if node.on_error is OnError.ASK else None,
    )


def write(story: Story) -> Workflow:
    graph, scripts = story
    inputs: dict[str, Any] = {"never": {"type": "boolean", "default": False}}
    spec: dict[str, Any] = {"inputs": inputs, "nodes": [], "execution": {"timeout": "1h"}}
    for node in graph:
        if node.role is Role.RENDER:
            continue
        if node.loop is not None and isinstance(node.loop.items, str):
            schema = {"type": "array", "items": {"type": "boolean"}}
            inputs[_list_of(node)] = {**schema, "default": list(scripts[node.name].items)}
        if node.final:
            spec.setdefault("finally", []).append(_final(node))
        else:
            spec["nodes"].append(_node(node, scripts[node.name]))
    return Workflow.model_validate({**_HEAD, "metadata": {"name": "example"}, "spec": spec})


def other() -> Resource:
    """The workflow that the others use."""
    node = {"name": "inner", "use": "heavy", "with": {"good": "${inputs.good}"}}
    spec = {"inputs": {"good": {"type": "boolean"}}, "nodes": [node], "outputs": {"value": "${inner.value}"}}
    return Workflow.model_validate({**_HEAD, "metadata": {"name": "other"}, "spec": spec})


def as_allowed(graph: Graph, scripts: Mapping[str, Script]) -> Mapping[str, Script]:
    """The same, where people answer for failures what they may. A vote for anything else would wait for ever."""
    return {name: replace(script, answer=_allowed(graph, name, script.answer)) for name, script in scripts.items()}


def _allowed(graph: Graph, name: str, answer: Outcome | None) -> Outcome | None:
    if answer in (None, Outcome.FAILED):
        return answer
    allowed = {
        MaySkip.NEVER: Outcome.FAILED,
        MaySkip.WITH_OUTPUT: Outcome.SUCCEEDED,
        MaySkip.WITHOUT_OUTPUT: Outcome.SKIPPED,
    }
    return allowed.get(may_skip_after(graph, graph[name]), answer)


def votes(story: Story) -> dict[str, Vote]:
    """What people say: of gates, and of failures."""
    graph, scripts = story
    return {node.name: _vote(node, scripts[node.name]) for node in graph}


def _vote(node: Node, script: Script) -> Vote:
    if node.role is Role.GATE:
        return {"verdict": "Approve"} if script.succeeds else {"verdict": "Reject", "reason": "no"}
    if script.answer is Outcome.SUCCEEDED:
        return {"verdict": "Skip", "values": {"value": "given"}}
    return {"verdict": "Skip" if script.answer is Outcome.SKIPPED else "Stop"}


def _list_of(node: Node) -> str:
    return f"list_{node.name}"


def _node(node: Node, script: Script) -> dict[str, Any]:
    said: dict[str, Any] = {"name": node.name, "use": use_of(node), "with": _with(node, script)}
    if node.needs:
        said["after"] = {name: AFTER[accepted] for name, accepted in node.needs.items()}
    if not script.when:
        said["when"] = "${inputs.never}"
    if node.role is not Role.GATE or node.on_error is OnError.CONTINUE:
        said["onError"] = str(node.on_error)
    if node.loop is not None:
        percent = node.loop.tolerate.percent
        tolerate: Any = node.loop.tolerate.count if percent is None else f"{int(percent)}%"
        items = f"${{inputs.{_list_of(node)}}}" if isinstance(node.loop.items, str) else list(script.items)
        said["forEach"] = {"in": items, "parallelism": node.loop.parallelism, "tolerate": tolerate}
    return said


def _final(node: Node) -> dict[str, Any]:
    return {"name": node.name, "use": use_of(node), "with": {"good": "${run.phase != ''}"}}


def _with(node: Node, script: Script) -> Mapping[str, Any]:
    if node.role is Role.GATE:
        message = "${'Is it ' + string(inputs.never) + '?'}" if node.prepares else "Is it ${inputs.never}?"
        return {"policy": "release", "message": message}
    if node.loop is not None:
        return {"good": "${item}"}
    if node.prepares:
        return {"good": "${!inputs.never}" if script.succeeds else "${inputs.never && true}"}
    return {"good": script.succeeds}
