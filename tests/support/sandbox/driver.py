"""Runs probes where `sandbox` is installed, and prints what came of each. Orders come on standard input; both are JSON.

A script of its own: a test starts it as an unprivileged user, or inside a pod, where nothing of this repository is but
the package under test.
"""

import asyncio
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from sandbox import program
from sandbox.run import Failure, Limits, Request, run

MEMORY = 160 << 20


def main() -> None:
    order = json.load(sys.stdin)
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "neighbour").write_text(os.environ["PROBE_SECRET"])
        if order["bare"]:
            outcomes = [run_bare(probe, folder) for probe in order["probes"]]
        else:
            outcomes = asyncio.run(run_all(order["probes"], order["at_once"], Path(folder)))
        left = sorted(path.name for path in Path(folder).iterdir())
    print(json.dumps({"outcomes": outcomes, "left_files": left, "left_processes": list_children()}))


async def run_all(probes: list[dict[str, Any]], at_once: int, folder: Path) -> list[dict[str, Any]]:
    free = asyncio.Semaphore(at_once)

    async def run_one(probe: dict[str, Any]) -> dict[str, Any]:
        async with free:
            started = time.perf_counter()
            limits = Limits(seconds=probe["seconds"], memory_bytes=MEMORY)
            outcome = await run(Request(probe["code"]), limits=limits, scratch=folder)
            took = time.perf_counter() - started
        if isinstance(outcome, Failure):
            return {"reason": outcome.reason, "message": outcome.message, "stdout": outcome.stdout, "took": took}
        return {"reason": "", "result": outcome.result, "stdout": outcome.stdout, "took": took}

    return await asyncio.gather(*map(run_one, probes))


def run_bare(probe: dict[str, Any], folder: str) -> Any:
    """The same without the sandbox, in a process and a folder of its own."""
    here, there = os.pipe()
    if not os.fork():
        os.chdir(tempfile.mkdtemp(dir=folder))
        with os.fdopen(there, "w") as pipe:  # the machine has much to tell: more than a pipe holds
            pipe.write(program.execute(probe["code"], {}))
        os._exit(0)
    os.close(there)
    with os.fdopen(here) as pipe:
        answer = json.load(pipe)
    os.wait()
    return answer


def list_children() -> list[str]:
    """Processes of ours that are still there, a zombie included."""
    found = []
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            lines = dict(line.split(":\t", 1) for line in status.read_text().splitlines() if ":\t" in line)
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(lines["PPid"]) == os.getpid():
            found.append(lines["Name"])
    return found


if __name__ == "__main__":
    main()
