"""`switch`: the first case that is true, in the order in which they are written."""

import asyncio
from typing import Any

import pytest

from headgate_node import NodeError
from headgate_node.testing import run_node


def case_of(*cases: tuple[str, Any], **more: Any) -> str:
    given = {"cases": [{"name": name, "when": when} for name, when in cases], **more}
    found: str = asyncio.run(run_node("switch", given))["case"]
    return found


def test_the_first_case_that_is_true_wins() -> None:
    assert case_of(("a", False), ("b", True), ("c", True)) == "b"


def test_none_is_true_and_there_is_no_default() -> None:
    with pytest.raises(NodeError, match=r"^none of the cases is true \(a, b\): write a `default`$") as raised:
        case_of(("a", False), ("b", False))
    assert raised.value.reason == "NoCaseMatches"


@pytest.mark.parametrize(("when", "said"), [("true", "boolean"), (1, "boolean"), (None, "required")])
def test_there_is_no_truthiness(when: Any, said: str) -> None:
    with pytest.raises(NodeError, match=rf"^cases\[0\]\.when: .*{said}") as raised:
        case_of(("a", when), default="b")
    assert raised.value.reason == "InvalidParameters"
