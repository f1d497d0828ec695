"""`emit(graph, leg, context) → Workflow`: a leg as a plain Argo `Workflow`, valid on 3.7 and 4.

Called by the operator before it creates a leg, by `headgate render`, and by tests. Every name in it is a position and
ours; what users wrote is inside the task documents (base64) and the encoded documents, and nowhere else but in the
fields of `pod`, whose patterns leave no room for a template.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from headgate.compiler.emit import security
from headgate.compiler.emit.context import (
    Context,
    Credential,
    Document,
    Inline,
    InSecret,
    InStore,
    Model,
    Platform,
)
from headgate.compiler.emit.document import build_task
from headgate.compiler.emit.files import build_files
from headgate.compiler.emit.folders import build_shared_volumes
from headgate.compiler.emit.identity import build_labels, build_metadata
from headgate.compiler.emit.limits import build_limits
from headgate.compiler.emit.secrets import models_named
from headgate.compiler.emit.tasks import build_task_in_graph
from headgate.compiler.emit.template import build_template
from headgate.compiler.emit.wiring import wire
from headgate.compiler.graph import Graph
from headgate.compiler.leg import Leg
from headgate_lang import task

__all__ = [
    "Context",
    "Credential",
    "Document",
    "InSecret",
    "InStore",
    "Inline",
    "Model",
    "Platform",
    "emit",
    "models_named",
]

_DEADLINE_SECONDS = 30 * 24 * 3600
"""Of a whole leg, its pauses included, should nobody be there to end it."""
_KEEP_PODS = "10m"
"""How long a pod that has ended can be looked at."""


def emit(graph: Graph, leg: Leg, context: Context) -> dict[str, Any]:
    pods = wire(graph, leg, context.returned)
    limit = build_limits(pods, context)
    earlier = _earlier(context)
    tasks, templates = [], []
    for pod in pods:
        files = build_files(pod, context, earlier)
        document = task.encode(build_task(graph, pod, files, limit, context))
        tasks.append(build_task_in_graph(pod, pods, files))
        templates.append(build_template(pod, document, files, context))
    graph_template = {"name": "leg", "dag": {"failFast": False, "tasks": tasks}}
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Workflow",
        "metadata": build_metadata(leg, context),
        "spec": {**_build_settings(graph, context), "templates": [graph_template, *templates]},
    }


def _build_settings(graph: Graph, context: Context) -> dict[str, Any]:
    platform = context.platform
    settings: dict[str, Any] = {
        "entrypoint": "leg",
        "serviceAccountName": platform.executor_account,
        "activeDeadlineSeconds": _DEADLINE_SECONDS,
        "podGC": {"strategy": "OnPodCompletion", "deleteDelayDuration": _KEEP_PODS},
        "podMetadata": {"labels": build_labels(context)},
        "securityContext": security.POD,
        "podSpecPatch": security.POD_PATCH,
        "volumes": build_shared_volumes(platform),
    }
    if platform.pull_secrets:
        settings["imagePullSecrets"] = [{"name": name} for name in platform.pull_secrets]
    if graph.parallelism is not None:
        settings["parallelism"] = graph.parallelism
    return settings


def _earlier(context: Context) -> Mapping[str, Sequence[Document]]:
    """Node → the documents that it left, each once: several items may have theirs in one."""
    found: defaultdict[str, dict[Any, Document]] = defaultdict(dict)
    for instance, document in context.documents.items():
        if not instance.prepare:
            identity = id(document) if isinstance(document, Inline) else document
            found[instance.node][identity] = document
    return {node: tuple(documents.values()) for node, documents in found.items()}
