"""`log`: a line with a level and a value."""

import asyncio
from collections.abc import Mapping
from typing import Any

from headgate_node.testing import run_node
from support.node_calls import fail


def lines(**given: Any) -> list[Mapping[str, Any]]:
    told: list[Mapping[str, Any]] = []
    assert asyncio.run(run_node("log", given, log=told.append)) == {}
    return told


def test_a_line_has_level_text_value_and_place() -> None:
    (line,) = lines(message="slow: {x}", level="warning", data={"ms": 2310})
    assert line["type"] == "log"
    assert (line["level"], line["message"], line["values"]) == ("warning", "slow: {x}", {"data": {"ms": 2310}})
    assert (line["node"], line["attempt"]) == ("log", 1)


def test_without_a_value_there_is_none() -> None:
    (line,) = lines(message="37 of 200")
    assert "values" not in line
    assert line["level"] == "info"


def test_a_line_is_bounded() -> None:
    assert fail("log", message="x", data="y" * 20_000).reason == "TooLarge"
    deep: Any = 1
    for _ in range(5000):
        deep = [deep]
    assert fail("log", message="x", data=deep).reason in ("TooDeep", "InvalidParameters")
