"""`headgate skip RUN NODE`: a new Run that takes over what succeeded, and goes on without a node."""

import json

from headgate.cli.arguments import Arguments
from headgate.cli.cluster.creating import create_run, show_created
from headgate.cli.cluster.reading import fetch_run
from headgate.cli.cluster.session import Session, add_flags, carry_out, where
from headgate.cli.command import Streams, WrongUseError
from headgate.cli.runs.again import build_again

_DESCRIPTION = """\
Go on without a node, in a new Run that takes over what succeeded. Gates ask again: none is skipped, nor a
workflow that holds one, nor what comes after one."""
_EPILOG = """\
Without --output the node counts as skipped, and so does whatever needs it. With one it counts as succeeded, and what it
gives is marked as given by you.

examples:
  headgate skip nightly-29384 fetch
  headgate skip nightly-29384 fetch --output '{"outputs": [], "failed": []}'
"""


def run(prog: str, arguments: list[str], streams: Streams) -> int:
    options = _arguments(prog).parse(arguments)
    output = _read_output(prog, options.output)

    async def skip(session: Session) -> int:
        old = await fetch_run(session, options.run)
        name = await create_run(session, build_again(old, skip={options.node: output}))
        return await show_created(session, name, watch=options.watch)

    return carry_out(prog, where(options), streams, skip)


def _read_output(prog: str, text: str | None) -> dict[str, object] | None:
    if text is None:
        return None
    try:
        output = json.loads(text)
    except ValueError as error:
        raise WrongUseError(f"{prog}: --output is no JSON: {error}") from None
    if not isinstance(output, dict):
        raise WrongUseError(f"{prog}: --output must be an object, as the node would give it")
    return output


def _arguments(prog: str) -> Arguments:
    arguments = Arguments(prog, _DESCRIPTION, _EPILOG)
    arguments.add_argument("run", metavar="RUN")
    arguments.add_argument("node", metavar="NODE")
    arguments.add_argument("--output", metavar="JSON", help="what the node would have given")
    arguments.add_argument("-w", "--watch", action="store_true", help="show the new Run until it ends")
    add_flags(arguments)
    return arguments
