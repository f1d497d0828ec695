"""The catalogue of a local Run: the objects of its files, with what stands in for a cluster's people and images.

Policies are kept, but that one person answers for all whom they name. Node types are run by programs of this machine.
Pure; `preparing` asks.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from headgate.api.approvalpolicy import ApprovalPolicy, ApprovalPolicySpec, Stage, Unattributed
from headgate.api.common import Metadata, Resource
from headgate.api.model import Engine, External, Model, ModelSpec
from headgate.api.nodetype import NodeType, Trait
from headgate.cli.local.given import Served
from headgate.cli.local.runtime import PROGRAM
from headgate.compiler.catalogue import StaticCatalogue, builtin
from headgate.names import API_VERSION


def build_catalogue(
    objects: Iterable[Resource],
    *,
    me: str,
    policies: Iterable[str],
    models: Mapping[str, Served],
    runtime: Sequence[str],
    commands: Mapping[str, Sequence[str]],
) -> StaticCatalogue:
    """`policies`: those that are asked under. `commands`: node type, without its version → what runs it."""
    given = {(one.kind, one.metadata.name or ""): one for one in [*builtin(), *objects]}
    for name in policies:
        key = ("ApprovalPolicy", name)
        written = given.get(key)
        spec = written.spec if isinstance(written, ApprovalPolicy) else None
        given[key] = ApprovalPolicy(**_head(name), kind="ApprovalPolicy", spec=_alone(spec, me))
    for name, served in models.items():
        key = ("Model", name)
        known = given.get(key)
        if served.url is not None:
            model = _served(name, served, known.spec if isinstance(known, Model) else None)
            given[key] = Model(**_head(name), kind="Model", spec=model)
    return StaticCatalogue([_run_by(one, runtime, commands) for one in given.values()])


def _head(name: str) -> dict[str, Any]:
    return {"api_version": API_VERSION, "metadata": Metadata(name=name)}


def _alone(spec: ApprovalPolicySpec | None, me: str) -> ApprovalPolicySpec:
    """The time that people have, and what then, stay as they are."""
    stages = (Stage(name="you", users=(me,)),)
    if spec is None:
        return ApprovalPolicySpec(stages=stages, unattributed=Unattributed.ALLOW)
    nobody = {"exclude": (), "delegation": (), "escalate": None, "service_accounts": ()}
    return spec.model_copy(update={"stages": stages, "unattributed": Unattributed.ALLOW, **nobody})


def _served(name: str, served: Served, known: ModelSpec | None) -> ModelSpec:
    model = served.model or (known.model if known else name)
    task = {"task": known.task} if known else {}
    return ModelSpec(engine=Engine.EXTERNAL, model=model, external=External(url=served.url or ""), **task)


def _run_by(thing: Resource, runtime: Sequence[str], commands: Mapping[str, Sequence[str]]) -> Resource:
    if not isinstance(thing, NodeType) or not thing.spec.command:
        return thing
    name = (thing.metadata.name or "").rpartition(".v")[0]
    program, *rest = thing.spec.command
    changed: dict[str, Any] = {}
    if name in commands:
        # A program that knows the protocol need not know how nodes share a pod.
        traits = tuple(trait for trait in thing.spec.traits if trait not in (Trait.INSTANT, Trait.LIGHT))
        changed = {"command": tuple(commands[name]), "traits": traits}
    elif program == PROGRAM:
        changed = {"command": (*runtime, *rest)}
    return thing.model_copy(update={"spec": thing.spec.model_copy(update=changed)})
