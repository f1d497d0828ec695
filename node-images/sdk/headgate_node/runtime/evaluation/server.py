"""The process that forks evaluators: single-threaded, with the engine loaded, so that a fork is quick and safe.

It is forked itself before the worker has loaded anything, and ends with the worker.
"""

import os
import signal
import socket

from headgate_lang import engine
from headgate_node.runtime.evaluation.answering import answer_until_closed
from headgate_node.runtime.evaluation.wire import pack, receive


def serve(control: socket.socket) -> None:
    """For each frame that arrives: say how the last evaluator ended, and hand over the socket of a new one."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # the worker may need an answer for as long as it lives
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    engine.untyped()
    process = 0
    while True:
        try:
            receive(control)
        except (EOFError, ConnectionError):
            return
        status = _end(process) if process else 0
        mine, theirs = socket.socketpair()
        process = os.fork()
        if process == 0:
            control.close()
            mine.close()
            answer_until_closed(theirs)
            os._exit(0)
        theirs.close()
        socket.send_fds(control, [pack(status)], [mine.fileno()])
        mine.close()


def _end(process: int) -> int:
    """How it ended: below 0, by which signal."""
    os.kill(process, signal.SIGKILL)
    _, status = os.waitpid(process, 0)
    return os.waitstatus_to_exitcode(status)
