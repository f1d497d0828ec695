"""The parameters with which people let a failed node run again. Literals all: what they wrote is never an expression.

Which objects a node touches, nobody changes this way: those parameters are not among what may be edited. Nothing is of
a node that comes after a gate: it runs with what was approved there, or not at all; or of one that may decide whether a
gate asks.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from headgate.api.approvalrequest import ApprovalRequest, Decision
from headgate.api.run import NodeStatus
from headgate.compiler.graph import Graph, Node, Way
from headgate.compiler.passing import around
from headgate.lifecycle.approvals.voting import read_decided
from headgate_lang.schema.keywords import is_special


def form_of(graph: Graph, node: Node) -> dict[str, Any]:
    """Which parameters may be edited; none of a workflow, or of a loop, whose items differ."""
    if node.loop is not None or not around(graph, node.name) <= {Way.BEFORE}:
        return {}
    return editable(node)


def editable(node: Node) -> dict[str, Any]:
    """Its parameters that it names, and that name no objects."""
    if node.type is None:
        return {}
    fields = node.type.params.items()
    schemas = ((name, schema) for name, schema in fields if isinstance(schema, dict) and not is_special(name))
    return {name: dict(schema) for name, schema in schemas if "x-ref" not in schema}


def with_edits(graph: Graph, requests: Iterable[ApprovalRequest], nodes: Mapping[str, NodeStatus]) -> Graph:
    """What was answered in earlier rounds, each on top of those before: it is what the next question shows. `nodes` say
    which answers were followed; that a request says so of itself makes it none."""
    answers: dict[str, list[tuple[str, Mapping[str, Any]]]] = {}
    for request in requests:
        said = nodes.get(request.spec.node)
        if said is None or request.metadata.uid not in said.answered:
            continue
        outcome = read_decided(request)
        if outcome is not None and outcome.phase is Decision.RETRY and request.status is not None:
            answers.setdefault(request.spec.node, []).append((request.status.decided_at or "", outcome.values))
    edits: dict[str, dict[str, Any]] = {}
    for node, given in answers.items():
        for _, values in sorted(given, key=lambda one: one[0]):
            edits.setdefault(node, {}).update(values)
    if not any(edits.values()):
        return graph
    return replace(graph, nodes=tuple(_edited(graph, node, edits.get(node.name, {})) for node in graph))


def _edited(graph: Graph, node: Node, values: Mapping[str, Any]) -> Node:
    form = form_of(graph, node) if values else {}
    given = {name: _literal(value) for name, value in values.items() if name in form}
    return replace(node, params={**node.params, **given}) if given else node


def _literal(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("${", "$${")
    if isinstance(value, dict):
        return {key: _literal(member) for key, member in value.items()}
    return [_literal(item) for item in value] if isinstance(value, list) else value
