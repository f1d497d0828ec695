"""Where a pod runs and what it may use: what its node asks for, over what the platform gives."""

import json
from typing import Any

from headgate.api.nodetype import Trait
from headgate.compiler.emit.context import Platform
from headgate.compiler.graph import Node

_FIELDS = {"node_selector", "tolerations", "affinity"}
_QUEUE = "kueue.x-k8s.io/queue-name"


def count_gpus(node: Node | None) -> int:
    """A type that needs a GPU gets one without asking."""
    if node is None:
        return 0
    return (node.pod and node.pod.gpu) or int(Trait.GPU in node.traits)


def build_resources(node: Node | None, platform: Platform) -> dict[str, Any]:
    """What a node says of a resource replaces what the platform says of it. It is bounded in any case."""
    requests, limits = dict(platform.requests), dict(platform.limits)
    if node and node.pod and (asked := node.pod.resources):
        for name in (*asked.requests, *asked.limits):
            requests[name] = str(asked.requests.get(name, asked.limits.get(name)))
            limits[name] = str(asked.limits.get(name, asked.requests.get(name)))
    if gpus := count_gpus(node):
        limits[platform.gpu_resource] = str(gpus)
    return {"requests": requests, "limits": limits}


def build_queue_label(node: Node | None) -> dict[str, str]:
    """Kueue looks at the pod's own labels."""
    return {_QUEUE: node.pod.queue} if node and node.pod and node.pod.queue else {}


def build_scheduling(node: Node | None) -> dict[str, Any]:
    """Fields of Argo's template, and a patch for what it has no field for."""
    if node is None or node.pod is None:
        return {}
    fields = node.pod.model_dump(mode="json", exclude_defaults=True, include=_FIELDS)
    if node.pod.priority:
        fields["priorityClassName"] = node.pod.priority
    if node.pod.runtime_class:
        fields["podSpecPatch"] = json.dumps({"runtimeClassName": node.pod.runtime_class})
    return fields
