"""What a pod of a leg is on this machine: a command, its files, and which of its files are collected. Pure.

The task document is the one that the operator emits, but for what a cluster gives in its own ways: credentials, and
whom a person lets their nodes reach.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from headgate.cli.local.leg import Leg
from headgate_lang import task
from headgate_lang.task import CREDENTIALS, MODELS, VARIABLE, Credential, Task


@dataclass(frozen=True, slots=True)
class Values:
    """A credential as a person gave it."""

    type: str
    fields: Mapping[str, str]
    hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Grants:
    """What nodes are given beside what the workflow says."""

    credentials: Mapping[str, Values] = field(default_factory=dict)
    model_keys: Mapping[str, str] = field(default_factory=dict)
    near_models: frozenset[str] = frozenset()
    """Models whose addresses a person named on this call: reached wherever they are, this machine included."""
    open_addresses: tuple[str, ...] = ()
    references: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Node type, as `http.v1` → its parameters that name a credential."""


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
"""Secret → key → text: what earlier legs left."""


def plan_pod(leg: Leg, position: int, secrets: Secrets, grants: Grants) -> PodPlan:
    template = leg.steps[position].template
    container = template["container"]
    (emitted,) = (one["value"] for one in container["env"] if one["name"] == VARIABLE)
    todo = _with_grants(task.decode(emitted), grants)
    outputs = template["outputs"]
    return PodPlan(
        command=tuple(container["command"]),
        task=task.encode(todo),
        files={**dict(leg.inputs_of(position)), **dict(_mounted(template, secrets)), **dict(_granted(todo, grants))},
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


def _mounted(template: Mapping[str, Any], secrets: Secrets) -> Iterator[tuple[str, str]]:
    mounts = {one["name"]: one["mountPath"] for one in template["container"]["volumeMounts"]}
    for volume in template.get("volumes", ()):
        for source in volume["projected"]["sources"]:
            held = secrets.get(source["secret"]["name"], {})
            for item in source["secret"]["items"]:
                if item["key"] in held:
                    yield f"{mounts[volume['name']]}/{item['path']}", held[item["key"]]


def _with_grants(todo: Task, grants: Grants) -> Task:
    """Each pod gets the credentials that its own members name, and no other."""
    named = {member.with_.get(name) for member in todo.members for name in grants.references.get(member.use, ())}
    credentials = {name: Credential(one.type, one.hosts) for name, one in grants.credentials.items() if name in named}
    models = {
        name: replace(one, has_key=name in grants.model_keys, in_cluster=one.in_cluster or name in grants.near_models)
        for name, one in todo.models.items()
    }
    http = replace(todo.http, open_addresses=(*todo.http.open_addresses, *grants.open_addresses))
    return replace(todo, credentials={**todo.credentials, **credentials}, models=models, http=http)


def _granted(todo: Task, grants: Grants) -> Iterator[tuple[str, str]]:
    for name in todo.credentials.keys() & grants.credentials.keys():
        fields = grants.credentials[name].fields
        yield from ((f"{CREDENTIALS}/{name}/{field}", value) for field, value in fields.items())
    for name in todo.models.keys() & grants.model_keys.keys():
        yield f"{MODELS}/{name}", grants.model_keys[name]
