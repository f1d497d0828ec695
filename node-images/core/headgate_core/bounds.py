"""How much a node that computes with values takes: what keeps an Instant node instant. Used by most nodes of values."""

from typing import Annotated

from pydantic import Field

from headgate_node import Json, NodeError

MOST_ITEMS = 20_000
MOST_TEXT = 1_000_000
"""Characters of a text, as it comes in and as it goes out."""

Items = Annotated[list[Json], Field(max_length=MOST_ITEMS)]
Text = Annotated[str, Field(max_length=MOST_TEXT)]


def check_items(count: int, what: str = "what comes out") -> None:
    if count > MOST_ITEMS:
        raise NodeError("TooLarge", f"{what} has {count:,} items, at most {MOST_ITEMS:,}: work on a part of it")


def check_size(value: Json, most: int, what: str) -> None:
    """How many values it holds in all, at any depth."""
    left, count = [value], 0
    while left:
        one = left.pop()
        count += 1
        if count > most:
            raise NodeError("TooLarge", f"{what} holds more than {most:,} values: take a part of it")
        if isinstance(one, list):
            left += one
        elif isinstance(one, dict):
            left += one.values()


def check_text(length: int, what: str = "what comes out", most: int = MOST_TEXT) -> None:
    if length > most:
        raise NodeError("TooLarge", f"{what} has {length:,} characters, at most {most:,}: work on a part of it")


def wanted(parameter: str, operation: str) -> NodeError:
    """What is raised where an operation lacks the parameter that it is about."""
    return NodeError("InvalidParameters", f"`{parameter}` is missing: `operation: {operation}` needs it")
