"""Short calls of nodes, for their tests: what a node gives, why it fails, and with which credential."""

import asyncio
from typing import Any

import pytest

from headgate_node import Credential, NodeError
from headgate_node.testing import run_node


def give(node: str, with_: dict[str, Any] | None = None, /, **given: Any) -> dict[str, Any]:
    """The output of a node; `credentials=` as in a pod."""
    credentials = given.pop("credentials", None)
    return asyncio.run(run_node(node, {**(with_ or {}), **given}, credentials=credentials))


def fail(node: str, with_: dict[str, Any] | None = None, /, **given: Any) -> NodeError:
    """The error with which a node fails."""
    with pytest.raises(NodeError) as raised:
        give(node, with_, **given)
    return raised.value


def key(text: str) -> dict[str, Credential]:
    """One credential called `it`, with a key."""
    return {"it": Credential("key", {"key": text})}


def reason(node: str, with_: dict[str, Any] | None = None, /, **given: Any) -> str | None:
    """Why a node fails, or None if it does not. Whatever is no NodeError gets through."""
    try:
        give(node, with_, **given)
    except NodeError as error:
        return error.reason
    return None
