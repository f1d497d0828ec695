"""How much a piece of code may use. The `code` node sets them; `run` and `spawn` hold the child to them."""

import math
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """What is not a limit of the kernel's (time, output, the whole of scratch) is watched by `run`."""

    seconds: float = 10.0
    """By the clock, from when the code is given to the child, waiting included."""
    memory_bytes: int = 512 << 20
    """Address space, of which Python itself takes about 30 MiB. Stay well below the container's limit."""
    result_bytes: int = 1 << 20
    stdout_bytes: int = 256 << 10
    file_bytes: int = 16 << 20
    """Of one file in scratch."""
    scratch_bytes: int = 64 << 20
    """Of all that scratch holds; looked at every `run.WATCH_SECONDS`."""
    scratch_files: int = 500
    open_files: int = 16


def build_rlimits(limits: Limits) -> Mapping[str, int]:
    """What the kernel enforces, by the names of Python's `resource`, for the child to put on itself."""
    return {
        "RLIMIT_AS": limits.memory_bytes,
        # With one thread it is never reached before the clock, unless whoever watches the clock is held up.
        "RLIMIT_CPU": math.ceil(limits.seconds) + 1,
        "RLIMIT_FSIZE": limits.file_bytes,
        "RLIMIT_NOFILE": limits.open_files,
        # Counted a user, over all pods of the node: zero is the only number that means the same everywhere.
        "RLIMIT_NPROC": 0,
        "RLIMIT_STACK": 8 << 20,
        "RLIMIT_CORE": 0,
        "RLIMIT_MEMLOCK": 0,
        "RLIMIT_MSGQUEUE": 0,
    }
