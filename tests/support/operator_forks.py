"""A process that has imported the operator once and becomes one as often as it is told: so a life costs a tenth of what
it costs to start Python anew. Run as a program by `support.operator_process.Nursery`.

Each line of JSON that comes in is a life: the words of its command, its environment, and where its log goes. The line
that goes out is its pid.
"""

import ctypes
import json
import os
import signal
import sys
from typing import Any

import kopf.cli

import headgate.main  # noqa: F401 - here, so that no life has to import it

_PR_SET_PDEATHSIG = 1


def main() -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # whoever asked for a life looks after its end
    for line in sys.stdin:
        life = json.loads(line)
        pid = os.fork()
        if pid == 0:
            live(life)
        print(pid, flush=True)


def live(life: dict[str, Any]) -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)  # a test that is cut off leaves no operator behind
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    nothing, log = os.open(os.devnull, os.O_RDONLY), os.open(life["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(nothing, 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.environ.clear()
    os.environ.update(life["environment"])
    kopf.cli.main(life["words"])


if __name__ == "__main__":
    main()
