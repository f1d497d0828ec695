"""`headgate`, also as `kubectl headgate`: chooses the command and imports no other. Entry point of the package."""

import os
import sys
from importlib import import_module
from pathlib import PurePath
from types import ModuleType

from headgate.cli.command import GOOD, WRONG_USE, HelpWantedError, Streams, WrongUseError
from headgate_lang.near import did_you_mean

COMPLETE = "__complete"
"""What shells ask with the words so far; kubectl asks a program of its own for it."""
COMMANDS = {
    "run": "create a Run of a workflow, and show it until it ends",
    "get": "show a Run as it is now, or the Runs of a namespace",
    "watch": "show a Run as it goes on",
    "explain": "say why a Run is where it is, and what to do about it",
    "output": "print what a Run or one of its nodes gave",
    "logs": "print what the nodes of a Run wrote",
    "approvals": "list what waits for you, or say why one question does",
    "approve": "say yes to a request",
    "reject": "say no to a request",
    "answer": "answer a question, or say what to do about a failure",
    "withdraw": "take a vote back",
    "pause": "start nothing new in a Run",
    "resume": "go on with a Run that is paused or stopped",
    "stop": "let what runs in a Run end, then its `finally`",
    "terminate": "end the pods of a Run at once",
    "retry": "run again what failed in a Run",
    "skip": "go on without a node, in a new Run",
    "audit": "say who did what: list, search, export and verify the audit log",
    "lint": "find every problem in workflows and the objects beside them, without a cluster",
    "render": "print the Argo manifests that a Run would create first",
    "diff": "say what became of workflows, from one file to another",
    "graph": "draw a workflow, for a terminal, Mermaid or Graphviz",
    "completion": "print what makes bash, zsh or fish complete commands",
}
"""Each is a module of `headgate.cli.commands` with `run(prog, arguments, streams)`, which gives the exit code."""
_SHARED = {
    **dict.fromkeys(("pause", "resume", "stop", "terminate"), "state"),
    **dict.fromkeys(("approve", "reject", "answer", "withdraw"), "vote"),
    COMPLETE: "completion",
}
"""Commands of one module."""

_INTERRUPTED, _BROKEN_PIPE = 130, 141


def main() -> int:
    called = PurePath(sys.argv[0]).name
    prog = "kubectl headgate" if called.startswith("kubectl-") else "headgate"
    asked = [COMPLETE] if called.startswith("kubectl_complete-") else []
    streams = Streams(sys.stdin.buffer, sys.stdout, sys.stderr, os.environ)
    try:
        code = run(prog, [*asked, *sys.argv[1:]], streams)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:
        # Python flushes once more at its end, and would complain about the pipe again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _BROKEN_PIPE
    return code


def run(prog: str, arguments: list[str], streams: Streams) -> int:
    """Carry out a command line; the exit code is 0 if all is good, 1 for problems, 2 for wrong use."""
    name = arguments[0] if arguments else "--help"
    if name in ("-h", "--help"):
        streams.out.write(_help(prog))
        return GOOD if arguments else WRONG_USE
    if name == "--version":
        streams.out.write(f"{_version()}\n")
        return GOOD
    if name not in COMMANDS and name != COMPLETE:
        streams.err.write(f"{prog}: there is no {name}: {did_you_mean(name, COMMANDS) or f'see {prog} --help'}\n")
        return WRONG_USE
    command = load(name)
    try:
        return int(command.run(f"{prog} {name}", arguments[1:], streams))
    except HelpWantedError as help_:
        streams.out.write(str(help_))
        return GOOD
    except WrongUseError as error:
        streams.err.write(f"{error}\n")
        return WRONG_USE


def load(name: str) -> ModuleType:
    """The module of a command."""
    return import_module(f"headgate.cli.commands.{_SHARED.get(name, name)}")


def _help(prog: str) -> str:
    width = max(len(name) for name in COMMANDS)
    commands = "\n".join(f"  {name:{width}}  {does}" for name, does in COMMANDS.items())
    return f"""\
AI workflows for Kubernetes, with people at the gates.

usage: {prog} COMMAND …

{commands}

`{prog} COMMAND --help` explains a command.
Exit codes: 0 all good, 1 problems found, 2 wrong use. Of a Run that is watched: 1 Failed, 3 Cancelled, 4 TimedOut.
"""


def _version() -> str:
    from importlib.metadata import version  # noqa: PLC0415 - costs more than everything else here together

    return version("headgate")
