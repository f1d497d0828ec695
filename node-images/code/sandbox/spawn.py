"""The life of a child, from its start to its certain end: a Python of its own with three pipes and an empty folder.

Called by `run`. What the child does to itself before it reads any code is in `child`.
"""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from sandbox.limits import Limits, build_rlimits

_PACKAGES = Path(__file__).resolve().parents[1]
_START = "import sys; sys.path.insert(0, sys.argv[1]); from sandbox.child import main; main(sys.argv[2])"
_OPTIONS = ("-I", "-S", "-B", "-X", "utf8")  # no environment, no site-packages, nothing written


class Child:
    """A running child and its pipes."""

    def __init__(self, process: asyncio.subprocess.Process, handle: int) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        self.requests = process.stdin
        self.stdout = process.stdout
        self.answers = process.stderr
        """Before it is ready: why it cannot be."""
        self._process = process
        self._handle = handle

    async def wait(self) -> int:
        """How it ended. Both of its outputs must have been read."""
        return await self._process.wait()

    def kill(self) -> None:
        """By its handle, as its number may be another's by now."""
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._handle, signal.SIGKILL)

    async def bury(self) -> None:
        self.kill()
        await self._process.communicate()  # reads what is left in its pipes: a full one would keep it from ending


@asynccontextmanager
async def spawn(limits: Limits, scratch: Path, engine: str = "") -> AsyncIterator[Child]:
    """The child ends with the block, and with the thread that entered it. It loads an engine from the folder given."""
    setup = {"parent": os.getpid(), "scratch": str(scratch), "rlimits": build_rlimits(limits), "engine": engine}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, *_OPTIONS, "-c", _START, str(_PACKAGES), json.dumps(setup)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        close_fds=True,
        cwd=scratch,
        env={"HOME": str(scratch), "TMPDIR": str(scratch)},
        start_new_session=True,
        umask=0o077,
    )
    handle = os.pidfd_open(process.pid)
    child = Child(process, handle)
    try:
        yield child
    finally:
        try:
            await asyncio.shield(child.bury())
        finally:
            os.close(handle)
