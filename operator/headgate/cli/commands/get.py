"""`headgate get [RUN]`: a Run as it is now, or all Runs of a namespace, a line each."""

from datetime import UTC, datetime

from headgate.api.run import Run
from headgate.cli.arguments import Arguments
from headgate.cli.cluster.reading import as_thing, fetch_graph, fetch_run
from headgate.cli.cluster.session import Session, add_flags, carry_out, where
from headgate.cli.cluster.showing import Screen
from headgate.cli.command import GOOD, Streams
from headgate.cli.printing.paint import safe
from headgate.cli.runs.table import as_table
from headgate.kube.kinds import RUN

_DESCRIPTION = "Show a Run as it is now; without a name, the Runs of the namespace, the youngest first."


def run(prog: str, arguments: list[str], streams: Streams) -> int:
    options = _arguments(prog).parse(arguments)

    async def show(session: Session) -> int:
        if options.run is not None:
            found = await fetch_run(session, options.run)
            Screen(session.streams, session.program, session.at, plain=options.ascii).draw_once(
                found, await fetch_graph(session, found)
            )
            return GOOD
        there = [as_thing(Run, one) for one in await session.client.list_all(RUN, session.namespace)]
        runs = [one for one in there if options.workflow in (None, one.spec.workflow)]
        if not runs:
            of = f" of {options.workflow}" if options.workflow else ""
            streams.err.write(f"there are no Runs{of} in namespace {session.namespace}\n")
        streams.out.write(safe(as_table(runs, datetime.now(UTC))))
        return GOOD

    return carry_out(prog, where(options), streams, show)


def _arguments(prog: str) -> Arguments:
    arguments = Arguments(prog, _DESCRIPTION)
    arguments.add_argument("run", metavar="RUN", nargs="?")
    arguments.add_argument("--workflow", metavar="NAME", help="only Runs of this workflow")
    arguments.add_argument("--ascii", action="store_true", help="no characters beyond ASCII")
    add_flags(arguments)
    return arguments
