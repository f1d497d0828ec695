"""`headgate lint FILE…`: every problem at once, with line, column and remedy. LANGUAGE §4.4 draws what it prints."""

from headgate.cli.arguments import Arguments
from headgate.cli.checking import check_workspace
from headgate.cli.command import GOOD, PROBLEMS, Streams
from headgate.cli.printing.github import as_github
from headgate.cli.printing.json import as_json
from headgate.cli.printing.paint import paint_for
from headgate.cli.printing.sarif import as_sarif
from headgate.cli.printing.text import as_text
from headgate.cli.workspace import read_workspace

_FOR_MACHINES = {"json": as_json, "github": as_github, "sarif": as_sarif}

_DESCRIPTION = "Find every problem in workflows and in the objects beside them, without a cluster."
_EPILOG = """\
All objects that are given together are checked against each other: a Workflow against the NodeTypes, Policies,
Credentials and Models that it names, a Run against its Workflow. What is not among them is assumed to exist. NodeTypes
and ApprovalPolicies are also checked by themselves.

exit codes:
  0  no errors (with --strict: no warnings either)
  1  problems found
  2  wrong use: a file that is not there, a flag that there is not

examples:
  headgate lint workflow.yaml policies/*.yaml
  helm template CHART | headgate lint -
"""


def run(prog: str, arguments: list[str], streams: Streams) -> int:
    options = _arguments(prog).parse(arguments)
    report = check_workspace(read_workspace(prog, options.files, streams.stdin))
    printer = _FOR_MACHINES.get(options.output)
    printed = printer(report) if printer else as_text(report, paint_for(streams.out, streams.environment))
    streams.out.write(printed)
    streams.out.flush()
    for note in report.notes:
        streams.err.write(f"note: {note}\n")
    return PROBLEMS if report.errors or (options.strict and report.warnings) else GOOD


def _arguments(prog: str) -> Arguments:
    formats = ("text", *_FOR_MACHINES)
    arguments = Arguments(prog, _DESCRIPTION, _EPILOG)
    arguments.add_argument("files", nargs="+", metavar="FILE", help="a YAML file; - is standard input")
    arguments.add_argument("-o", "--output", choices=formats, default="text", help="how to print: text unless said")
    arguments.add_argument("--strict", action="store_true", help="warnings count as problems")
    return arguments
