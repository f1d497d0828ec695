"""What a pod is given of credentials and models: the task says what they are, files hold their values.

Only a pod whose members name one gets it, and only what runs a node's type names any: a pod that renders what a gate
shows has no secret.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from headgate.compiler.emit.context import Context
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


def build_secret_volumes(pod: Pod, context: Context) -> list[dict[str, Any]]:
    """Of this pod alone: Secrets as files, read by nobody but its user."""
    volumes = []
    if credentials := build_credentials(pod, context):
        sources = [_source(context.credentials[name].secret, _fields(name, context)) for name in credentials]
        volumes.append(_volume("credentials", sources))
    keys = [(name, context.models[name]) for name, told in build_models(pod, context).items() if told.has_key]
    if keys:
        volumes.append(_volume("models", [_source(one.secret, [(one.key or "key", name)]) for name, one in keys]))
    return volumes


def build_secret_mounts(pod: Pod, context: Context) -> list[dict[str, Any]]:
    paths_of = {"credentials": CREDENTIALS, "models": MODELS}
    names = [volume["name"] for volume in build_secret_volumes(pod, context)]
    return [{"name": name, "mountPath": paths_of[name], "readOnly": True} for name in names]


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


def _fields(name: str, context: Context) -> list[tuple[str, str]]:
    return [(key, f"{name}/{field}") for field, key in context.credentials[name].fields.items()]


def _source(secret: str | None, files: Iterable[tuple[str, str]]) -> dict[str, Any]:
    return {"secret": {"name": secret, "items": [{"key": key, "path": path} for key, path in files]}}


def _volume(name: str, sources: list[dict[str, Any]]) -> dict[str, Any]:
    return {"name": name, "projected": {"sources": sources, "defaultMode": _MODE}}
