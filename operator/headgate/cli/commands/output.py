"""`headgate output RUN [NODE]`: what a Run gave, or one of its nodes, as JSON."""

import json
from typing import Any

from headgate.cli.arguments import Arguments
from headgate.cli.cluster.outputs import fetch_output
from headgate.cli.cluster.reading import check_node, fetch_run
from headgate.cli.cluster.session import Session, StoppedError, add_flags, carry_out, where
from headgate.cli.command import GOOD, Streams

_DESCRIPTION = "Print what a Run gave back, or what one of its nodes gave, as JSON."
_EPILOG = """\
Outputs can be read as long as the Run is there. Reading those of nodes takes the right to read Secrets: they lie there.

examples:
  headgate output hello-7k2xp
  headgate output hello-7k2xp greet
  headgate output hello-7k2xp --raw text        the text itself, without quotes
"""


def run(prog: str, arguments: list[str], streams: Streams) -> int:
    options = _arguments(prog).parse(arguments)

    async def show(session: Session) -> int:
        found = await fetch_run(session, options.run)
        if options.node is None:
            value: Any = found.status.outputs if found.status else {}
        else:
            check_node(found, options.node)
            kept = await fetch_output(session, found, options.node)
            if kept.store:
                raise StoppedError(f"it is large, and lies in the artifact store under {kept.store}")
            value = kept.value
        streams.out.write(_as_text(value, options.raw))
        return GOOD

    return carry_out(prog, where(options), streams, show)


def _as_text(value: Any, raw: str | None) -> str:
    if raw is not None:
        if not isinstance(value, dict) or raw not in value:
            names = ", ".join(value) if isinstance(value, dict) else "none"
            raise StoppedError(f"there is no field {raw}: it has {names or 'none'}")
        value = value[raw]
        if isinstance(value, str):
            return value if value.endswith("\n") else f"{value}\n"
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def _arguments(prog: str) -> Arguments:
    arguments = Arguments(prog, _DESCRIPTION, _EPILOG)
    arguments.add_argument("run", metavar="RUN")
    arguments.add_argument("node", metavar="NODE", nargs="?")
    arguments.add_argument("--raw", metavar="FIELD", help="one field, and a text without quotes")
    add_flags(arguments)
    return arguments
