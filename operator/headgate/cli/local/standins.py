"""The catalogue of a local Run: the objects of its files, with what stands in for a cluster's people, images, Secrets.

Policies are kept, but that one person answers for all whom they name. Node types are run by programs of this machine.
Credentials and models are kept, but that their values are those that a person gave. Pure; `command` asks.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from headgate.api.approvalpolicy import ApprovalPolicy, ApprovalPolicySpec, Stage, Unattributed
from headgate.api.common import Metadata, Resource
from headgate.api.credential import Credential, CredentialSpec
from headgate.api.model import Engine, External, Model, ModelSpec, SecretKey
from headgate.api.nodetype import NodeType, Trait
from headgate.cli.local.given import Given, Secret, Served
from headgate.cli.local.runtime import PROGRAM
from headgate.compiler.catalogue import StaticCatalogue, builtin
from headgate.names import API_VERSION

_KEY = "key"


@dataclass(frozen=True, slots=True)
class StandIns:
    """What a person brings in place of a cluster."""

    me: str
    """Whose votes they are."""
    runtime: Sequence[str]
    policies: Collection[str] = ()
    """Those that are asked under."""
    types: Collection[str] = ()
    """The node types that are used, without their versions."""
    commands: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Node type, without its version → what runs it."""
    given: Given = field(default_factory=Given)


def build_catalogue(objects: Iterable[Resource], stand_ins: StandIns) -> StaticCatalogue:
    there = {(one.kind, one.metadata.name or ""): one for one in [*builtin(), *objects]}
    for name in stand_ins.policies:
        policy = there.get(("ApprovalPolicy", name))
        spec = policy.spec if isinstance(policy, ApprovalPolicy) else None
        alone = _alone(spec, stand_ins.me)
        there["ApprovalPolicy", name] = ApprovalPolicy(**_head(name), kind="ApprovalPolicy", spec=alone)
    for name, secret in stand_ins.given.credentials.items():
        credential = there.get(("Credential", name))
        known = credential.spec if isinstance(credential, Credential) else None
        held = _held(name, secret, known, stand_ins.types)
        there["Credential", name] = Credential(**_head(name), kind="Credential", spec=held)
    for name, served in stand_ins.given.models.items():
        model = there.get(("Model", name))
        if answers := _served(name, served, model.spec if isinstance(model, Model) else None):
            there["Model", name] = Model(**_head(name), kind="Model", spec=answers)
    return StaticCatalogue([_run_by(one, stand_ins) for one in there.values()])


def build_secrets(given: Given) -> dict[str, Mapping[str, str]]:
    """The Secrets that these credentials and models name."""
    credentials = {_secret_of("credential", name): one.fields for name, one in given.credentials.items()}
    models = {_secret_of("model", name): {_KEY: one.key} for name, one in given.models.items() if one.key is not None}
    return {**credentials, **models}


def _secret_of(kind: str, name: str) -> str:
    return f"{kind}-{name}"


def _head(name: str) -> dict[str, Any]:
    return {"api_version": API_VERSION, "metadata": Metadata(name=name)}


def _alone(spec: ApprovalPolicySpec | None, me: str) -> ApprovalPolicySpec:
    """The time that people have, and what then, stay as they are."""
    stages = (Stage(name="you", users=(me,)),)
    if spec is None:
        return ApprovalPolicySpec(stages=stages, unattributed=Unattributed.ALLOW)
    nobody = {"exclude": (), "delegation": (), "escalate": None, "service_accounts": (), "notify": ()}
    return spec.model_copy(update={"stages": stages, "unattributed": Unattributed.ALLOW, **nobody})


def _held(name: str, secret: Secret, known: CredentialSpec | None, types: Collection[str]) -> CredentialSpec:
    """What a Credential of the files says of its use holds here too."""
    where = {"secret": _secret_of("credential", name), "fields": None, "sealed": None}
    if known is not None:
        return known.model_copy(update=where)
    return CredentialSpec(
        type=secret.type or "", secret=where["secret"], node_types=tuple(sorted(types)), hosts=secret.hosts
    )


def _served(name: str, served: Served, known: ModelSpec | None) -> ModelSpec | None:
    """None: nobody has said where it answers."""
    url = served.url or (known.external.url if known and known.external else None)
    if url is None:
        return None
    key = SecretKey(secret=_secret_of("model", name), key=_KEY) if served.key is not None else None
    model = served.model or (known.model if known else name)
    task = {"task": known.task} if known else {}
    return ModelSpec(engine=Engine.EXTERNAL, model=model, external=External(url=url, key=key), **task)


def _run_by(thing: Resource, stand_ins: StandIns) -> Resource:
    if not isinstance(thing, NodeType) or not thing.spec.command:
        return thing
    name = (thing.metadata.name or "").rpartition(".v")[0]
    program, *rest = thing.spec.command
    changed: dict[str, Any] = {}
    if name in stand_ins.commands:
        # A program that knows the protocol need not know how nodes share a pod.
        traits = tuple(trait for trait in thing.spec.traits if trait not in (Trait.INSTANT, Trait.LIGHT))
        changed = {"command": tuple(stand_ins.commands[name]), "traits": traits}
    elif program == PROGRAM:
        changed = {"command": (*stand_ins.runtime, *rest)}
    return thing.model_copy(update={"spec": thing.spec.model_copy(update=changed)})
