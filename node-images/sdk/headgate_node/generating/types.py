"""The NodeType of a node, as a document for the chart and for lint."""

import ast
from collections.abc import Mapping
from typing import Any, NamedTuple

from headgate_node.definition import Example, NodeDefinition, Trait
from headgate_node.generating.schemas import build_form, build_like

UNPINNED = "0" * 64
"""Stands for the digest of one of our own images, which the platform's settings know."""
COMMAND = "headgate-node"


class Described(NamedTuple):
    """A node, and what the docstring of its file says."""

    node: NodeDefinition[Any]
    summary: str
    docs: str
    image: str
    """Without a digest: `headgate/core`."""


def describe(node: NodeDefinition[Any], source: str, image: str) -> Described:
    """Read the docstring of a node's file: its first line is the summary, the rest is Markdown."""
    text = ast.get_docstring(ast.parse(source)) or ""
    summary, _, docs = text.partition("\n")
    return Described(node, summary.strip(), docs.strip(), image)


def build_type(one: Described) -> dict[str, Any]:
    return {
        "apiVersion": "headgate.dev/v1alpha1",
        "kind": "NodeType",
        "metadata": {"name": f"{one.node.name}.v{one.node.version}"},
        "spec": _without_nothing(_build_spec(one)),
    }


def _build_spec(one: Described) -> dict[str, Any]:
    node = one.node
    return {
        "description": one.summary,
        "docs": one.docs,
        "image": one.image if "@" in one.image else f"{one.image}@sha256:{UNPINNED}",
        "command": [COMMAND, node.module.rpartition(".")[0]],
        "params": build_form(node.params),
        "output": build_like(node.output_like) if node.output_like else build_form(node.output),
        "traits": [trait.value for trait in Trait if trait in node.traits],
        "timeout": node.timeout,
        "retry": node.retry,
        "idempotentWhen": {name: list(values) for name, values in node.idempotent_when.items()},
        "examples": [build_example(example) for example in node.examples if example.fails is None],
        "deprecated": node.deprecated,
    }


def build_example(example: Example) -> dict[str, Any]:
    told = {"description": example.description, "with": dict(example.with_), "output": dict(example.output or {})}
    return {name: value for name, value in told.items() if value is not None}


def _without_nothing(spec: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in spec.items() if value not in (None, "", {}, [])}
