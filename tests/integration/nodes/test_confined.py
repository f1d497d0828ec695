"""The child in which people's programs run: it reaches nothing, holds little, and is ended when its time is over."""

import asyncio
import json
import os
import signal
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from headgate_core.confined import ask, pool
from headgate_node import NodeError


def jq(program: str, data: Any = None, seconds: float = 10.0) -> Any:
    return asyncio.run(ask("jq", {"program": program, "data": data, "variables": {}}, seconds))


def reason_of(program: str, **given: Any) -> str:
    with pytest.raises(NodeError) as raised:
        jq(program, **given)
    return raised.value.reason


def test_a_program_sees_nothing_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADGATE_SECRET", "s3cret")
    assert set(jq("$ENV")) <= {"LC_CTYPE"}  # which Python sets for itself
    assert jq("env.HEADGATE_SECRET // 0") == 0


def test_a_program_reads_no_file_although_jq_could(tmp_path: Path) -> None:
    (tmp_path / "secret.json").write_text('{"a": 1}')
    program = f'import "secret" as $found {{search: "{tmp_path}"}}; $found'
    printed = subprocess.run(["jq", "-n", "-c", program], capture_output=True, text=True, check=True).stdout
    assert json.loads(printed) == [{"a": 1}]  # so the program is right
    with pytest.raises(NodeError, match="Too many open files"):
        jq(program)


def test_a_program_that_takes_all_memory_ends_alone() -> None:
    assert reason_of('"x" * 1e9') == "OutOfMemory"
    assert jq("1 + 1") == 2


def test_what_comes_out_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    assert reason_of('[range(100) | "x" * 100000]') == "TooLarge"
    monkeypatch.setattr(pool, "MOST_BYTES", 100)
    assert reason_of(".", data="x" * 100) == "TooLarge"


def test_a_child_is_kept_for_the_next_job_and_replaced_when_it_was_ended() -> None:
    jq(".")
    child = pool._idle["jq"][-1]
    jq(".")
    assert pool._idle["jq"][-1] is child
    assert reason_of("last(range(1e12))", seconds=0.1) == "TooSlow"
    assert child not in pool._idle["jq"]
    assert child._process.poll() is not None
    assert jq("2") == 2


def test_a_node_that_is_cancelled_leaves_no_child_at_work() -> None:
    jq(".")
    child = pool._idle["jq"][-1]

    async def cancelled() -> None:
        task = asyncio.ensure_future(ask("jq", {"program": "last(range(1e12))", "data": 0, "variables": {}}, 10))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancelled())
    assert child._process.poll() is not None


def test_jobs_at_once_wait_for_their_turn() -> None:
    async def several() -> list[Any]:
        jobs = ({"program": ". * 2", "data": number, "variables": {}} for number in range(6))
        return await asyncio.gather(*(ask("jq", job, 10) for job in jobs))

    assert asyncio.run(several()) == [0, 2, 4, 6, 8, 10]
    assert len(pool._idle["jq"]) <= 2


def test_a_child_whose_parent_is_gone_ends_by_itself() -> None:
    command = [sys.executable, "-I", "-c", pool._START, json.dumps(sys.path), "jq"]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    assert child.stdin is not None
    request = json.dumps({"seconds": 0, "job": {"program": "last(range(1e12))", "data": 0, "variables": {}}}).encode()
    child.stdin.write(struct.pack(">Q", len(request)) + request)
    child.stdin.close()  # as when the parent was killed: nobody watches the clock
    assert child.wait() == -signal.SIGXCPU


def test_a_child_opens_no_more_descriptors() -> None:
    jq(".")
    limits = Path(f"/proc/{pool._idle['jq'][-1]._process.pid}/limits").read_text()
    (files,) = [line.split()[3:5] for line in limits.splitlines() if line.startswith("Max open files")]
    assert files == ["3", "3"]
    assert len(os.listdir(f"/proc/{pool._idle['jq'][-1]._process.pid}/fd")) == 3  # noqa: PTH208 - of the kernel's
