"""`headgate run WORKFLOW`: create a Run of it, and show it until it ends if that is wanted."""

from pathlib import Path
from typing import Any

from headgate.cli.arguments import Arguments
from headgate.cli.cluster.creating import create_run, show_created
from headgate.cli.cluster.reading import fetch
from headgate.cli.cluster.session import Session, add_flags, carry_out, where
from headgate.cli.command import Streams, WrongUseError
from headgate.cli.inputs import check_name, parse_inputs, read_inputs
from headgate.kube.kinds import WORKFLOW

_DESCRIPTION = "Create a Run of a workflow. With --local FILE: run it on this machine (headgate run --local --help)."
_EPILOG = """\
Values of -i are JSON where they are JSON and the input is no string; -i goes over what is in the file.

exit codes:
  0  created; with --watch: Succeeded        3  with --watch: Cancelled
  1  refused; with --watch: Failed           4  with --watch: TimedOut
  2  wrong use

examples:
  headgate run hello -i name=Ana --watch
  headgate run nightly-customers -f inputs.yaml --environment prod
  headgate run --local hello.yaml -i name=Ana
"""
_SUFFIXES = (".yaml", ".yml", ".json")


def run(prog: str, arguments: list[str], streams: Streams) -> int:
    if "--local" in arguments:
        from headgate.cli.local import command as local  # noqa: PLC0415 - it loads the whole of the lifecycle

        return local.run(prog, arguments, streams)
    options = _arguments(prog).parse(arguments)
    _refuse_file(prog, options.workflow)
    check_name(prog, options.name)
    given = read_inputs(prog, options.file, streams) if options.file else {}

    async def create(session: Session) -> int:
        fields = await _fields_of(session, options.workflow)
        spec = {"workflow": options.workflow, "inputs": {**given, **parse_inputs(prog, options.input, fields)}}
        if options.environment:
            spec["environment"] = options.environment
        name = await create_run(session, spec, options.name)
        return await show_created(session, name, watch=options.watch, plain=options.ascii)

    return carry_out(prog, where(options), streams, create)


def _refuse_file(prog: str, name: str) -> None:
    """A name that only a file can have. (A workflow may be called as a file that happens to lie here.)"""
    path = Path(name)
    if "/" not in name and not (path.suffix in _SUFFIXES and path.is_file()):
        return
    if not path.is_file():
        raise WrongUseError(f"{prog}: no workflow is called {name}, and there is no such file")
    told = f"run it here with `{prog} --local {name}`, or `kubectl apply -f {name}` and run it by its name"
    raise WrongUseError(f"{prog}: {name} is a file, and a workflow of the cluster is wanted: {told}")


async def _fields_of(session: Session, workflow: str) -> dict[str, Any]:
    """The inputs that the workflow asks for: whether `-i n=3` is a number or a text depends on them."""
    thing = await fetch(session, WORKFLOW, workflow)
    return dict(thing["spec"].get("inputs") or {})


def _arguments(prog: str) -> Arguments:
    arguments = Arguments(prog, _DESCRIPTION, _EPILOG)
    arguments.add_argument("workflow", metavar="WORKFLOW")
    arguments.add_argument(
        "-i", "--input", action="append", default=[], metavar="NAME=VALUE", help="an input of the Run"
    )
    arguments.add_argument("-f", "--file", metavar="FILE", help="a YAML file with inputs; - is standard input")
    arguments.add_argument("--environment", metavar="NAME", help="one of the workflow's environments")
    arguments.add_argument("--name", metavar="NAME", help="of the Run; otherwise the cluster makes one")
    arguments.add_argument("-w", "--watch", action="store_true", help="show it until it ends")
    arguments.add_argument("--ascii", action="store_true", help="no characters beyond ASCII")
    add_flags(arguments)
    return arguments
