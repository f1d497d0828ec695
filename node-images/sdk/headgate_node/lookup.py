"""Finds a node of a package by name and version, when it is first asked for and not before.

Nothing is scanned: the module's name is the node's name, with an underscore at its end where that is taken in Python.
A version that is no longer the newest is in `NAME_v1`.
"""

import importlib
from importlib.util import find_spec
from typing import Any

from headgate_node.definition import NodeDefinition


class UnknownNodeError(Exception):
    """This image has no such node."""


def find_node(package: str, name: str, version: int | None = None) -> NodeDefinition[Any]:
    """The node, in that version if one is given. Raises UnknownNodeError; what its file raises is passed on."""
    stem = name.replace("-", "_")
    if not stem.isidentifier() or stem.startswith("_"):
        raise UnknownNodeError(f"{name!r} is no name of a node")
    found = []
    for module in (stem, f"{stem}_", *([] if version is None else [f"{stem}_v{version}"])):
        if find_spec(f"{package}.{module}") is None:
            continue
        definition = getattr(importlib.import_module(f"{package}.{module}"), "run", None)
        if isinstance(definition, NodeDefinition):
            if version in (None, definition.version):
                return definition
            found.append(f"{name}@{definition.version}")
    instead = f"it has {', '.join(found)}" if found else f"nothing in `{package}` is called so"
    raise UnknownNodeError(f"there is no {name}{f'@{version}' if version else ''} in this image: {instead}")
