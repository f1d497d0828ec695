"""`headgate render FILE…`: the Argo manifests that a Run would create first, and what comes after."""

from headgate.cli.arguments import Arguments
from headgate.cli.choice import choose, read_good
from headgate.cli.command import GOOD, PROBLEMS, Streams
from headgate.cli.inputs import Wish, run_as_wished
from headgate.cli.rendering import render
from headgate.compiler.build import build

_DESCRIPTION = "Print the Argo manifests that a Run of a workflow would create first, and say what comes after."
_EPILOG = """\
Nothing is created. Where a platform's settings would stand (images, accounts) and where only a real Run has something
(uid, time), stands a placeholder. A Run among the files gives inputs, environment and name; flags come first.

examples:
  headgate render hello.yaml
  headgate render hello.yaml -i name=Ana | kubectl apply --dry-run=client -f -

Where Headgate is installed, nobody but its operator makes what has its labels: --dry-run=server is refused there.
Without the label, a server checks it:
  headgate render hello.yaml | kubectl label --local -f - headgate.dev/run-uid- -o yaml |
    kubectl apply --dry-run=server -f -
"""


def run(prog: str, arguments: list[str], streams: Streams) -> int:
    options = _arguments(prog).parse(arguments)
    workspace = read_good(prog, options.files, streams)
    if workspace is None:
        return PROBLEMS
    name, workflow = choose(prog, workspace, options.workflow)
    wish = Wish(options.input, options.environment, options.run)
    wanted = run_as_wished(prog, workspace, name, workflow.spec, wish)
    graph = build(workflow.spec, workspace.catalogue, wanted.spec.environment).graph
    streams.out.write(render(workflow, wanted, graph, workspace.catalogue))
    return GOOD


def _arguments(prog: str) -> Arguments:
    arguments = Arguments(prog, _DESCRIPTION, _EPILOG)
    arguments.add_argument("files", nargs="+", metavar="FILE", help="a YAML file; - is standard input")
    arguments.add_argument(
        "-i", "--input", action="append", default=[], metavar="NAME=VALUE", help="an input of the Run"
    )
    arguments.add_argument("--environment", metavar="NAME", help="one of the workflow's environments")
    arguments.add_argument("--run", metavar="NAME", help="the name of the Run")
    arguments.add_argument("--workflow", metavar="NAME", help="which one, where the files hold several")
    return arguments
