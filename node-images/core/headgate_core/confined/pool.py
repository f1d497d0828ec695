"""The parent's side: children by engine, one job each at a time, killed when it takes too long."""

import asyncio
import atexit
import json
import struct
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from signal import SIGABRT, SIGXCPU
from typing import Any
from weakref import WeakKeyDictionary

from headgate_node import NodeError

MOST_SECONDS = 10.0
MOST_BYTES = 16 << 20
"""Of a job as JSON."""
_MOST_IDLE = 2
_MOST_AT_ONCE = 2
"""Of children at work: each may take as much memory as a pod has for all."""

_START = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from headgate_core.confined.child import main; main()"
)


async def ask(engine: str, job: Mapping[str, Any], seconds: float) -> Any:
    """What an engine answers to a job. Raises NodeError: the engine's own, TooSlow, OutOfMemory or TooLarge."""
    seconds = min(seconds, MOST_SECONDS)
    request = json.dumps({"seconds": seconds, "job": job}, separators=(",", ":")).encode()
    if len(request) > MOST_BYTES:
        most = MOST_BYTES >> 20
        raise NodeError(
            "TooLarge", f"what it works on has {len(request):,} bytes, at most {most} MiB: pass a part of it"
        )
    async with _at_once.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(_MOST_AT_ONCE)):
        answer = json.loads(await _answer(engine, request, seconds))
    if "fault" in answer:
        raise NodeError(*answer["fault"])
    return answer.get("value")


_at_once: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()
_idle: dict[str, list["_Child"]] = {}


async def _answer(engine: str, request: bytes, seconds: float) -> bytes:
    idle = _idle.setdefault(engine, [])
    child = idle.pop() if idle else _Child(engine)
    try:
        talk = asyncio.ensure_future(asyncio.to_thread(child.talk, request))
        await asyncio.wait([talk], timeout=seconds)
        if not talk.done():
            child.end()
        answer = await talk
    except BaseException:
        child.end()
        raise
    if answer is None:
        raise _why(child.end(), seconds)
    if len(idle) < _MOST_IDLE:
        idle.append(child)
    else:
        child.end()
    return answer


def _why(status: int, seconds: float) -> NodeError:
    """What became of a child that did not answer: killed by us, by its own bounds, or by the kernel."""
    if status in (-9, -SIGXCPU):
        return NodeError("TooSlow", f"it did not end within {seconds:g} s: give it less to do, or a simpler program")
    if status == -SIGABRT:
        return NodeError("OutOfMemory", "it needs more memory than it may have: give it less to do")
    return NodeError(
        "EngineCrashed", f"the engine ended with status {status}: a fault of the engine, tell us the program"
    )


class _Child:
    def __init__(self, engine: str) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - our own Python and module
            [sys.executable, "-I", "-B", "-X", "utf8", "-c", _START, json.dumps(sys.path), engine],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
            close_fds=True,
            start_new_session=True,
        )

    def talk(self, request: bytes) -> bytes | None:
        """Hand over a job and wait for the answer; None where the child ended first. Runs in a thread."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with suppress(OSError, ValueError):  # it is gone, or it was ended meanwhile
            self._process.stdin.write(struct.pack(">Q", len(request)) + request)
            self._process.stdin.flush()
            head = self._process.stdout.read(8)
            if len(head) == 8:
                (length,) = struct.unpack(">Q", head)
                answer = self._process.stdout.read(length)
                return answer if len(answer) == length else None
        return None

    def end(self) -> int:
        """How it ended: if it has not by itself, by our hand."""
        with suppress(OSError):
            self._process.kill()
        status = self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError):
                pipe.close()  # type: ignore[union-attr]  # both are pipes
        return status


@atexit.register
def _end_all() -> None:
    for child in [child for idle in _idle.values() for child in idle]:
        child.end()
    _idle.clear()
