"""Finds the node of a member in the package of the image, by `use`: `http.v2`."""

from typing import Any

from headgate_node.definition import NodeDefinition
from headgate_node.error import NodeError
from headgate_node.lookup import UnknownNodeError, find_node


def find_used(package: str, use: str) -> NodeDefinition[Any]:
    """Raises NodeError, also where the node's file cannot be imported: that is a fault of the node."""
    name, _, version = use.rpartition(".v")
    try:
        return find_node(package, name or use, int(version) if name and version.isdecimal() else None)
    except UnknownNodeError as error:
        raise NodeError("UnknownNode", str(error)) from None
    except Exception as error:
        raise NodeError("NodeCrashed", f"its file cannot be loaded: {type(error).__name__}: {error}") from error
