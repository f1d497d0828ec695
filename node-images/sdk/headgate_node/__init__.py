"""The SDK: what a node of Headgate is written with, and what runs it in its pod.

A node is one file: a class of its parameters, one of its output, and `async def run`. What is here is all that such a
file needs; `headgate_node.testing` runs it in a test. Each name is loaded when it is asked for: the processes of a pod
that run no node do without pydantic, which is most of what there is to load.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from headgate_node.context import Context, Log
    from headgate_node.definition import Example, NodeDefinition, Trait, node
    from headgate_node.error import NodeError
    from headgate_node.granted import Credential, Model
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

_PLACES = {
    "context": ("Context", "Log"),
    "definition": ("Example", "NodeDefinition", "Trait", "node"),
    "error": ("NodeError",),
    "granted": ("Credential", "Model"),
    "shapes": ("FieldsOf", "Json", "Output", "Params", "Ref", "SchemaOf", "TypeOf"),
}
_MODULES = {name: module for module, names in _PLACES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"headgate_node has no {name!r}: it has {', '.join(__all__)}")
    return getattr(import_module(f"headgate_node.{_MODULES[name]}"), name)
