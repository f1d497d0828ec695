"""Random workflows for whole Runs: the random graphs of the planner's tests, written as a person would write them."""

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from headgate.api.common import Resource
from headgate.api.nodetype import Trait
from headgate.api.workflow import OnError, Workflow
from headgate.compiler.graph import Graph, Node, Role
from headgate_lang.fate import Outcome
from support.graphs import Shape, graphs

AFTER = {
    Outcome.SUCCEEDED: "Succeeded",
    Outcome.NOT_FAILED: "NotFailed",
    Outcome.FAILED: "Failed",
    Outcome.NOT_OMITTED: "Ended",
    Outcome.ENDED: "Ended",
}
SHAPE = Shape(nodes=7, credentials=False)


def workflows(shape: Shape = SHAPE) -> st.SearchStrategy[Workflow]:
    return graphs(shape).map(written)


def written(graph: Graph) -> Workflow:
    nodes = [_node(node) for node in graph if not node.final and node.role is not Role.RENDER]
    final = [_final(node) for node in graph if node.final]
    spec: dict[str, Any] = {"nodes": nodes, "inputs": {"many": {"type": "array", "default": [1, 2, 3]}}}
    if final:
        spec["finally"] = final
    render = next((node for node in graph if node.role is Role.RENDER), None)
    if render is not None:
        reads = [name for name in render.needs if not graph[name].final]
        spec["outputs"] = {name: _optional(graph[name]) for name in reads} or {"x": "${size(inputs.many) + 1}"}
    document = {
        "apiVersion": "headgate.dev/v1alpha1",
        "kind": "Workflow",
        "metadata": {"name": "example"},
        "spec": {**spec, "defaults": {"timeout": "30s"}, "execution": {"timeout": "1h"}},
    }
    return Workflow.model_validate(document)


def _optional(node: Node) -> str:
    field = "outputs" if node.loop is not None else "values" if node.role is Role.GATE else "value"
    return f"${{{node.name}.?{field}.orValue('none')}}" if node.role is not Role.CHILD else "${size(inputs.many)}"


def _node(node: Node) -> dict[str, Any]:
    after = {name: AFTER[accepted] for name, accepted in node.needs.items()}
    said: dict[str, Any] = {"name": node.name, "use": use_of(node), **({"after": after} if after else {})}
    said["with"] = _with(node)
    if node.role is not Role.GATE or node.on_error is OnError.CONTINUE:
        said["onError"] = str(node.on_error)
    if node.loop is not None:
        tolerate: Any = node.loop.tolerate.count
        if node.loop.tolerate.percent is not None:
            tolerate = f"{int(node.loop.tolerate.percent)}%"
        items = "${inputs.many}" if isinstance(node.loop.items, str) else node.loop.items
        said["forEach"] = {"in": items, "parallelism": node.loop.parallelism, "tolerate": tolerate}
    return said


def _final(node: Node) -> dict[str, Any]:
    return {"name": node.name, "use": use_of(node), "with": {"value": "${run.phase}"}}


def use_of(node: Node) -> str:
    if node.role is Role.GATE:
        return "approval"
    if node.role is Role.CHILD:
        return "workflow/other"
    if Trait.INSTANT in node.traits:
        return "calc"
    return "call" if Trait.LIGHT in node.traits else "code" if Trait.USER_CODE in node.traits else "heavy"


def _with(node: Node) -> Mapping[str, Any]:
    if node.role is Role.GATE:
        message = "${'Is ' + string(size(inputs.many)) + ' fine?'}" if node.prepares else "Is ${inputs.many[0]} fine?"
        return {"policy": "release", "message": message}
    if node.role is Role.CHILD:
        return {"about": "${string(size(inputs.many))}" if node.prepares else "all"}
    return {"value": 1}


def other() -> Resource:
    """The workflow that the others use."""
    node = {"name": "inner", "use": "heavy", "with": {"value": "${inputs.about}"}}
    spec = {"inputs": {"about": {"type": "string"}}, "nodes": [node], "outputs": {"value": "${inner.value}"}}
    head = {"apiVersion": "headgate.dev/v1alpha1", "kind": "Workflow", "metadata": {"name": "other"}}
    return Workflow.model_validate({**head, "spec": spec})
