"""`headgate logs RUN [NODE] [-f]`: what the nodes of a Run wrote, while their pods can still be asked."""

import asyncio
from collections.abc import AsyncIterator, Iterable

from headgate.api.run import Run
from headgate.cli.arguments import Arguments
from headgate.cli.cluster.reading import check_node, fetch_run
from headgate.cli.cluster.session import Session, add_flags, carry_out, where
from headgate.cli.cluster.showing import EXIT_CODES
from headgate.cli.command import GOOD, Streams
from headgate.cli.printing.paint import paint_for
from headgate.cli.runs.lines import Line, as_text, read_line
from headgate.compiler.emit.identity import RUN_UID
from headgate.kube.errors import KubeError, NotFoundError, RefusedError
from headgate.kube.kinds import POD, Object

_DESCRIPTION = "Print what the nodes of a Run wrote: of all of them, or of one."
_EPILOG = "A pod can be asked for ten minutes after its end; your cluster's own log collection keeps lines for longer."
_MAIN = "main"
_AGAIN = 1.0
"""Seconds between looks for new pods, while following."""
_PATIENCE = 24 * 3600.0


def run(prog: str, arguments: list[str], streams: Streams) -> int:
    options = _arguments(prog).parse(arguments)

    async def show(session: Session) -> int:
        found = await fetch_run(session, options.run)
        check_node(found, options.node)
        printer = _Printer(session, options.node)
        if options.follow:
            await _follow(session, found, printer)
        else:
            for pod in await _pods(session, found):
                await printer.print_all(read_log(session, pod, follow=False))
        if not printer.printed:
            streams.err.write(f"{options.run} has written nothing that can still be read\n")
        return GOOD

    return carry_out(prog, where(options), streams, show)


class _Printer:
    def __init__(self, session: Session, node: str | None) -> None:
        self._out = session.streams.out
        self._paint = paint_for(self._out, session.streams.environment)
        self._node = node
        self._inside = False
        """In an answer that arrives piece by piece."""
        self.printed = False

    async def print_all(self, lines: AsyncIterator[Line]) -> None:
        async for line in lines:
            if self._node is None or line.node in (self._node, ""):
                self._print(line)

    def _print(self, line: Line) -> None:
        if self._inside and not line.is_piece:
            self._out.write("\n")
        self._inside = line.is_piece
        self._out.write(as_text(line, self._paint))
        self._out.flush()
        self.printed = True


async def _pods(session: Session, run: Run) -> list[Object]:
    """In the order in which they were made."""
    pods = await session.client.list_all(POD, session.namespace, labels=f"{RUN_UID}={run.metadata.uid}")
    return sorted(pods, key=lambda pod: (pod["metadata"].get("creationTimestamp", ""), pod["metadata"]["name"]))


async def _follow(session: Session, run: Run, printer: _Printer) -> None:
    """Until the Run has ended and every pod has been read to its end."""
    read: set[str] = set()
    try:
        async with asyncio.TaskGroup() as group:
            while True:
                has_ended = run.status is not None and run.status.phase in EXIT_CODES
                for pod in _startable(await _pods(session, run), read):
                    read.add(pod["metadata"]["uid"])
                    group.create_task(printer.print_all(read_log(session, pod, follow=True)))
                if has_ended:
                    return
                await asyncio.sleep(_AGAIN)
                run = await fetch_run(session, run.metadata.name or "")
    except ExceptionGroup as together:  # what went wrong is told in a line, as everywhere
        raise together.exceptions[0] from None


def _startable(pods: Iterable[Object], read: set[str]) -> list[Object]:
    return [
        pod
        for pod in pods
        if pod["metadata"]["uid"] not in read and pod.get("status", {}).get("phase") not in (None, "Pending")
    ]


async def read_log(session: Session, pod: Object, *, follow: bool) -> AsyncIterator[Line]:
    """The lines of a pod; none of one that is gone, or has not started."""
    path = POD.path(session.namespace, pod["metadata"]["name"], "log")
    asked = {"container": _MAIN, **({"follow": "true"} if follow else {})}
    try:
        async with session.client.stream(POD, path, asked, seconds=_PATIENCE) as lines:
            async for data in lines:
                if line := read_line(data):
                    yield line
    except (NotFoundError, RefusedError):
        return
    except KubeError as error:
        yield Line("", "", pod["metadata"]["name"], f"cannot be read: {error.message}", "warning")


def _arguments(prog: str) -> Arguments:
    arguments = Arguments(prog, _DESCRIPTION, _EPILOG)
    arguments.add_argument("run", metavar="RUN")
    arguments.add_argument("node", metavar="NODE", nargs="?")
    arguments.add_argument("-f", "--follow", action="store_true", help="go on until the Run has ended")
    add_flags(arguments)
    return arguments
