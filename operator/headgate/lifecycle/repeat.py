"""Whether an instance may run again though nobody knows what its last run did, and how often. Asked about lost pods."""

from typing import Any

from headgate.api.nodetype import NodeTypeSpec, Trait
from headgate.compiler.graph import Graph, Node, Role
from headgate.compiler.known import Instance
from headgate_lang.schema import with_defaults
from headgate_lang.template import has_expression


def may_run_again(node: Node, instance: Instance) -> bool:
    """What only evaluates expressions always; of a node type, what it says of itself, with parameters as written."""
    if instance.prepare or node.role is Role.RENDER:
        return True
    return node.type is not None and (Trait.IDEMPOTENT in node.traits or _is_idempotent_with(node.type, node))


def silences(graph: Graph, node: str, lost_pods: int) -> int:
    """How often a pod may end without a word about an instance: once for each need that it may wait for, and a few."""
    return lost_pods + 1 + len(graph[node].needs)


def _is_idempotent_with(type_: NodeTypeSpec, node: Node) -> bool:
    params = with_defaults(node.params, type_.params)
    return bool(type_.idempotent_when) and all(
        _is_among(params.get(name), allowed) for name, allowed in type_.idempotent_when.items()
    )


def _is_among(value: Any, allowed: Any) -> bool:
    if isinstance(value, str) and has_expression(value):
        return False
    return isinstance(allowed, list) and value in allowed
