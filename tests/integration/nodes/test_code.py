"""`code`: a program reads `args`, returns what `returns` says, and reaches nothing."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from headgate_node import NodeError
from headgate_node.testing import run_node

TOTAL = {"total": {"type": "number"}}


def settle(
    source: str, args: Any = None, returns: Any = TOTAL, timeout: float = 30.0, **more: Any
) -> tuple[dict[str, Any], list[Mapping[str, Any]]]:
    lines: list[Mapping[str, Any]] = []
    given = {"source": source, "returns": returns, **({} if args is None else {"args": args}), **more}
    running = run_node("code", given, package="headgate_code", log=lines.append, timeout=timeout)
    return asyncio.run(running), lines


def refuse(source: str, **more: Any) -> NodeError:
    with pytest.raises(NodeError) as raised:
        settle(source, **more)
    return raised.value


def test_a_program_reads_its_arguments_and_its_fields_are_the_output() -> None:
    source = 'prices = args["prices"]\nprint("adding", prices)\nreturn {"total": sum(prices), "none": None}'
    returns = {**TOTAL, "none": {"type": "string", "optional": True}}
    output, lines = settle(source, {"prices": [1, 2.5]}, returns)
    assert output == {"total": 3.5}
    assert [line["values"] for line in lines] == [{"printed": "adding [1, 2.5]\n"}]


def test_a_program_in_javascript_too() -> None:
    source = "console.log('adding')\nlet total = 0\nfor (const one of args.prices) total += one\nreturn {total}"
    output, lines = settle(source, {"prices": [1, 2.5]}, language="javascript")
    assert output == {"total": 3.5}
    assert lines[0]["values"] == {"printed": "adding\n"}


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("return 7", "the code does not return what `returns` says: result is an integer, must be an object"),
        ("return {}", "result lacks `total`"),
        ("return {'total': '7'}", "result.total is a string, must be a number"),
        ("return {'total': 7, 'totl': 7}", "result.totl is not known here: did you mean `total`?"),
        ("total = 7", "result is null"),
    ],
)
def test_a_result_that_is_not_what_returns_says_is_told_whole(source: str, told: str) -> None:
    error = refuse(source)
    assert error.reason == "InvalidOutput"
    assert told in error.message


def test_returns_that_is_no_form_is_told_before_any_code_runs() -> None:
    error = refuse("print('here')", returns={"total": {"type": "numbr"}})
    assert (error.reason, error.message.partition(":")[0]) == (
        "InvalidParameters",
        "returns.total.type `numbr` is no type",
    )


@pytest.mark.parametrize(
    ("source", "reason", "more"),
    [
        ("while True: pass", "Timeout", {"timeout": 0.6}),
        ("return {'total': len(bytearray(300 << 20))}", "OutOfMemory", {}),
        ("while True: print('x' * 10_000)", "OutputTooLarge", {}),
        ("raise ValueError('bad')", "CodeError", {}),
        ("throw new Error('bad')", "CodeError", {"language": "javascript"}),
    ],
)
def test_what_the_sandbox_says_is_the_reason(source: str, reason: str, more: dict[str, Any]) -> None:
    assert refuse(source, **more).reason == reason


def test_what_was_printed_before_a_failure_is_in_the_log() -> None:
    lines: list[Mapping[str, Any]] = []
    given = {"source": "print('so far')\nreturn 1 / 0", "returns": TOTAL}
    with pytest.raises(NodeError, match=r"^ZeroDivisionError: division by zero\n  line 2, in main: return 1 / 0$"):
        asyncio.run(run_node("code", given, package="headgate_code", log=lines.append))
    assert lines[0]["values"] == {"printed": "so far\n"}


def test_the_program_sees_neither_the_pods_environment_nor_its_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADGATE_TASK", "c2VjcmV0")
    source = "import os\nreturn {'names': sorted(os.environ), 'files': os.listdir()}"
    texts = {"type": "array", "items": {"type": "string"}}
    output, _ = settle(source, returns={"names": texts, "files": texts})
    assert {*output["names"]} - {"LC_CTYPE"} == {"HOME", "TMPDIR"}  # Python itself may set the third
    assert output["files"] == []


@pytest.mark.parametrize(
    "more", [{"memory": 32}, {"memory": 8192}, {"language": "ruby"}, {"returns": {}}, {"inputs": {}}]
)
def test_parameters_have_their_bounds(more: dict[str, Any]) -> None:
    assert refuse("return {}", **more).reason == "InvalidParameters"
