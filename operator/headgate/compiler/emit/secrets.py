"""What a pod is given of credentials and models: the task says what they are, files hold their values.

Only a pod whose members name one gets it, and only what runs a node's type names any: a pod that renders what a gate
shows has no secret. The files come by a patch of the pod: what a template mounts, Argo mounts into its own container
too.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from headgate.compiler.emit.context import Context, Model
from headgate.compiler.emit.wiring import Pod
from headgate.compiler.graph import Node
from headgate_lang import paths, task, template
from headgate_lang.task import CREDENTIALS, MODELS

_MODE = 0o440


def build_credentials(pod: Pod, context: Context) -> dict[str, task.Credential]:
    named = sorted({name for node in _running(pod) for name in node.credentials} & context.credentials.keys())
    return {name: task.Credential(context.credentials[name].type, context.credentials[name].hosts) for name in named}


def build_models(pod: Pod, context: Context) -> dict[str, task.Model]:
    if not context.models:
        return {}
    named = {name for node in _running(pod) for name in models_named(node, context.inputs)}
    found = {name: context.models[name] for name in sorted(named & context.models.keys())}
    return {name: task.Model(one.url, one.name, one.secret is not None, one.in_cluster) for name, one in found.items()}


def build_secret_patch(pod: Pod, context: Context) -> dict[str, str]:
    """Secrets as files, in the node's own container and in no other, read by nobody but its user.

    Optional, all of them: a pod whose Secret went meanwhile says so at once, and does not hang until its time is over.
    """
    volumes: list[dict[str, Any]] = []
    mounts = []
    for number, name in enumerate(build_credentials(pod, context)):
        one = context.credentials[name]
        items = {"items": [{"key": key, "path": field} for field, key in one.fields.items()]} if one.fields else {}
        secret = {"secretName": one.secret, **items, "defaultMode": _MODE, "optional": True}
        volumes.append({"name": f"credential-{number}", "secret": secret})
        mounts.append(_mount(f"credential-{number}", f"{CREDENTIALS}/{name}"))
    keys = [(name, context.models[name]) for name, told in build_models(pod, context).items() if told.has_key]
    if keys:
        sources = [_source(one, name) for name, one in keys]
        volumes.append({"name": "models", "projected": {"sources": sources, "defaultMode": _MODE}})
        mounts.append(_mount("models", MODELS))
    if not volumes:
        return {}
    patch = {"containers": [{"name": "main", "volumeMounts": mounts}], "volumes": volumes}
    return {"podSpecPatch": json.dumps(patch, separators=(",", ":"))}


def _running(pod: Pod) -> Iterable[Node]:
    return (part.node for part in pod.parts if part.runs_type)


def models_named(node: Node, inputs: Mapping[str, Any]) -> Iterable[str]:
    """The models that a node names: a literal each, or an input that chooses one."""
    for parameter, schema in (node.type.params if node.type else {}).items():
        if isinstance(schema, dict) and schema.get("x-ref") == "Model":
            name = _chosen(node.params.get(parameter, schema.get("default")), inputs)
            if isinstance(name, str):
                yield name


def _chosen(written: Any, inputs: Mapping[str, Any]) -> Any:
    if not isinstance(written, str) or not template.has_expression(written):
        return written
    whole = template.parse(written).whole
    path = paths.parse(whole.source) if whole else None
    if path is None or path.root != "inputs" or len(path.steps) != 1:
        return None
    return inputs.get(str(path.steps[0].key))


def _source(model: Model, name: str) -> dict[str, Any]:
    return {"secret": {"name": model.secret, "items": [{"key": model.key or "key", "path": name}], "optional": True}}


def _mount(name: str, path: str) -> dict[str, Any]:
    return {"name": name, "mountPath": path, "readOnly": True}
