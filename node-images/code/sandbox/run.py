"""The whole of it for whoever has code to run: `await run(request, scratch=…)`. Called by the `code` node.

Nothing is raised for what the code does. The child is gone when `run` returns, is cancelled or fails.
"""

import asyncio
import importlib.util
import json
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from sandbox.answer import ENVELOPE, ERROR_BYTES, Answer, Failure, Reason, describe_end, read_answer
from sandbox.child import READY
from sandbox.javascript import ENGINE
from sandbox.limits import Limits
from sandbox.scratch import is_within
from sandbox.spawn import Child, spawn

__all__ = ["Answer", "Failure", "Limits", "Reason", "Request", "run"]

START_SECONDS = 30.0
WATCH_SECONDS = 0.05
_CHUNK = 64 << 10


@dataclass(frozen=True)
class Request:
    code: str
    inputs: dict[str, Any] = field(default_factory=dict)
    """JSON, by the names of `main`'s parameters."""
    language: Literal["python", "javascript"] = "python"
    form: Literal["module", "body"] = "module"
    """A module defines `main`, a body is what stands in it."""


async def run(request: Request, *, limits: Limits | None = None, scratch: Path) -> Answer | Failure:
    """Run code in a child that has an empty folder of its own below `scratch` while it lives."""
    limits = limits or Limits()
    engine = _find_engine() if request.language == "javascript" else ""
    if engine is None:
        return Failure("SandboxUnavailable", "this image has no JavaScript: install quickjs-ng, or write it in Python")
    here = scratch.absolute()  # noqa: ASYNC240 - it asks for nothing but where we are
    with tempfile.TemporaryDirectory(dir=here, prefix="code-") as folder:
        async with spawn(limits, Path(folder), engine) as child:
            if unavailable := await _wait_until_ready(child):
                return Failure("SandboxUnavailable", unavailable)
            return await _Attempt(child, limits, Path(folder)).settle(request)


def _find_engine() -> str | None:
    found = importlib.util.find_spec(ENGINE)
    return None if found is None or found.origin is None else str(Path(found.origin).parent)


async def _wait_until_ready(child: Child) -> str:
    """Empty when it is; otherwise why the child could not lock itself in: then it has been given no code."""
    try:
        async with asyncio.timeout(START_SECONDS):
            said = await child.answers.readline()
            if said == READY:
                return ""
            said += await child.answers.read(_CHUNK)
            status = await child.wait()
    except TimeoutError:
        return f"the code's process did not start within {START_SECONDS:g} s: the node is overloaded, so try again"
    return said.decode(errors="replace").strip() or f"the code's process {describe_end(status)} at its start"


class _Attempt:
    """One request to a child that is ready, and what came of it so far."""

    def __init__(self, child: Child, limits: Limits, scratch: Path) -> None:
        self._child = child
        self._limits = limits
        self._scratch = scratch
        self._stdout = bytearray()
        self._answer = bytearray()
        self._stopped: tuple[Reason, str] | None = None

    async def settle(self, request: Request) -> Answer | Failure:
        how = {"language": request.language, "form": request.form}
        asked = {"code": request.code, "inputs": request.inputs, **how}
        encoded = json.dumps(asked).encode()
        status = 0
        watch = asyncio.create_task(self._watch_scratch())
        try:
            async with asyncio.timeout(self._limits.seconds):
                await asyncio.gather(self._send(encoded), self._hear_stdout(), self._hear_answer())
                if self._stopped is None:
                    status = await self._child.wait()
        except TimeoutError:
            self._stop("Timeout", f"the code was stopped after {self._limits.seconds:g} s")
        finally:
            watch.cancel()
        stdout = self._stdout.decode(errors="replace")
        if self._stopped is not None:
            return Failure(*self._stopped, stdout)
        return read_answer(bytes(self._answer), status, stdout)

    def _stop(self, reason: Reason, message: str) -> None:
        """The first reason counts; with the child's end, whatever is still awaited of it ends, too."""
        self._stopped = self._stopped or (reason, message)
        self._child.kill()

    async def _send(self, request: bytes) -> None:
        requests = self._child.requests
        with suppress(BrokenPipeError, ConnectionResetError):
            requests.write(request)
            await requests.drain()
        requests.close()

    async def _hear_stdout(self) -> None:
        most = self._limits.stdout_bytes
        if not await _hear(self._child.stdout, self._stdout, most):
            self._stop("OutputTooLarge", f"the code printed more than {most} bytes: print less, or return it")

    async def _hear_answer(self) -> None:
        most = self._limits.result_bytes
        if not await _hear(self._child.answers, self._answer, max(most, ERROR_BYTES) + ENVELOPE):
            self._stop("OutputTooLarge", f"the result is larger than {most} bytes: return less, or write it to a store")

    async def _watch_scratch(self) -> None:
        limits = self._limits
        while is_within(self._scratch, limits):  # noqa: ASYNC110 - a folder has no events for its size
            await asyncio.sleep(WATCH_SECONDS)
        most = f"{limits.scratch_bytes} bytes or {limits.scratch_files} files"
        self._stop("ScratchFull", f"the code's temporary files are over {most}: keep less, or remove what is used")


async def _hear(pipe: asyncio.StreamReader, heard: bytearray, most: int) -> bool:
    """Take all that a pipe brings, or as much as may come and False."""
    while chunk := await pipe.read(_CHUNK):
        heard += chunk[: most - len(heard)]
        if len(heard) == most:
            return False
    return True
