"""`headgate explain RUN`: why it is where it is, what waits for what, what to do. LANGUAGE §4.6 shows it."""

from datetime import UTC, datetime

from headgate.cli.arguments import Arguments
from headgate.cli.cluster.people import Lookup, fetch_person
from headgate.cli.cluster.reading import fetch_graph, fetch_requests, fetch_run
from headgate.cli.cluster.session import Session, add_flags, carry_out, where
from headgate.cli.command import GOOD, Streams
from headgate.cli.runs.explaining import explain

_DESCRIPTION = "Say why a Run is where it is, what waits for what, and what can be done about it."


def run(prog: str, arguments: list[str], streams: Streams) -> int:
    options = _arguments(prog).parse(arguments)

    async def tell(session: Session) -> int:
        found = await fetch_run(session, options.run)
        graph, requests = await fetch_graph(session, found), await fetch_requests(session, found)
        asked = {}
        if requests:
            lookup = Lookup(session, await fetch_person(session))
            asked = dict(zip(requests, await lookup.look_all([*requests.values()]), strict=True))
        streams.out.write(explain(found, graph, asked, datetime.now(UTC), session.program, session.home))
        return GOOD

    return carry_out(prog, where(options), streams, tell)


def _arguments(prog: str) -> Arguments:
    arguments = Arguments(prog, _DESCRIPTION)
    arguments.add_argument("run", metavar="RUN")
    add_flags(arguments)
    return arguments
