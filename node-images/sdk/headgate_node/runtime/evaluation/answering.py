"""What an evaluator does: it answers expressions until its socket is closed, or until the kernel ends it.

The time that an expression may take is CPU time, so that a busy node of the cluster makes nobody's expression fail. The
kernel counts it and ends the process by the default action of SIGPROF, for which the engine need not be asked.
"""

import resource
import signal
import socket
from collections.abc import Mapping
from itertools import starmap
from pathlib import Path
from typing import Any

from headgate_lang import cel, resolve
from headgate_lang.scope import Scope
from headgate_lang.values import ABSENT, ExpressionError
from headgate_node.runtime.evaluation.wire import Job, pack, receive

SECONDS = 0.1
"""For one expression."""
PREPARING_SECONDS = 5.0
"""For compiling it, and for making of the documents what the engine can read: bounded by their sizes."""
MEMORY = 256 << 20
"""What an expression may take beyond what is there when it begins."""


def answer_until_closed(connection: socket.socket) -> None:
    """Frames in: `["know", {root: [document, schema]}]` or `["ask", [[source, own, own_schemas], …], one_by_one]`."""
    _bound_memory()
    scope = Scope({})
    while True:
        try:
            kind, *rest = receive(connection)
        except EOFError:
            return
        if kind == "know":
            scope = _having(scope, rest[0])
            continue
        jobs, one_by_one = rest
        answers = (_answer(job, scope) for job in starmap(Job, jobs))
        if one_by_one:
            for answer in answers:
                connection.sendall(pack([answer]))
        else:
            connection.sendall(pack(list(answers)))


def _having(scope: Scope, documents: Mapping[str, Any]) -> Scope:
    schemas = {root: schema for root, (_, schema) in documents.items() if schema is not None}
    return scope.having({root: document for root, (document, _) in documents.items()}, schemas)


def _answer(job: Job, scope: Scope) -> tuple[Any, ...]:
    """A value, nothing for ABSENT, or message and remedy: as many things as that."""
    if job.own is not None:
        scope = scope.having(job.own, job.own_schemas)
    try:
        _bound_time(PREPARING_SECONDS)
        scope.for_engine(cel.compile_expression(job.source).ways)
        _bound_time(SECONDS)
        value = resolve.evaluate(job.source, scope)
    except cel.InvalidExpressionError as error:
        return str(error), ""
    except ExpressionError as error:
        return error.message, error.remedy
    finally:
        _bound_time(0)
    return () if value is ABSENT else (value,)


def _bound_time(seconds: float) -> None:
    signal.setitimer(signal.ITIMER_PROF, seconds)


def _bound_memory() -> None:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    limit = pages * resource.getpagesize() + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
