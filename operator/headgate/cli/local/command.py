"""`headgate run --local FILE…`: a whole Run on this machine, without a cluster. `commands.run` hands over to it."""

import asyncio
import json
import os
import re
import signal
import tempfile
from argparse import ArgumentTypeError, Namespace
from contextlib import contextmanager
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from headgate.api.common import OBJECT_NAME
from headgate.api.run import Phase, Run
from headgate.cli.arguments import Arguments
from headgate.cli.choice import choose, read_good
from headgate.cli.cluster.session import StoppedError
from headgate.cli.cluster.showing import EXIT_CODES
from headgate.cli.command import PROBLEMS, WRONG_USE, Streams, WrongUseError
from headgate.cli.inputs import Wish, check_name, read_inputs, run_as_wished
from headgate.cli.local.clock import Clock
from headgate.cli.local.course import Course
from headgate.cli.local.engine import Engine
from headgate.cli.local.gathering import Local, prepare
from headgate.cli.local.people import NobodyThereError
from headgate.cli.local.picture import Picture
from headgate.cli.local.pods import Pods
from headgate.cli.printing.paint import paint_for, safe
from headgate.cli.runs.lines import as_text, read_line
from headgate.names import MAX_RUN_NAME, child_name

INTERRUPTED = 130
_DESCRIPTION = "Run a workflow on this machine, without a cluster: the same decisions, its nodes as processes."
_EPILOG = """\
Whoever sits at the terminal answers for all the people whom policies name. Without a terminal, answers are given
beforehand: --answer NODE=approve, 'NODE=reject:why', 'NODE={"field": …}' for questions, NODE=retry, skip or stop for
failures. Ctrl-C ends the nodes that run; a second one ends them at once.

exit codes:
  0  Succeeded        3  Cancelled
  1  Failed           4  TimedOut
  2  wrong use        130  interrupted

examples:
  headgate run --local hello.yaml -i name=Ana
  headgate run --local release-notes.yaml policies.yaml --secrets secrets.yaml --answer review=approve
  headgate run --local campaign.yaml --skip-waits --model small=http://localhost:11434/v1,smollm2
"""


def run(prog: str, arguments: list[str], streams: Streams) -> int:
    prog = f"{prog} --local"
    options = _arguments(prog).parse(arguments)
    _check(prog, options)
    workspace = read_good(prog, options.files, streams)
    if workspace is None:
        return PROBLEMS
    name, workflow = choose(prog, workspace, options.workflow)
    values = read_inputs(prog, options.file, streams) if options.file else {}
    wish = Wish(
        options.input, options.environment, options.name or child_name(name, "local", limit=MAX_RUN_NAME), values
    )
    wanted = run_as_wished(prog, workspace, name, workflow.spec, wish)
    objects = [one.model for one in workspace.given if one.model is not None]
    try:
        return _carry_out(prepare(prog, options, objects, workflow.spec, wanted, streams), options, streams)
    except NobodyThereError as error:
        streams.err.write(f"{prog}: {safe(str(error))}\n")
        return WRONG_USE
    except StoppedError as error:
        streams.err.write(f"{prog}: {safe(str(error))}\n")
        return PROBLEMS


def _check(prog: str, options: Namespace) -> None:
    """What would otherwise be found out at the end, or in somebody else's words."""
    check_name(prog, options.name)
    if options.name and not re.fullmatch(OBJECT_NAME, options.name):
        raise WrongUseError(f"{prog}: {options.name!r} names no Run: lower case letters, digits, `-` and `.`")
    for one in options.open_address:
        try:
            ip_network(one)
        except ValueError as error:
            told = f"{error}: write an address, or several as 10.20.0.0/16"
            raise WrongUseError(f"{prog}: --open-address: {told}") from None
    if options.output and options.output != "-":
        place = Path(options.output)
        if place.is_dir() or not place.parent.is_dir():
            raise WrongUseError(f"{prog}: no file can be written at {options.output}")


def _carry_out(local: Local, options: Namespace, streams: Streams) -> int:
    shown = replace(streams, out=streams.err) if options.output == "-" else streams
    with tempfile.TemporaryDirectory(prefix="headgate-", ignore_cleanup_errors=True) as folder:
        ended, interruptions = asyncio.run(_until_it_ends(local, options, shown, Path(folder)))
    status = ended.status
    assert status is not None
    if status.phase is not Phase.SUCCEEDED and status.message:
        streams.err.write(f"{safe(status.message)}\n")
    outputs = json.dumps(dict(status.outputs), ensure_ascii=False, indent=2) + "\n"
    if options.output and options.output != "-":
        Path(options.output).write_text(outputs, encoding="utf-8")
    elif status.outputs or options.output:
        streams.out.write(outputs)
    return INTERRUPTED if interruptions else EXIT_CODES[status.phase] if status.phase else PROBLEMS


async def _until_it_ends(local: Local, options: Namespace, streams: Streams, folder: Path) -> tuple[Run, int]:
    clock = Clock()
    ground = local.ground
    course = Course(ground, clock)
    picture = Picture(streams, local.graph, clock.now, course.wakes, plain=options.ascii)
    paint = paint_for(streams.err, streams.environment)

    def tell(data: bytes) -> None:
        line = read_line(data) if options.logs else None
        if line is not None:
            streams.err.write(as_text(line, paint))
            picture.written()

    pods = Pods(folder, streams.environment, tell)
    name = local.run.metadata.name or ""
    engine = Engine(course, clock, pods, local.people, local.wishes, picture.draw)
    spec = local.run.spec.model_dump(mode="json", by_alias=True, exclude_unset=True)
    ground.submit({"metadata": {"name": name}, "spec": {**spec, "requester": local.wishes.me}}, clock.now())

    def interrupt() -> None:
        running = engine.interrupt(name)
        what = "ended at once" if engine.interruptions > 1 else "asked to end; Ctrl-C again ends them at once"
        streams.err.write(f"\ninterrupted: {running} node process{'' if running == 1 else 'es'} {what}\n")
        picture.written()

    with _interrupted_by(interrupt):
        return await engine.run(name), engine.interruptions


@contextmanager
def _interrupted_by(interrupt: Any) -> Any:
    loop, signals = asyncio.get_running_loop(), (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    for number in signals:
        loop.add_signal_handler(number, interrupt)
    try:
        yield
    finally:
        for number in signals:
            loop.remove_signal_handler(number)


def _arguments(prog: str) -> Arguments:
    arguments = Arguments(prog, _DESCRIPTION, _EPILOG)
    add = arguments.add_argument
    add("files", nargs="+", metavar="FILE", help="YAML files with the workflow and what it uses; - is standard input")
    add("--local", action="store_true", help="what this is")
    add("-i", "--input", action="append", default=[], metavar="NAME=VALUE", help="an input of the Run")
    add("-f", "--file", metavar="FILE", help="a YAML file with inputs")
    add("--environment", metavar="NAME", help="one of the workflow's environments")
    add("--workflow", metavar="NAME", help="which one, where the files hold several")
    add("--name", metavar="NAME", help="of the Run")
    add("--answer", action="append", default=[], metavar="NODE=ANSWER", help="what people would say")
    add("--skip-waits", action="store_true", help="go on as if the time of `wait` had passed")
    add("--secrets", metavar="FILE", help="a YAML file with values of credentials and addresses of models")
    add("--model", action="append", default=[], metavar="NAME=URL[,MODEL]", help="where a model answers")
    add("--command", action="append", default=[], metavar="TYPE=COMMAND", help="what runs a node type of your own")
    add("--runtime", metavar="COMMAND", help="what runs nodes, in place of headgate-node")
    add("--open-address", action="append", default=[], metavar="CIDR", help="let nodes reach it, though it is private")
    add("--parallelism", type=_count, default=max(2, os.cpu_count() or 1), metavar="N", help="processes at a time")
    add("--logs", action="store_true", help="print what nodes write, on standard error")
    add("-o", "--output", metavar="FILE", help="write the outputs there, as JSON; -: only they go to standard output")
    add("--ascii", action="store_true", help="no characters beyond ASCII")
    return arguments


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"{text} is no number of processes: at least 1")
    return int(text)
