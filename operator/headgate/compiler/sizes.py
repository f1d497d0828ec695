"""How large things may be, and about how large they will be. Asked by `bundle`, `legs` and `emit`.

The limits are those of Kubernetes and Argo, less a margin. Estimates err on the large side, but for texts of mostly
backslashes or quotes; the numbers in them were measured on emitted legs.
"""

from collections.abc import Collection, Iterable
from typing import Any

from headgate.compiler.graph import Node

KIB = 1024

MAX_LEG = 900 * KIB
"""An Argo Workflow with all that its status will hold; etcd takes 1 MiB, less what a request adds."""
MAX_PODS = 199
"""Argo 4 takes 200 templates, and the one that draws the graph is a template too."""
MAX_TEMPLATE = 124 * KIB
"""A pod's template with the documents that it is passed: Argo puts it into one environment variable of 128 KiB, or what
is larger into a ConfigMap, which it may not create."""
MAX_INPUTS = 32 * KIB
"""The inputs of a Run, in JSON: they stand in its status, and every pod is told those that it reads. Beside so many, a
pod's template has room for MAX_MEMBERS_BYTES."""
VARS = 16 * KIB
"""What is reckoned with for the constants of a workflow, in JSON, where no inputs are read: every pod is told them."""
MAX_MEMBERS_BYTES = 60 * KIB
"""What members may add to a task document, in JSON, if they share it. The rest is for what they read."""
MAX_MEMBERS = 100
"""Nodes that share a pod: they share its one process, and its end if it is killed."""
MAX_DOCUMENT = 64 * KIB
"""A document that travels inside Argo, if there is room for it."""
MIN_DOCUMENT = 4 * KIB
"""And for so large a document there is always room."""
ESCAPING = 1.5
"""What a document grows by inside a template: its quotes are escaped there."""

_POD = 2900
"""Its template, its task in the graph, its status and what the API server notes of it, without what follows."""
_EDGE = 400
"""What a pod reads of another one: how its nodes ended, and whether to go."""
_INSTANCE = 200
"""What the report says of an instance."""


def value_bytes(value: Any) -> int:
    """About the size of a value in JSON; `ascii` is several times as fast."""
    return len(ascii(value))


def member_bytes(node: Node) -> int:
    """What a node adds to its pod's task document, in JSON."""
    if node.size is None:
        written = (node.params, node.when, node.loop.items if node.loop else None)
        node.size = value_bytes(written) + 50 * len(node.needs) + 160
        node.size += value_bytes(node.rule) if node.rule is not None else 0
    return node.size


def least_bytes(node: Node, instances: int) -> int:
    """What so many instances of a node add to their leg at least, in whatever pods they are."""
    return _INSTANCE * instances + member_bytes(node) * 4 // 3 if instances else 0


def task_bytes(nodes: Iterable[Node]) -> int:
    """A task document in base64, without the inputs that it holds."""
    return (400 + sum(map(member_bytes, nodes))) * 4 // 3


def may_read(documents: int, nodes: Collection[Node]) -> bool:
    """Whether a pod's template has room for so many documents, each of MIN_DOCUMENT."""
    reads_inputs = any(node.inputs or node.rule is not None for node in nodes)
    told = task_bytes(nodes) + (MAX_INPUTS if reads_inputs else VARS) * 4 // 3
    return told + documents * MIN_DOCUMENT * ESCAPING <= MAX_TEMPLATE


def pod_bytes(nodes: Iterable[Node], instances: int, edges: int) -> int:
    """What a pod adds to its leg, without documents."""
    return _POD + _EDGE * edges + _INSTANCE * instances + task_bytes(nodes)


def report_limit(instances: int) -> int:
    return 4 * KIB + 2 * _INSTANCE * instances
