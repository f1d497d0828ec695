"""What a pod of a leg is on this machine: a command, its files, and which of its files are collected. Pure.

The task document is the one that the operator emits, but that a model on this machine is as near as one in a cluster.
"""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from headgate.cli.local.leg import Leg
from headgate_lang import task
from headgate_lang.task import VARIABLE


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    path: str
    default: str


@dataclass(frozen=True, slots=True)
class Stored:
    """A document of the artifact store, and where it lies in the pod."""

    name: str
    path: str
    key: str


@dataclass(frozen=True, slots=True)
class PodPlan:
    command: tuple[str, ...]
    task: str
    """The value of HEADGATE_TASK."""
    files: Mapping[str, str]
    """Path in the pod → content."""
    fetched: tuple[Stored, ...]
    """What is there from the artifact store, as far as it was written."""
    parameters: tuple[Parameter, ...]
    kept: tuple[Stored, ...]
    """What goes to the artifact store, if it is written."""
    deadline: float


Secrets = Mapping[str, Mapping[str, str]]
"""Secret → key → text: what earlier legs left, and what a person gave."""


def plan_pod(leg: Leg, position: int, secrets: Secrets, near_models: Collection[str] = ()) -> PodPlan:
    """`near_models`: those whose addresses a person named, and that are reached wherever they are."""
    template = leg.steps[position].template
    container = template["container"]
    (emitted,) = (one["value"] for one in container["env"] if one["name"] == VARIABLE)
    outputs = template["outputs"]
    return PodPlan(
        command=tuple(container["command"]),
        task=_near(emitted, near_models),
        files={**dict(leg.inputs_of(position)), **dict(_mounted(template, secrets))},
        fetched=tuple(_stored(one) for one in template.get("inputs", {}).get("artifacts", ()) if "s3" in one),
        parameters=tuple(
            Parameter(one["name"], one["valueFrom"]["path"], one["valueFrom"]["default"])
            for one in outputs["parameters"]
        ),
        kept=tuple(_stored(one) for one in outputs.get("artifacts", ())),
        deadline=float(template["activeDeadlineSeconds"]),
    )


def _stored(artifact: Mapping[str, Any]) -> Stored:
    return Stored(artifact["name"], artifact["path"], artifact["s3"]["key"])


def _near(emitted: str, near_models: Collection[str]) -> str:
    todo = task.decode(emitted)
    if not todo.models.keys() & set(near_models):
        return emitted
    models = {name: replace(one, in_cluster=name in near_models) for name, one in todo.models.items()}
    return task.encode(replace(todo, models=models))


def _mounted(template: Mapping[str, Any], secrets: Secrets) -> Iterator[tuple[str, str]]:
    """Of the template, and of its patch, which has what only the node's own container sees."""
    patch = json.loads(template.get("podSpecPatch", "{}"))
    containers = [template["container"], *patch.get("containers", ())]
    paths = {mount["name"]: mount["mountPath"] for one in containers for mount in one.get("volumeMounts", ())}
    for volume in (*template.get("volumes", ()), *patch.get("volumes", ())):
        for source in _sources(volume):
            held = secrets.get(source.get("name") or source.get("secretName", ""), {})
            for item in source.get("items") or [{"key": key, "path": key} for key in held]:
                if item["key"] in held:
                    yield f"{paths[volume['name']]}/{item['path']}", held[item["key"]]


def _sources(volume: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if "secret" in volume:
        yield volume["secret"]
    yield from (one["secret"] for one in volume.get("projected", {}).get("sources", ()))
