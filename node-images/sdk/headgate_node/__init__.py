"""The SDK: what a node of Headgate is written with, and what runs it in its pod.

A node is one file: a class of its parameters, one of its output, and `async def run`. What is here is all that such a
file needs; `headgate_node.testing` runs it in a test.
"""

from headgate_node.context import Context, Credential, Log, Model
from headgate_node.definition import Example, NodeDefinition, Trait, node
from headgate_node.error import NodeError
from headgate_node.shapes import FieldsOf, Json, Output, Params, Ref, SchemaOf, TypeOf

__all__ = [
    "Context",
    "Credential",
    "Example",
    "FieldsOf",
    "Json",
    "Log",
    "Model",
    "NodeDefinition",
    "NodeError",
    "Output",
    "Params",
    "Ref",
    "SchemaOf",
    "Trait",
    "TypeOf",
    "node",
]
