"""Emitting in tests: a Run and a platform to emit for, and readers of what came out."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import yaml

from headgate.compiler.emit import Context, Platform, emit
from headgate.compiler.graph import Graph
from headgate.compiler.known import Known
from headgate.compiler.plan import plan
from headgate_lang import task
from headgate_lang.task import Run, Task
from support.graphs import CORE

PLATFORM = Platform(runtime_image=CORE, runtime_command=("headgate-node",), executor_account="headgate-executor")
RUN = Run(
    name="hello-7k2xp",
    namespace="docs",
    uid="5f0c2a9e-4c1f-4c57-9a35-0d7a2f6f1b11",
    workflow="hello",
    revision="9b1de77c02aa",
    started_at="2026-11-21T05:30:58Z",
    requester="ana@example.com",
)
CONTEXT = Context(run=RUN, number=1, known=Known(), platform=PLATFORM)

Manifest = dict[str, Any]


def emit_first(graph: Graph, context: Context = CONTEXT) -> Manifest:
    """The first leg that the planner makes now."""
    return emit(graph, plan(graph, context.known).legs[0], context)


def with_store(context: Context = CONTEXT) -> Context:
    return replace(context, platform=replace(context.platform, store_prefix="headgate"))


def template_of(manifest: Manifest, name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in manifest["spec"]["templates"] if one["name"] == name)
    return found


def steps_of(manifest: Manifest) -> Mapping[str, dict[str, Any]]:
    """The tasks of the graph that Argo sees, by name."""
    return {step["name"]: step for step in template_of(manifest, "leg")["dag"]["tasks"]}


def task_of(manifest: Manifest, name: str) -> Task:
    """The task document of a pod."""
    (variable,) = template_of(manifest, name)["container"]["env"]
    assert variable["name"] == task.VARIABLE
    return task.decode(variable["value"])


class _Dumper(yaml.SafeDumper):
    """Writes out what stands in several places, where it stands."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def as_yaml(*documents: Any) -> str:
    return yaml.dump_all(documents, Dumper=_Dumper, sort_keys=False, width=150, allow_unicode=True)
