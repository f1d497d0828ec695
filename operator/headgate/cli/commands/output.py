"""`headgate output RUN [NODE]`: what a Run gave, or one of its nodes, as JSON or as the bytes that one field holds."""

import base64
import binascii
import json
from argparse import Namespace
from pathlib import Path
from typing import Any

from headgate.cli.arguments import Arguments
from headgate.cli.cluster.outputs import fetch_output
from headgate.cli.cluster.reading import check_node, fetch_run
from headgate.cli.cluster.session import Session, StoppedError, add_flags, carry_out, where
from headgate.cli.cluster.store import Ways
from headgate.cli.command import GOOD, Streams, WrongUseError

_DESCRIPTION = "Print what a Run gave back, or what one of its nodes gave, as JSON."
_EPILOG = """\
Outputs can be read as long as the Run is there. Reading those of nodes takes the right to read Secrets: they lie there.
Large ones are in Argo's artifact store, and are read with the keys that a Secret of the namespace has for it; where the
store is inside the cluster, by way of the API server, or by a port that you forward yourself (--endpoint).

examples:
  headgate output hello-7k2xp
  headgate output hello-7k2xp greet
  headgate output hello-7k2xp --raw text                          the text itself, without quotes
  headgate output report-9fk2d page --raw base64 --bytes -o page.pdf
"""


def run(prog: str, arguments: list[str], streams: Streams) -> int:
    options = _arguments(prog).parse(arguments)
    if options.bytes and options.raw is None:
        raise WrongUseError(f"{prog}: --bytes is about one field: say which with --raw FIELD")

    async def show(session: Session) -> int:
        found = await fetch_run(session, options.run)
        if options.node is None:
            value: Any = found.status.outputs if found.status else {}
        else:
            check_node(found, options.node)
            value = await fetch_output(session, found, options.node, Ways(options.argo_namespace, options.endpoint))
        _write(_content(value, options), options, streams)
        return GOOD

    return carry_out(prog, where(options), streams, show)


def _content(value: Any, options: Namespace) -> bytes:
    if options.raw is not None:
        value = _field(value, options.raw)
    if options.bytes:
        return _decoded(value, options.raw)
    if options.raw is not None and isinstance(value, str):
        return value.encode(errors="surrogatepass")
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode(errors="surrogatepass")


def _field(value: Any, name: str) -> Any:
    if not isinstance(value, dict) or name not in value:
        names = ", ".join(value) if isinstance(value, dict) else "none"
        raise StoppedError(f"there is no field {name}: it has {names or 'none'}")
    return value[name]


def _decoded(value: Any, name: str) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except (TypeError, ValueError, binascii.Error):
        raise StoppedError(f"{name} is no base64, as nodes write bytes") from None


def _write(content: bytes, options: Namespace, streams: Streams) -> None:
    if options.output:
        Path(options.output).write_bytes(content)
        return
    is_terminal = streams.out.isatty()
    if options.bytes and is_terminal:
        raise StoppedError("these are bytes, and this is a terminal: name a file with -o, or pipe them on")
    if options.raw is not None and not options.bytes and not content.endswith(b"\n"):
        content += b"\n"
    binary = getattr(streams.out, "buffer", None)
    if binary is not None and not is_terminal:
        streams.out.flush()
        binary.write(content)
        binary.flush()
    else:
        streams.out.write(content.decode(errors="replace"))


def _arguments(prog: str) -> Arguments:
    arguments = Arguments(prog, _DESCRIPTION, _EPILOG)
    arguments.add_argument("run", metavar="RUN")
    arguments.add_argument("node", metavar="NODE", nargs="?")
    arguments.add_argument("--raw", metavar="FIELD", help="one field, and a text without quotes")
    arguments.add_argument("--bytes", action="store_true", help="the bytes that the field holds as base64")
    arguments.add_argument("-o", "--output", metavar="FILE", help="write it there, byte for byte")
    arguments.add_argument("--endpoint", metavar="URL", help="of the artifact store, such as a port that is forwarded")
    arguments.add_argument("--argo-namespace", metavar="NAME", default="argo", help="of Argo's controller: argo")
    add_flags(arguments)
    return arguments
