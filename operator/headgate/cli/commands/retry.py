"""`headgate retry RUN`: what failed runs again, in this Run; or from a node on, in a new one."""

from headgate.cli.arguments import Arguments
from headgate.cli.cluster.creating import create_run, show_created
from headgate.cli.cluster.declaring import raise_attempt
from headgate.cli.cluster.reading import fetch_run, follow_run
from headgate.cli.cluster.session import Session, add_flags, carry_out, where
from headgate.cli.cluster.showing import follow
from headgate.cli.command import GOOD, Streams
from headgate.cli.runs.again import build_again

_DESCRIPTION = "Run again what failed in a Run; what succeeded stands. Gates that failed ask again."
_EPILOG = """\
examples:
  headgate retry nightly-29384                     in this Run
  headgate retry nightly-29384 --restart fetch     a new Run: fetch and all that comes after it
"""


def run(prog: str, arguments: list[str], streams: Streams) -> int:
    options = _arguments(prog).parse(arguments)

    async def again(session: Session) -> int:
        old = await fetch_run(session, options.run)
        if options.restart:
            name = await create_run(session, build_again(old, restart=options.restart))
            return await show_created(session, name, watch=options.watch)
        attempt = await raise_attempt(session, old)
        streams.out.write(f"{options.run}: attempt {attempt}\n")
        return await follow(session, follow_run(session, options.run), plain=False) if options.watch else GOOD

    return carry_out(prog, where(options), streams, again)


def _arguments(prog: str) -> Arguments:
    arguments = Arguments(prog, _DESCRIPTION, _EPILOG)
    arguments.add_argument("run", metavar="RUN")
    arguments.add_argument("--restart", action="append", metavar="NODE", help="in a new Run, this and what comes after")
    arguments.add_argument("-w", "--watch", action="store_true", help="show it until it ends")
    add_flags(arguments)
    return arguments
