"""What `emit` is told beside the graph and the leg: whose Run it is, what has ended, where documents lie, the platform.

The operator gathers it; nothing of it is looked up here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from headgate.compiler.known import Instance, Known
from headgate_lang.report import Error, Failure
from headgate_lang.task import MAX_ITEMS, NO_RULES, Http, Run


@dataclass(frozen=True, slots=True)
class Inline:
    """A small document that the operator has at hand, such as what people answered."""

    value: Any


@dataclass(frozen=True, slots=True)
class InSecret:
    """A document that the operator kept from an earlier leg."""

    name: str
    key: str


@dataclass(frozen=True, slots=True)
class InStore:
    """A document in the artifact store."""

    key: str


Document = Inline | InSecret | InStore


@dataclass(frozen=True, slots=True)
class Platform:
    """Settings of the installation."""

    runtime_image: str
    """For pods that only evaluate expressions."""
    runtime_command: tuple[str, ...]
    executor_account: str
    """The service account of Argo's own containers. The node's container has none of its token."""
    requests: Mapping[str, str] = field(default_factory=lambda: {"cpu": "50m", "memory": "128Mi"})
    """Of a pod that does not say its own."""
    limits: Mapping[str, str] = field(default_factory=lambda: {"cpu": "1", "memory": "512Mi"})
    scratch: str = "1Gi"
    """How much a pod may write."""
    gpu_resource: str = "nvidia.com/gpu"
    pull_secrets: tuple[str, ...] = ()
    shared_memory: str = "1Gi"
    """Of a pod with a GPU."""
    store_prefix: str | None = None
    """Where, in Argo's artifact repository, documents go that are too large for a Workflow; None: there is none."""


@dataclass(frozen=True, slots=True)
class Credential:
    """Where the values of a credential are, and what a pod may know of it."""

    type: str
    secret: str
    fields: Mapping[str, str]
    """Field → key in the Secret; empty: each key is the field of its name."""
    hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Model:
    """Where a model is served."""

    url: str
    name: str
    """What the endpoint calls it."""
    in_cluster: bool = False
    """It is served in this cluster."""
    secret: str | None = None
    """The Secret that holds a key for the endpoint."""
    key: str | None = None
    """Its place there."""


@dataclass(frozen=True, slots=True)
class Context:
    run: Run
    number: int
    """Of the leg, in this Run."""
    known: Known
    platform: Platform
    inputs: Mapping[str, Any] = field(default_factory=dict)
    vars: Mapping[str, Any] = field(default_factory=dict)
    documents: Mapping[Instance, Document] = field(default_factory=dict)
    """Where the outputs of earlier legs lie. Of an item of a loop it is an object by index, and one such document can
    hold all the items that ran in one pod."""
    errors: Mapping[str, Error] = field(default_factory=dict)
    """Node that failed → its error."""
    failed_items: Mapping[str, tuple[Failure, ...]] = field(default_factory=dict)
    """Loop → its items that failed."""
    schemas: Mapping[str, Any] = field(default_factory=dict)
    """Root of expressions (a node, `inputs`) → the JSON Schema of what is read there."""
    credentials: Mapping[str, Credential] = field(default_factory=dict)
    """Those that nodes of the leg name. One that is not here is not given to the pod, and the node says so."""
    models: Mapping[str, Model] = field(default_factory=dict)
    returned: frozenset[str] = frozenset()
    """Nodes whose outputs the Run gives back as they are: somebody reads them, though no node does."""
    http: Http = NO_RULES
    """Whom nodes of the namespace may send requests to."""
    max_items: int = MAX_ITEMS
    """How long the list of a loop may be."""
