"""What people write who know another system, or who misplace a field: what to write here instead.

A line here is the cheapest help there is. `RENAMED` are fields under another name, `SAID` need a sentence.
"""

from collections.abc import Mapping

from headgate.api.common import Resource, Shape
from headgate.api.run import RunSpec
from headgate.api.workflow import Backoff, Execution, ForEach, Node, Position, Retry, WorkflowSpec
from headgate.compiler.document.places import field_names, shape_of
from headgate_lang.near import did_you_mean, nearest

Words = Mapping[str, str]

RENAMED: Mapping[type[Shape], Words] = {
    WorkflowSpec: {
        "arguments": "inputs", "cleanup": "finally", "constants": "vars", "onExit": "finally", "parameters": "inputs",
        "params": "inputs", "result": "outputs", "results": "outputs", "steps": "nodes", "tasks": "nodes",
        "variables": "vars",
    },
    Node: {
        "action": "use", "args": "with", "arguments": "with", "condition": "when", "config": "with", "id": "name",
        "if": "when", "input": "with", "inputs": "with", "kind": "use", "loop": "forEach", "parameters": "with",
        "params": "with", "settings": "with", "type": "use", "uses": "use",
    },
    ForEach: {"concurrency": "parallelism", "items": "in", "list": "in", "maxParallel": "parallelism", "over": "in"},
    Retry: {
        "attempts": "limit", "count": "limit", "max": "limit", "maxAttempts": "limit", "on": "reasons",
        "retries": "limit", "times": "limit",
    },
    Backoff: {"initial": "delay", "max": "cap", "maxDelay": "cap", "multiplier": "factor"},
    Execution: {"activeDeadlineSeconds": "timeout", "maxParallel": "parallelism"},
    Position: {"x": "left", "y": "top"},
    RunSpec: {
        "arguments": "inputs", "env": "environment", "parameters": "inputs", "params": "inputs", "vars": "inputs",
        "with": "inputs", "workflowName": "workflow", "workflowRef": "workflow", "workflowTemplateRef": "workflow",
    },
}  # fmt: skip

_EDGES = "a reference is the edge: write `${other.field}` in `with`, or `after: {other: Succeeded}` for order alone"
_IMAGE = "a node's image belongs to its type: make a NodeType, or use `code`"
_ENV = "parameters go into `with`; what is secret, into a Credential that `with` names"
_TRIGGER = "what starts Runs is an object of its own: make a Trigger"
_START = "nodes without needs start by themselves"
_LOOP = "write `forEach: {in: …}`"
_RETRY = "write `retry: {limit: 3}`"
_IN_WITH = "write it in `with`"
_IN_METADATA = "write it under `metadata`"
_OUTPUT = "what a node gives, its type says; rename it in the workflow's `outputs`"
_CODE = "write a node with `use: code`"

SAID: Mapping[type[Shape], Words] = {
    WorkflowSpec: {
        "connections": _EDGES, "cron": _TRIGGER, "edge": _EDGES, "edges": _EDGES, "entrypoint": _START,
        "env": "constants go into `vars`; what is secret, into a Credential that a node's `with` names",
        "jobs": "write `nodes`, a list of steps; a job of several steps is a workflow of its own",
        "labels": _IN_METADATA, "name": _IN_METADATA, "on": _TRIGGER, "schedule": _TRIGGER, "start": _START,
        "tags": "use `metadata.labels`", "templates": "a node's `use` names a NodeType or another workflow",
        "timeoutSeconds": "write `execution: {timeout: 5m}`", "triggers": _TRIGGER,
    },
    Node: {
        "always": "write `after: {other: Ended}`, or put the node into `finally`",
        "command": _IMAGE, "continueOn": "write `onError: Continue`", "continueOnError": "write `onError: Continue`",
        "credential": "a credential is a parameter: write it in `with`", "default": _IN_WITH,
        "dependencies": _EDGES, "depends": _EDGES, "dependsOn": _EDGES, "depends_on": _EDGES, "edges": _EDGES,
        "else": "write another node with the opposite `when`", "env": _ENV, "image": _IMAGE, "in": _LOOP,
        "items": _LOOP, "label": "write `description`", "matrix": _LOOP, "maxRetries": _RETRY, "model": _IN_WITH,
        "needs": _EDGES, "next": _EDGES,
        "onFailure": "write another node that reads `${this.error.message}`, or `onError: Continue`",
        "output": _OUTPUT, "outputs": _OUTPUT, "parallel": "nodes without needs of each other run in parallel",
        "policy": _IN_WITH, "prompt": _IN_WITH, "retries": _RETRY, "retryStrategy": _RETRY, "run": _CODE,
        "runAfter": _EDGES, "script": _CODE, "secret": _ENV, "secrets": _ENV,
        "steps": "several steps are a workflow of their own: `use: workflow/NAME`",
        "template": "`use` names a NodeType or another workflow", "timeoutSeconds": "write `timeout: 30s`",
        "unless": "write `when` with the opposite condition", "url": _IN_WITH, "withItems": _LOOP, "withParam": _LOOP,
        "workflow": "write `use: workflow/NAME`",
    },
    Retry: {
        "attempts": "write `limit`, one less: it counts retries", "delay": "write `backoff: {delay: 1s}`",
        "maxAttempts": "write `limit`, one less: it counts retries",
    },
    RunSpec: {
        "retry": "raise `attempt` by one", "suspend": "write `state: Paused`",
        "timeout": "write it in the Workflow's `execution`",
    },
}  # fmt: skip


def renamed(shape: type[Shape], field: str) -> str | None:
    """The field's name here, if it has another one elsewhere."""
    return RENAMED.get(shape, {}).get(field)


def meant(shape: type[Shape], field: str) -> str | None:
    """The field that somebody seems to have meant."""
    return renamed(shape, field) or nearest(field, field_names(shape))


def remedy(shape: type[Shape], field: str) -> str:
    """What to write instead of a field that this shape does not have."""
    if said := SAID.get(shape, {}).get(field):
        return said
    if name := renamed(shape, field):
        return f"write `{name}`"
    if field.startswith("x-"):
        return "nothing of one's own goes here: use `metadata.annotations`"
    for name, below in _parts(shape).items():
        if field in field_names(below):
            return f"write it under `{name}`"
    return did_you_mean(field, field_names(shape)) or f"the fields are {', '.join(field_names(shape))}"


def _parts(shape: type[Shape]) -> dict[str, type[Shape]]:
    """The fields of a shape that hold shapes themselves."""
    names = ((field.alias or name, shape_of(field.annotation)) for name, field in shape.model_fields.items())
    found = {name: part for name, part in names if part is not None}
    if issubclass(shape, Resource):
        found.pop("status", None)
    return found
