"""The child's side: loads one engine, gives up all that it does not need, and answers jobs until its parent is gone.

A job and its answer are JSON behind their length, eight bytes. Whatever an engine raises becomes a fault, told to the
parent; what ends the process (no memory, no time) is read there from its status.
"""

import json
import math
import os
import resource
import struct
import sys
from typing import Any

from headgate_core.confined.engines import ENGINES, Engine, FaultError

MOST_MEMORY = 384 << 20
"""Of address space, of which the engines with all their libraries take up to 120 MiB."""
MOST_ANSWER = 8 << 20


def main() -> None:
    engine = ENGINES[sys.argv[2]]()
    _confine()
    while (head := os.read(0, 8)) and len(head) == 8:
        (length,) = struct.unpack(">Q", head)
        request = json.loads(_read(length))
        _bound_time(request["seconds"])
        answer = _answer(engine, request["job"])
        _write(struct.pack(">Q", len(answer)) + answer)


def _confine() -> None:
    """No descriptor beyond the three that it has: it opens no file and no socket. Told once, kept by the kernel."""
    for what, most in (
        (resource.RLIMIT_AS, MOST_MEMORY),
        (resource.RLIMIT_NOFILE, 3),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def _bound_time(seconds: float) -> None:
    """Its parent kills it by the clock; this ends it where the parent is no more."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    most = math.ceil(used.ru_utime + used.ru_stime + seconds)
    resource.setrlimit(resource.RLIMIT_CPU, (most, resource.RLIM_INFINITY))


def _answer(engine: Engine, job: Any) -> bytes:
    try:
        answer = _encoded({"value": engine(job)})
    except FaultError as fault:
        answer = _encoded({"fault": [fault.reason, fault.message]})
    except RecursionError:
        answer = _encoded({"fault": ["TooDeep", "it is nested too deep, or refers to itself: make it flatter"]})
    except MemoryError:
        os.abort()  # what is left of this process is not worth keeping
    if len(answer) > MOST_ANSWER:
        told = f"what comes out has {len(answer):,} bytes, at most {MOST_ANSWER >> 20} MiB: take less of it"
        return _encoded({"fault": ["TooLarge", told]})
    return answer


def _encoded(answer: Any) -> bytes:
    try:
        return json.dumps(answer, separators=(",", ":"), allow_nan=False).encode()
    except ValueError:
        raise FaultError("NoDocument", "what comes out holds a number that is none, which no JSON can carry") from None


def _read(length: int) -> bytearray:
    data = bytearray()
    while len(data) < length:
        piece = os.read(0, min(length - len(data), 1 << 20))
        if not piece:
            sys.exit(0)
        data += piece
    return data


def _write(data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(1, view) :]
