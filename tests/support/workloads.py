"""Workflows of any size for benchmarks: a chain, a wide fan, a random graph; the same as plain tasks, and for Hera."""

import json
import random
from collections import deque
from typing import Any

SHAPES = ("chain", "wide", "random")


def edges_of(shape: str, nodes: int) -> list[list[int]]:
    """For each node, the earlier ones that it reads."""
    dice = random.Random(nodes)
    match shape:
        case "chain":
            return [[i - 1] if i else [] for i in range(nodes)]
        case "wide":
            return [[0] if i else [] for i in range(nodes)]
        case _:
            return [sorted(dice.sample(range(i), min(i, dice.randint(0, 3)))) for i in range(nodes)]


def workflow_of(shape: str, nodes: int) -> dict[str, Any]:
    """As the API server gives it: each node joins what it reads into a text. Outputs read the first leaves, the others
    are logged: nothing is made that nobody reads, for that would be a warning each."""
    edges = edges_of(shape, nodes)
    read = {need for needs in edges for need in needs}
    leaves = [i for i in range(nodes) if i not in read]
    logged = set(leaves[100:])
    written = []
    for i, needs in enumerate(edges):
        text = " ".join([f"${{n{need}.text}}" for need in needs]) or "hello"
        use, parameter = ("log", "message") if i in logged else ("set", "text")
        written.append({"name": f"n{i}", "use": use, "with": {parameter: text}})
    return {
        "apiVersion": "headgate.dev/v1alpha1",
        "kind": "Workflow",
        "metadata": {"name": f"{shape}-{nodes}"},
        "spec": {"nodes": written, "outputs": {f"o{i}": f"${{n{i}.text}}" for i in leaves[:100]}},
    }


def tasks_of(shape: str, nodes: int) -> list[dict[str, Any]]:
    """The same as Argo's tasks, as little as they can be."""
    return [
        {
            "name": f"n{i}",
            "template": "set",
            "dependencies": [f"n{need}" for need in needs],
            "arguments": {"parameters": [{"name": "text", "value": "".join([f"{{{{n{need}}}}}" for need in needs])}]},
        }
        for i, needs in enumerate(edges_of(shape, nodes))
    ]


def sort_and_dump(tasks: list[dict[str, Any]]) -> str:
    """The floor: nobody compiles a graph without putting it in order and writing it down."""
    waiting = {task["name"]: len(task["dependencies"]) for task in tasks}
    by_name = {task["name"]: task for task in tasks}
    dependents: dict[str, list[str]] = {name: [] for name in waiting}
    for task in tasks:
        for need in task["dependencies"]:
            dependents[need].append(task["name"])
    ready = deque(name for name, count in waiting.items() if not count)
    ordered = []
    while ready:
        name = ready.popleft()
        ordered.append(by_name[name])
        for dependent in dependents[name]:
            waiting[dependent] -= 1
            if not waiting[dependent]:
                ready.append(dependent)
    return json.dumps(ordered)


def build_by_hera(shape: str, nodes: int) -> dict[str, Any]:
    """The same as Hera's users write it: a task a node, which is passed what the others gave."""
    from hera.workflows import DAG, Container, Parameter, Task, Workflow

    with Workflow(name="bench", entrypoint="leg") as workflow:
        template = Container(name="set", image="core", command=["node"], inputs=[Parameter(name="text")])
        with DAG(name="leg"):
            made: list[Any] = []
            for needs in edges_of(shape, nodes):
                name = f"n{len(made)}"
                depends = " && ".join([f"n{need}" for need in needs]) or None
                text = " ".join([made[need].result for need in needs]) or "hello"
                made.append(Task(name=name, template=template, depends=depends, arguments={"text": text}))
    built: dict[str, Any] = workflow.to_dict()
    return built
