"""`headgate approvals [show NAME]`: what people are asked, and one question as a letter."""

from datetime import UTC, datetime

from headgate.cli.arguments import Arguments
from headgate.cli.cluster.asking import as_request, fetch_request, is_open
from headgate.cli.cluster.session import Session, add_flags, carry_out, where
from headgate.cli.command import GOOD, Streams, WrongUseError
from headgate.cli.printing.paint import paint_for, safe
from headgate.cli.requests.letter import as_letter
from headgate.cli.requests.table import as_table
from headgate.kube.kinds import APPROVAL_REQUEST

_DESCRIPTION = "List what people are asked; `show NAME` prints one question as a letter."
_EPILOG = """\
examples:
  headgate approvals                  open questions of the namespace
  headgate approvals -A --all         of all namespaces, decided ones too
  headgate approvals show NAME
"""


def run(prog: str, arguments: list[str], streams: Streams) -> int:
    options = _arguments(prog).parse(arguments)
    if (options.verb is None) != (options.name is None):
        raise WrongUseError(f"{prog}: name a request: {prog} show NAME")

    async def show(session: Session) -> int:
        if options.name is not None:
            request = await fetch_request(session, options.name)
            paint = paint_for(streams.out, streams.environment)
            streams.out.write(as_letter(request, datetime.now(UTC), paint, session.program))
            return GOOD
        namespace = None if options.all_namespaces else session.namespace
        found = [as_request(one) for one in await session.client.list_all(APPROVAL_REQUEST, namespace)]
        asked = [one for one in found if options.all or is_open(one)]
        if not asked:
            streams.err.write(f"nobody is asked anything{f' in namespace {namespace}' if namespace else ''}\n")
        streams.out.write(safe(as_table(asked, with_namespace=options.all_namespaces)))
        return GOOD

    return carry_out(prog, where(options), streams, show)


def _arguments(prog: str) -> Arguments:
    arguments = Arguments(prog, _DESCRIPTION, _EPILOG)
    arguments.add_argument("verb", choices=("show",), nargs="?", metavar="show")
    arguments.add_argument("name", metavar="NAME", nargs="?")
    arguments.add_argument("--all", action="store_true", help="decided ones too")
    arguments.add_argument("-A", "--all-namespaces", action="store_true")
    add_flags(arguments)
    return arguments
