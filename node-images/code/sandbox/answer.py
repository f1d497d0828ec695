"""What came of a piece of code, and how that is read out of what its process left. Used by `run`.

Behind the locks, the code can write into the pipe of answers itself. It may only lie about its own result: an answer is
read as data from a stranger, and none of them can say that the sandbox was not there.
"""

import json
import math
import signal
from dataclasses import dataclass
from typing import Any, Literal, NoReturn

Reason = Literal["Timeout", "OutOfMemory", "OutputTooLarge", "ScratchFull", "CodeError", "SandboxUnavailable"]

ENVELOPE = 64
"""Bytes that an answer may have around its result."""
ERROR_BYTES = 32 << 10

_TOO_MUCH_MEMORY = "the code needed more memory than it may have: keep less at a time, or give the node more"


@dataclass(frozen=True)
class Answer:
    result: Any
    stdout: str


@dataclass(frozen=True)
class Failure:
    """`SandboxUnavailable` is the cluster's fault and no code has run; everything else is the code's."""

    reason: Reason
    message: str
    stdout: str = ""


def read_answer(said: bytes, status: int, stdout: str) -> Answer | Failure:
    """Decide by what the child said, and by how it ended if that is nothing sensible."""
    try:
        answer = json.loads(said, parse_float=_parse_float, parse_constant=_refuse)
    except (ValueError, RecursionError):
        answer = None
    match answer:
        case {"result": result}:
            return Answer(result, stdout)
        case {"error": str(message)}:
            return Failure("CodeError", message, stdout)
        case {"memory": True}:
            return Failure("OutOfMemory", _TOO_MUCH_MEMORY, stdout)
    match -status:
        case signal.SIGKILL:  # not ours: `run` remembers when it was
            return Failure("OutOfMemory", _TOO_MUCH_MEMORY, stdout)
        case signal.SIGXCPU:
            return Failure("Timeout", "the code was stopped: it used up its processor time", stdout)
    return Failure("CodeError", f"the code's process {describe_end(status)}, and there is no result", stdout)


def describe_end(status: int) -> str:
    """How a process ended, by its return code."""
    if status >= 0:
        return f"ended by itself with status {status}"
    name = signal.Signals(-status).name if -status in {one.value for one in signal.Signals} else f"signal {-status}"
    hint = ": it called itself too deeply, or broke Python itself" if name == "SIGSEGV" else ""
    return f"was ended by {name}{hint}"


def _parse_float(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _refuse(text)


def _refuse(text: str) -> NoReturn:
    raise ValueError(text)
