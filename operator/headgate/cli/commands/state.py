"""`headgate pause|resume|stop|terminate RUN`: what people want done with a Run, declared in `spec.state`."""

from dataclasses import dataclass

from headgate.api.run import State
from headgate.cli.arguments import Arguments
from headgate.cli.cluster.declaring import patch_spec
from headgate.cli.cluster.reading import fetch_run
from headgate.cli.cluster.session import Session, StoppedError, add_flags, carry_out, where
from headgate.cli.cluster.showing import EXIT_CODES
from headgate.cli.command import GOOD, Streams


@dataclass(frozen=True, slots=True)
class Wish:
    state: State
    does: str
    done: str
    """What is said once it is declared."""


_WISHES = {
    "pause": Wish(
        State.PAUSED,
        "Start nothing new in a Run, and keep its gates open. What runs goes on to its end.",
        "starts nothing new; `resume` goes on",
    ),
    "resume": Wish(State.RUNNING, "Go on with a Run that is paused or stopped.", "goes on"),
    "stop": Wish(
        State.STOPPED,
        "Let what runs in a Run end, then run its `finally`, and start nothing else.",
        "ends what runs, then `finally`",
    ),
    "terminate": Wish(
        State.TERMINATED, "End the pods of a Run at once; its `finally` does not run.", "its pods are ended"
    ),
}


def run(prog: str, arguments: list[str], streams: Streams) -> int:
    verb = prog.rpartition(" ")[2]
    wish = _WISHES[verb]
    parser = Arguments(prog, wish.does)
    parser.add_argument("run", metavar="RUN")
    add_flags(parser)
    options = parser.parse(arguments)

    async def declare(session: Session) -> int:
        found = await fetch_run(session, options.run)
        phase = found.status.phase if found.status else None
        if phase in EXIT_CODES:
            raise StoppedError(f"{options.run} has ended ({phase}): there is nothing to {verb}")
        if found.spec.state is wish.state:
            streams.out.write(f"{options.run}: {wish.done} already\n")
            return GOOD
        if found.spec.state is State.TERMINATED:
            raise StoppedError(f"{options.run} is being terminated, which cannot be taken back")
        await patch_spec(session, found, {"state": str(wish.state)})
        streams.out.write(f"{options.run}: {wish.done}\n")
        return GOOD

    return carry_out(prog, where(options), streams, declare)
