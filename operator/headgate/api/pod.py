"""What a person may say about the pod of a node: where it runs and what it may use. Part of `Workflow`.

Nothing here gains rights: no service account, volume, environment, security context or container can be named. Values
are words of Kubernetes by their patterns, so that none of them can become a template of Argo.
"""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, StrictInt, StringConstraints
from pydantic.config import JsonDict

from headgate.api.common import OPEN, Duration, ObjectName, Shape

LABEL_KEY = r"^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$"
LABEL_VALUE = r"^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$"
QUANTITY = r"^[0-9]+(\.[0-9]+)?(m|k|[KMGTPE]i|[MGTPE])?$"

LabelKey = Annotated[str, StringConstraints(max_length=317, pattern=LABEL_KEY)]
LabelValue = Annotated[str, StringConstraints(max_length=63, pattern=LABEL_VALUE)]
Quantity = Annotated[
    Annotated[StrictInt, Field(ge=0)] | Annotated[str, StringConstraints(max_length=32, pattern=QUANTITY)],
    Field(json_schema_extra={"x-kubernetes-int-or-string": True}),
]


class Resources(Shape):
    """As in a pod."""

    requests: Annotated[dict[LabelKey, Quantity], Field(max_length=16)] = Field(default_factory=dict)
    """What the scheduler sets aside: `cpu`, `memory`, `ephemeral-storage`, or an extended resource."""
    limits: Annotated[dict[LabelKey, Quantity], Field(max_length=16)] = Field(default_factory=dict)
    """What the pod may use at most."""


class TolerationOperator(StrEnum):
    EXISTS = "Exists"
    EQUAL = "Equal"


class TaintEffect(StrEnum):
    NO_SCHEDULE = "NoSchedule"
    PREFER_NO_SCHEDULE = "PreferNoSchedule"
    NO_EXECUTE = "NoExecute"


class Toleration(Shape):
    """As in a pod."""

    key: LabelKey | None = None
    """The taint's key; absent with the operator Exists: every taint."""
    operator: TolerationOperator | None = None
    """Equal (as Kubernetes assumes), or Exists."""
    value: LabelValue | None = None
    """The taint's value, with the operator Equal."""
    effect: TaintEffect | None = None
    """The taint's effect; absent: every effect."""
    toleration_seconds: Annotated[StrictInt, Field(ge=-1, le=2**53)] | None = None
    """How long a taint NoExecute is tolerated."""


class SelectorOperator(StrEnum):
    IN = "In"
    NOT_IN = "NotIn"
    EXISTS = "Exists"
    DOES_NOT_EXIST = "DoesNotExist"
    GT = "Gt"
    LT = "Lt"


class Requirement(Shape):
    key: LabelKey
    operator: SelectorOperator
    values: Annotated[tuple[LabelValue, ...], Field(max_length=64)] = ()


class NodeTerm(Shape):
    match_expressions: Annotated[tuple[Requirement, ...], Field(max_length=16)] = ()
    match_fields: Annotated[tuple[Requirement, ...], Field(max_length=16)] = ()


Weight = Annotated[StrictInt, Field(ge=1, le=100)]


class PreferredNodeTerm(Shape):
    weight: Weight
    preference: NodeTerm


class NodeSelectorTerms(Shape):
    node_selector_terms: Annotated[tuple[NodeTerm, ...], Field(max_length=16)]


REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"


class NodeAffinity(Shape):
    required: NodeSelectorTerms | None = Field(None, alias=REQUIRED)
    preferred: Annotated[tuple[PreferredNodeTerm, ...], Field(max_length=16)] = Field((), alias=PREFERRED)


class LabelSelector(Shape):
    match_labels: Annotated[dict[LabelKey, LabelValue], Field(max_length=16)] = Field(default_factory=dict)
    match_expressions: Annotated[tuple[Requirement, ...], Field(max_length=16)] = ()


class PodTerm(Shape):
    """Pods of the same namespace: another's are nobody's business here."""

    label_selector: LabelSelector
    topology_key: LabelKey


class PreferredPodTerm(Shape):
    weight: Weight
    pod_affinity_term: PodTerm


class PodAffinity(Shape):
    required: Annotated[tuple[PodTerm, ...], Field(max_length=16)] = Field((), alias=REQUIRED)
    preferred: Annotated[tuple[PreferredPodTerm, ...], Field(max_length=16)] = Field((), alias=PREFERRED)


class Affinity(Shape):
    """As in a pod, without the selection of other namespaces."""

    node_affinity: NodeAffinity | None = None
    pod_affinity: PodAffinity | None = None
    pod_anti_affinity: PodAffinity | None = None


def _open_object(schema: JsonDict) -> None:
    """Affinity is 20 KB of schema that the compiler checks as well: the CRD only keeps it."""
    schema.clear()
    schema.update({"type": "object", **OPEN})


class Pod(Shape):
    """What a node's pod asks of the cluster. A node with `resources` or `gpu` has a pod of its own."""

    resources: Resources | None = None
    """CPU, memory and other resources, as in a pod."""
    gpu: Annotated[StrictInt, Field(ge=1, le=64)] | None = None
    """How many GPUs; which resource that is, the platform knows."""
    node_selector: Annotated[dict[LabelKey, LabelValue], Field(max_length=32)] = Field(default_factory=dict)
    """Labels that a cluster node must have."""
    tolerations: Annotated[tuple[Toleration, ...], Field(max_length=32)] = ()
    """Taints that the pod tolerates."""
    affinity: Annotated[Affinity | None, Field(json_schema_extra=_open_object)] = None
    """Affinity to cluster nodes and pods, as in a pod."""
    priority: ObjectName | None = None
    """The PriorityClass."""
    queue: ObjectName | None = None
    """The LocalQueue of Kueue that admits the pod."""
    runtime_class: ObjectName | None = None
    """The RuntimeClass, such as a sandbox."""
    pending_timeout: Duration | None = None
    """How long the pod may wait to be scheduled; another thing than the node's timeout."""
