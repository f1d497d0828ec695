"""`headgate graph FILE…`: a workflow as a drawing, for a terminal, for Mermaid or for Graphviz."""

from headgate.cli.arguments import Arguments
from headgate.cli.choice import choose, read_good
from headgate.cli.command import GOOD, PROBLEMS, Streams
from headgate.cli.drawing.dot import as_dot
from headgate.cli.drawing.mermaid import as_mermaid
from headgate.cli.drawing.outline import as_outline
from headgate.compiler.build import build

_DRAWINGS = {"text": as_outline, "mermaid": as_mermaid, "dot": as_dot}

_DESCRIPTION = "Draw a workflow: what runs, who waits for whom, and what an edge asks for."
_EPILOG = """\
Boxes are work, hexagons wait for people, time or events, double boxes are other workflows. A solid edge carries data,
a dashed one only order. `optional`: runs too if the other was skipped. `on failure`: runs only if the other failed. As
text, a node comes with its level: nodes of one level do not wait for each other.

examples:
  headgate graph workflow.yaml
  headgate graph workflow.yaml -o mermaid
  headgate graph workflow.yaml -o dot | dot -Tsvg > workflow.svg
"""


def run(prog: str, arguments: list[str], streams: Streams) -> int:
    options = _arguments(prog).parse(arguments)
    workspace = read_good(prog, options.files, streams)
    if workspace is None:
        return PROBLEMS
    name, workflow = choose(prog, workspace, options.workflow)
    graph = build(workflow.spec, workspace.catalogue).graph
    streams.out.write(_DRAWINGS[options.output](name, graph))
    return GOOD


def _arguments(prog: str) -> Arguments:
    arguments = Arguments(prog, _DESCRIPTION, _EPILOG)
    arguments.add_argument("files", nargs="+", metavar="FILE", help="a YAML file; - is standard input")
    arguments.add_argument("-o", "--output", choices=tuple(_DRAWINGS), default="text", help="text unless said")
    arguments.add_argument("--workflow", metavar="NAME", help="which one, where the files hold several")
    return arguments
