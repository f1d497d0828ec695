"""The nodes of our images, for tests that hold for all of them."""

import importlib
import pkgutil
from collections.abc import Iterator
from typing import Any

from headgate_node import NodeDefinition

PACKAGES = ("headgate_core", "headgate_code")


def all_nodes() -> Iterator[NodeDefinition[Any]]:
    """Each node of each package that there is, old versions included."""
    for package in PACKAGES:
        try:
            found = importlib.import_module(package)
        except ModuleNotFoundError:
            continue
        for module in pkgutil.iter_modules(found.__path__):
            node = getattr(importlib.import_module(f"{package}.{module.name}"), "run", None)
            if isinstance(node, NodeDefinition):
                yield node
