"""`headgate watch RUN`: the Run as it goes on, until it ends. LANGUAGE §4.5 draws what it shows."""

from headgate.cli.arguments import Arguments
from headgate.cli.cluster.reading import follow_run
from headgate.cli.cluster.session import Session, add_flags, carry_out, where
from headgate.cli.cluster.showing import follow
from headgate.cli.command import Streams

_DESCRIPTION = "Show a Run as it goes on, until it ends. Ctrl-C leaves the Run alone."
_EPILOG = """\
On a terminal the picture is redrawn; elsewhere there is one line a change.

exit codes:
  0  Succeeded        3  Cancelled
  1  Failed           4  TimedOut
  2  wrong use
"""


def run(prog: str, arguments: list[str], streams: Streams) -> int:
    options = _arguments(prog).parse(arguments)

    async def watch(session: Session) -> int:
        return await follow(session, follow_run(session, options.run), plain=options.ascii)

    try:
        return carry_out(prog, where(options), streams, watch)
    except KeyboardInterrupt:
        streams.err.write(f"\n{options.run} goes on; see it again with: {prog} {options.run}\n")
        raise


def _arguments(prog: str) -> Arguments:
    arguments = Arguments(prog, _DESCRIPTION, _EPILOG)
    arguments.add_argument("run", metavar="RUN")
    arguments.add_argument("--ascii", action="store_true", help="no characters beyond ASCII")
    add_flags(arguments)
    return arguments
