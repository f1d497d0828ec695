"""The task document: all that a pod is told. One environment variable, written by `emit`, read by the node runtime.

The pod reads documents from files, and writes what it has found out to files as well; the report is in `report`.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from headgate_lang import strict
from headgate_lang.fate import Outcome
from headgate_lang.report import End

VERSION = 1
MAX_ITEMS = 1000
VARIABLE = "HEADGATE_TASK"
"""The environment variable that holds it: base64 of JSON, so that nothing a user wrote can be read as a template."""

OUT = "/out"
"""The folder for what the pod writes. It outlives the process: whatever kills that, what was written is collected."""
IN = "/in"
"""The folder of what other pods of the leg wrote. A document is in the folder `LARGE` there, if it was too large."""
REPORT = "report"
ENDS = "ends"
LARGE = "large"
"""The folder, in `OUT`, for documents that are too large for Argo and go to the artifact store."""
CREDENTIALS = "/credentials"
"""The folder of credentials' values, a file a field: `NAME/FIELD`."""
MODELS = "/models"
"""The folder of the keys of models' endpoints, a file a model."""


class Prepare(StrEnum):
    """What a pod computes for something that starts later and elsewhere."""

    PARAMETERS = "Parameters"
    """Those of a gate or a child Run."""
    ITEMS = "Items"
    """Those of the child Runs of a loop: index → parameters."""
    LENGTH = "Length"
    """How long the list of a loop is."""


@dataclass(frozen=True, slots=True)
class Run:
    """What expressions read as `run`."""

    name: str
    namespace: str
    uid: str
    workflow: str
    revision: str
    started_at: str
    requester: str | None = None
    environment: str | None = None
    phase: str | None = None
    """How all else has ended; in `finally` only."""
    failed: tuple[str, ...] | None = None
    """The nodes that failed; in `finally` only."""


@dataclass(frozen=True, slots=True)
class Retry:
    """`limit` retries at most, after failures for these reasons; the delay grows by `factor` up to `cap`."""

    limit: int = 0
    reasons: tuple[str, ...] = ()
    delay: float = 1.0
    factor: float = 2.0
    cap: float = 60.0


NO_RETRY = Retry()


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How many items of a loop may fail: a count, or a percentage, rounded down."""

    count: int = 0
    percent: float | None = None

    def of(self, items: int) -> int:
        return self.count if self.percent is None else int(items * self.percent / 100)


NO_TOLERANCE = Tolerance()


@dataclass(frozen=True, slots=True)
class Loop:
    items: Any
    """The list, or the text of the expression that computes it."""
    parallelism: int
    """How many items may run at a time in this pod."""
    tolerate: Tolerance = NO_TOLERANCE
    only: tuple[int, ...] | None = None
    """The items that this pod runs; None: all of them, and the output is the loop's own."""


@dataclass(frozen=True, slots=True)
class Member:
    """An instance that this pod runs, or those items of a loop that it runs."""

    node: str
    use: str
    document: str
    """The file, in `OUT`, for its output: of items, an object by index."""
    limit: int
    """How many bytes that file may have at most."""
    is_read: bool = False
    """Whether anybody outside this pod reads it. If not, one beyond the limit is left out, and is no error."""
    needs: Mapping[str, Outcome] = field(default_factory=dict)
    when: str | None = None
    with_: Mapping[str, Any] = field(default_factory=dict)
    loop: Loop | None = None
    prepare: Prepare | None = None
    rule: str | None = None
    """Of a gate that is prepared: the expression by which its policy approves, to be evaluated beside what it shows."""
    timeout: float = 60.0
    retry: Retry = NO_RETRY
    on_error: str = "Fail"


@dataclass(frozen=True, slots=True)
class Items:
    """A loop whose items ended here and there: in the order of the list, they make its output."""

    length: int
    tolerate: Tolerance = NO_TOLERANCE
    on_error: str = "Fail"


@dataclass(frozen=True, slots=True)
class Source:
    """A node outside this pod that members need, and how they learn of it."""

    end: End | None = None
    """How it had ended before this leg."""
    ends: tuple[str, ...] = ()
    """Files in which other pods of this leg say how it ended."""
    documents: tuple[str, ...] = ()
    """Files with its output, for those who read it: of a loop, objects by index."""
    items: Items | None = None
    """Of a loop whose items are apart."""


@dataclass(frozen=True, slots=True)
class Follower:
    """A member of a later pod, and those of its needs that this pod, or another such member, decides about."""

    node: str
    needs: Mapping[str, Outcome] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Credential:
    """What a pod may know of a credential beside its values, which are files in `CREDENTIALS`."""

    type: str
    hosts: tuple[str, ...] = ()
    """Which hosts it may be sent to; none: those that the node knows."""


@dataclass(frozen=True, slots=True)
class Model:
    """Where a model is served, by OpenAI's API."""

    url: str
    name: str
    """What the endpoint calls it."""
    has_key: bool = False
    """Whether a file in `MODELS`, of the model's own name, holds a key for the endpoint."""
    in_cluster: bool = False
    """Whether the platform serves it: then it is reached although it is of the cluster."""


@dataclass(frozen=True, slots=True)
class Http:
    """Whom nodes may send requests to, and how much they may read (`headgate_node.http.settings` has the meaning)."""

    cluster_addresses: tuple[str, ...] = ()
    deny_addresses: tuple[str, ...] = ()
    deny_hosts: tuple[str, ...] = ()
    open_addresses: tuple[str, ...] = ()
    only_hosts: tuple[str, ...] = ()
    insecure_hosts: tuple[str, ...] = ()
    timeouts: Mapping[str, float] = field(default_factory=dict)
    """Phase → seconds."""
    max_body_bytes: int | None = None
    max_redirects: int | None = None


NO_RULES = Http()


@dataclass(frozen=True, slots=True)
class Task:
    version: int
    run: Run = field(metadata=strict.SHARED)
    members: tuple[Member, ...]
    """In topological order."""
    inputs: Mapping[str, Any] = field(default_factory=dict)
    """Those that members read."""
    vars: Mapping[str, Any] = field(default_factory=dict)
    schemas: Mapping[str, Any] = field(default_factory=dict)
    """Root of expressions (a node, `inputs`) → as much of its JSON Schema as says where a number is a double."""
    sources: Mapping[str, Source] = field(default_factory=dict)
    tells: tuple[str, ...] = ()
    """Nodes of this pod whose end other pods of the leg ask for: in `ENDS`."""
    go: Mapping[str, tuple[Follower, ...]] = field(default_factory=dict)
    """File, in `OUT`, → a later pod: `true` or `false` there says whether it can have anything to run."""
    credentials: Mapping[str, Credential] = field(default_factory=dict)
    """Those that members name."""
    models: Mapping[str, Model] = field(default_factory=dict)
    """Those that members name."""
    http: Http = NO_RULES
    parallelism: int | None = None
    """How many members and items may run at a time."""
    max_items: int = MAX_ITEMS
    """How long the list of a loop may be."""
    report_limit: int = 4096
    """How many bytes the report may have at most."""
    has_store: bool = False
    """Whether a document above its limit goes to `LARGE` in place of an error."""


_compact = json.JSONEncoder(separators=(",", ":")).encode


def encode(task: Task) -> str:
    """The value of the environment variable."""
    return base64.b64encode(_compact(strict.encode(task)).encode()).decode()


def decode(text: str) -> Task:
    """Read it back. Raises MalformedError."""
    try:
        document = json.loads(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError, RecursionError) as error:
        raise strict.MalformedError("", f"is not base64 of JSON: {error}") from None
    task = strict.decode(Task, document)
    if task.version != VERSION:
        raise strict.MalformedError("version", f"is {task.version}, and this runtime reads {VERSION}")
    return task


def idempotency_key(run: Run, instance: str) -> str:
    """What services are given to recognise a repeated call: the same for every attempt at an instance of a Run."""
    return f"{run.uid}/{instance}"
