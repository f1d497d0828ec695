"""Every example of every node, as its docs tell it, run as in a pod."""

import asyncio
from typing import Any

import pytest

from headgate_node import Example, NodeDefinition, NodeError
from headgate_node.testing import run_node
from support.nodes import all_nodes

NODES = list(all_nodes())
EXAMPLES = [
    pytest.param(node, example, id=f"{node.name}.v{node.version}-{number}")
    for node in NODES
    for number, example in enumerate(node.examples)
    if example.needs is None
]


@pytest.mark.parametrize(("node", "example"), EXAMPLES)
def test_an_example_gives_what_it_says(node: NodeDefinition[Any], example: Example) -> None:
    if example.fails is None:
        assert asyncio.run(run_node(node, example.with_)) == example.output
        return
    with pytest.raises(NodeError) as raised:
        asyncio.run(run_node(node, example.with_))
    assert raised.value.reason == example.fails


@pytest.mark.parametrize("node", NODES, ids=lambda node: f"{node.name}.v{node.version}")
def test_a_node_shows_at_least_two_examples(node: NodeDefinition[Any]) -> None:
    assert len(node.examples) >= 2
