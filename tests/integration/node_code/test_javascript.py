"""JavaScript, in a child like any other."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from sandbox.run import Answer, Failure, Limits, Request, run


def settle(code: str, scratch: Path, seconds: float = 5.0, **inputs: Any) -> Answer | Failure:
    request = Request(code, inputs, language="javascript")
    return asyncio.run(run(request, limits=Limits(seconds=seconds, memory_bytes=128 << 20), scratch=scratch))


def test_inputs_come_as_one_object_and_the_result_is_json(tmp_path: Path) -> None:
    code = (
        "const main = ({prices}) => { console.log('adding', prices); return {total: prices.reduce((a, b) => a + b)} }"
    )
    assert settle(code, tmp_path, prices=[1, 2.5]) == Answer({"total": 3.5}, "adding [1,2.5]\n")


def test_nothing_of_a_browser_or_of_node_is_there(tmp_path: Path) -> None:
    names = "['require', 'process', 'fetch', 'std', 'os', 'setTimeout', 'Worker', 'XMLHttpRequest']"
    code = f"function main() {{ return {names}.filter(name => name in globalThis) }}"
    assert settle(code, tmp_path) == Answer([], "")


@pytest.mark.parametrize(
    ("code", "reason", "told"),
    [
        ("function main() {\n  throw new Error('bad')\n}", "CodeError", "Error: bad\n    at main (line:2:13)"),
        ("function main( {", "CodeError", "SyntaxError: invalid property name\n    at line:1:17"),
        ("1", "CodeError", "there is no function `main`: write `function main({}) {…}` and return the result from it"),
        ("async function main() {}", "CodeError", "TypeError: `main` must not be async: there is nothing to wait for"),
        ("function main() { return import('std') }", "CodeError", "must not be async"),
        ("function main() { return main() + 1 }", "CodeError", "RangeError: Maximum call stack size exceeded"),
        ("function main() { for (;;); }", "Timeout", "the code was stopped after 0.3 s"),
        ("function main() { for (const a = [];;) a.push('x'.repeat(1e6) + a.length) }", "OutOfMemory", "more memory"),
        ("function main() { for (;;) print('x'.repeat(1000)) }", "OutputTooLarge", "the code printed more"),
    ],
)
def test_what_goes_wrong_is_told_as_in_python(code: str, reason: str, told: str, tmp_path: Path) -> None:
    found = settle(code, tmp_path, 0.3 if reason == "Timeout" else 5.0)
    assert isinstance(found, Failure)
    assert found.reason == reason
    assert told in found.message
