"""What runs in the child: it locks itself in, says that it is ready, reads the request, runs the code and answers.

Started by `spawn`. Nothing of a person's is read before the last lock is shut. What is imported here is what every
start costs: only what the locks and the answer need.
"""

import io
import json
import os
import resource
import signal
import sys
from typing import TYPE_CHECKING, NoReturn

from sandbox import filter, javascript, kernel, landlock, program  # noqa: A004 - a module of ours, by its full name everywhere

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

READY = b"ready\n"
READY = b"ready\n"
"""Said when every lock is shut."""
_OUT_OF_MEMORY = b'{"memory":true}'


def main(setup: str) -> NoReturn:
    answers = os.dup(2)
    try:
        asked = json.loads(setup)
        if asked["engine"]:
            javascript.load(asked["engine"])
        lock(asked)
    except kernel.UnavailableError as error:
        os.write(answers, str(error).encode())
        os._exit(1)
    os.dup2(1, 2)
    os.write(answers, READY)
    try:
        answer = _answer()
    except MemoryError:
        answer = _OUT_OF_MEMORY
    while answer:
        answer = answer[os.write(answers, answer) :]
    os._exit(0)


def lock(setup: "Mapping[str, Any]") -> None:
    """Give up everything that the code is not to have. Raises UnavailableError."""
    with open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:  # noqa: PTH123 - as in `landlock`
        file.write("1000")  # where memory runs out nevertheless, the runtime is not the one to die
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != setup["parent"]:
        os._exit(1)
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    kernel.prctl(kernel.PR_SET_DUMPABLE, 0)
    for name, limit in setup["rlimits"].items():
        resource.setrlimit(getattr(resource, name), (limit, limit))
    landlock.restrict([*_list_readable(), (setup["scratch"], landlock.FLAT_FOLDER)])
    filter.install()


def _list_readable() -> "list[tuple[str, int]]":
    """Python's own library and what it loads, so that `import` works; never packages, which in a pod are ours."""
    library = os.path.dirname(os.__file__)  # noqa: PTH120
    packages = ("site-packages", "dist-packages")
    own = [entry.path for entry in os.scandir(library) if entry.name not in packages]
    shared = f"/usr/lib/{os.uname().machine}-linux-gnu"
    files = [*own, shared, "/usr/share/zoneinfo"]
    return [(library, landlock.READ_DIR), *((path, landlock.READ) for path in files)]


def _answer() -> bytes:
    request = json.load(sys.stdin)
    sys.path.pop(0)
    assert isinstance(sys.stdout, io.TextIOWrapper)
    sys.stdout.reconfigure(line_buffering=True, errors="backslashreplace")
    return program.execute(**request).encode()
