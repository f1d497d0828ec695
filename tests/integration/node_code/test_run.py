"""What whoever calls `run` can count on: answers, failures that say what to do, and that nothing stays behind."""

import asyncio
import platform
import time
from pathlib import Path
from typing import Any

import pytest

from sandbox.filter import SECCOMP
from sandbox.landlock import CREATE_RULESET
from sandbox.run import Answer, Failure, Limits, Request, run
from sandbox.spawn import spawn
from support.sandbox.drive import drive, start_driver
from support.sandbox.driver import list_children
from support.sandbox.probe import FOLDER, Probe, build_order

SPINS = "def main():\n    print('so far')\n    while True: pass"


def settle(code: str, scratch: Path, limits: Limits | None = None, **inputs: Any) -> Answer | Failure:
    return asyncio.run(run(Request(code, inputs), limits=limits, scratch=scratch))


def test_inputs_come_by_name_and_the_result_is_json(tmp_path: Path) -> None:
    code = (
        "def main(prices, factor):\n    print('adding')\n    return {'total': sum(prices) * factor, 'of': len(prices)}"
    )
    found = settle(code, tmp_path, prices=[1, 2.5], factor=2)
    assert found == Answer({"total": 7.0, "of": 2}, "adding\n")


def test_what_the_library_offers_for_computing_works(tmp_path: Path) -> None:
    code = (
        "import csv, datetime, decimal, hashlib, re, sqlite3, statistics, tempfile, uuid, xml.dom.minidom, zoneinfo\n"
        "def main():\n"
        "    with tempfile.NamedTemporaryFile('w+') as file:\n"
        "        file.write('kept')\n"
        "        file.seek(0)\n"
        "        kept = file.read()\n"
        "    rows = sqlite3.connect('rows.db').execute('select 1 + 1').fetchall()\n"
        "    return [kept, rows, hashlib.sha256(b'').hexdigest()[:4], uuid.uuid4().version]\n"
    )
    assert settle(code, tmp_path) == Answer(["kept", [[2]], "e3b0", 4], "")


def test_both_streams_are_told_in_the_order_in_which_they_were_written(tmp_path: Path) -> None:
    code = "import sys\ndef main():\n    for n in range(4): print(n, file=(sys.stdout, sys.stderr)[n % 2])"
    assert settle(code, tmp_path) == Answer(None, "0\n1\n2\n3\n")


def test_a_large_input_passes(tmp_path: Path) -> None:
    assert settle("def main(text): return len(text)", tmp_path, text="x" * 3_000_000) == Answer(3_000_000, "")


def test_code_that_is_too_slow_is_stopped_and_what_it_printed_is_told(tmp_path: Path) -> None:
    found = settle(SPINS, tmp_path, Limits(seconds=0.3))
    assert found == Failure("Timeout", "the code was stopped after 0.3 s", "so far\n")


def test_an_error_names_the_persons_line_and_no_other(tmp_path: Path) -> None:
    found = settle("import json\n\ndef main(text):\n    return json.loads(text)", tmp_path, text="[")
    assert isinstance(found, Failure)
    assert found.reason == "CodeError"
    assert found.message.splitlines() == [
        "JSONDecodeError: Expecting value: line 1 column 2 (char 1)",
        "  line 4, in main: return json.loads(text)",
    ]


def test_scratch_is_empty_at_the_start_and_gone_at_the_end(tmp_path: Path) -> None:
    code = "import os\ndef main():\n    found = os.listdir()\n    open('mine', 'w').close()\n    return found"
    assert [settle(code, tmp_path), settle(code, tmp_path)] == [Answer([], ""), Answer([], "")]
    assert list(tmp_path.iterdir()) == []


def test_scratch_may_be_named_from_where_one_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert settle("def main(): return open('mine', 'w').write('kept')", Path()) == Answer(4, "")


def test_a_cancelled_run_leaves_nothing(tmp_path: Path) -> None:
    before = sorted(list_children())  # what tests of other nodes keep

    async def cancel() -> None:
        task = asyncio.create_task(run(Request(SPINS), scratch=tmp_path))
        while sorted(list_children()) == before:  # noqa: ASYNC110 - the test has no part in the start
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancel())
    assert sorted(list_children()) == before
    assert list(tmp_path.iterdir()) == []


def test_the_child_dies_with_a_parent_that_is_killed() -> None:
    driver = start_driver()
    assert driver.stdin is not None
    with driver:
        driver.stdin.write(build_order([Probe("spins", SPINS, ends=(), seconds=60)]))
        driver.stdin.close()
        child = _wait_for(lambda: _find_child(driver.pid))
        driver.kill()
    _wait_for(lambda: not Path(f"/proc/{child}").exists() or "\nState:\tZ" in Path(f"/proc/{child}/status").read_text())


@pytest.mark.parametrize(
    ("missing", "told"), [(CREATE_RULESET, "no Landlock"), (SECCOMP[platform.machine()], "no seccomp filter")]
)
def test_no_code_runs_where_the_kernel_lacks_a_lock(missing: int, told: str) -> None:
    probe = Probe("prints", "def main(): print('here')", ends=())
    found = drive([probe], wrapper=[str(FOLDER / "without.py"), str(missing)])
    (outcome,) = found["outcomes"]
    assert outcome["reason"] == "SandboxUnavailable"
    assert told in outcome["message"]
    assert outcome["stdout"] == ""


def test_javascript_without_its_engine_is_the_images_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sandbox.run.ENGINE", "no_such_engine")
    found = asyncio.run(run(Request("function main() {}", language="javascript"), scratch=tmp_path))
    assert isinstance(found, Failure)
    assert found.reason == "SandboxUnavailable"
    assert "install quickjs-ng" in found.message


def test_the_child_is_the_first_to_go_when_memory_runs_out(tmp_path: Path) -> None:
    def read_score(pid: int) -> str:
        return Path(f"/proc/{pid}/oom_score_adj").read_text().strip()

    async def read() -> str:
        async with spawn(Limits(), tmp_path) as child:
            assert await child.answers.readline() == b"ready\n"
            return read_score(child._process.pid)

    assert asyncio.run(read()) == "1000"


def _find_child(parent: int) -> int:
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            text = status.read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if f"\nPPid:\t{parent}\n" in text:
            return int(status.parent.name)
    return 0


def _wait_for(found: Any) -> Any:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if value := found():
            return value
        time.sleep(0.02)
    pytest.fail("it did not come to what was awaited")
