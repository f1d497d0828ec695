"""`headgate-node PACKAGE`: what Argo starts in the pod of a bundle. PACKAGE has the nodes of the image.

It reads the task, forks what the pod is made of, and says how it went: 0 if everything could be told.
"""

import gc
import mmap
import os
import socket
import struct
import sys
import time
from collections.abc import Callable
from typing import NoReturn

from headgate_lang import resolve, strict, task
from headgate_lang.task import VARIABLE, Task
from headgate_node.runtime.burial import INTERNAL
from headgate_node.runtime.folders import ROOT, Folders
from headgate_node.runtime.lines import SIGN, Lines
from headgate_node.runtime.mask import Mask
from headgate_node.runtime.secrets import Secrets, read_secrets
from headgate_node.runtime.supervisor import Supervisor, Worker

LOADING = 60.0
"""Seconds that a worker may take to load what it needs, before it counts as blocked."""
USAGE = "headgate-node PACKAGE: runs the task in HEADGATE_TASK; PACKAGE has the image's nodes, such as headgate_core"


def main() -> None:
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    if len(arguments) != 1 or arguments[0].startswith("-"):
        print(USAGE, file=sys.stderr)
        return 2
    try:
        todo = task.decode(os.environ.pop(VARIABLE))  # not for the programs that a node may start
    except KeyError:
        print(f"{VARIABLE} is not set: it holds the task, as the operator emits it", file=sys.stderr)
        return 2
    except strict.MalformedError as error:
        print(f"{VARIABLE} holds no task: {error}", file=sys.stderr)
        return 2
    return _run(todo, arguments[0], Folders(os.environ.get(ROOT, "")))


def _run(todo: Task, package: str, folders: Folders) -> int:
    secrets = read_secrets(todo, folders)
    output, printing = os.pipe()
    control = _fork_server(printing) if _computes(todo) else None
    pulse = _Pulse()
    process = _fork(lambda: _work(todo, package, folders, secrets, control, pulse), printing)
    os.close(printing)
    if control is not None:
        control.close()
    worker = Worker(process, output, pulse.read)
    return Supervisor(todo, folders, Mask(secrets.values), worker, sys.stdout.fileno()).run()


def _computes(todo: Task) -> bool:
    """Whether any value is more than literals and plain paths."""
    written = [(one.when, one.with_, one.rule, one.loop and one.loop.items) for one in todo.members]
    return any(resolve.find_computed(value) for values in written for value in values)


def _fork_server(printing: int) -> socket.socket:
    ours, theirs = socket.socketpair()

    def serve() -> None:
        from headgate_node.runtime.evaluation import server  # noqa: PLC0415 - few pods compute anything

        ours.close()
        server.serve(theirs)

    _fork(serve, printing)
    theirs.close()
    return ours


def _work(
    todo: Task, package: str, folders: Folders, secrets: Secrets, control: socket.socket | None, pulse: "_Pulse"
) -> None:
    os.environ["PYDANTIC_DISABLE_PLUGINS"] = "__all__"  # it would ask every distribution for some
    gc.disable()  # nothing of what is loaded now will ever be garbage
    import asyncio  # noqa: PLC0415 - not for the supervisor

    from headgate_node.runtime.worker import work  # noqa: PLC0415

    gc.freeze()
    gc.enable()
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(line_buffering=True)
    lines = Lines(1, Mask(secrets.values), SIGN)
    # Not `asyncio.run`: it would wait for threads that a node has left behind.
    loop = asyncio.new_event_loop()
    loop.run_until_complete(work(todo, package, folders, secrets, lines.tell, control, pulse.beat))
    pulse.end()


def _fork(action: Callable[[], None], printing: int) -> int:
    """Do something in a process of its own, which prints to where the supervisor reads."""
    process = os.fork()
    if process:
        return process
    try:
        os.dup2(printing, 1)
        os.dup2(printing, 2)
        os.close(printing)
        action()
        sys.stdout.flush()
        _exit(0)
    except BaseException:  # noqa: BLE001 - nothing may go on as if it were the supervisor
        sys.excepthook(*sys.exc_info())
        sys.stderr.flush()
        _exit(INTERNAL)


def _exit(code: int) -> NoReturn:
    os._exit(code)


class _Pulse:
    """When the worker's loop last turned, and whether it is done, in memory that both processes see."""

    _SEEN = struct.Struct("d?")

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, self._SEEN.size)
        self._memory[:] = self._SEEN.pack(time.monotonic() + LOADING, False)

    def beat(self) -> None:
        self._memory[:] = self._SEEN.pack(time.monotonic(), False)

    def end(self) -> None:
        self._memory[:] = self._SEEN.pack(time.monotonic(), True)

    def read(self) -> tuple[float, bool]:
        moment, is_done = self._SEEN.unpack(self._memory[:])
        return moment, is_done
