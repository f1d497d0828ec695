"""`headgate diff OLD NEW`: what became of workflows and the objects beside them, a line a change.

What is no part of a revision is no difference: descriptions, places on a canvas, the order of nodes, and defaults that
somebody wrote out.
"""

from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from headgate.api.common import Shape
from headgate.cli.arguments import Arguments
from headgate.cli.command import GOOD, PROBLEMS, Streams, WrongUseError
from headgate.cli.printing.paint import paint_for, safe
from headgate.cli.reading.source import STDIN
from headgate.cli.workspace import read_workspace
from headgate.compiler.revision import diff, revision
from headgate.errors import Severity

_DESCRIPTION = "Say what became of workflows and the objects beside them, from one file to another."
_EPILOG = """\
Objects of the same kind and name are compared by what they say: descriptions, places on a canvas, the order of nodes
and defaults that somebody wrote out are no difference. `+` was added, `-` taken out, `~` changed.

exit codes:
  0  they say the same
  1  they differ
  2  wrong use: a file that is not there, or has errors

examples:
  headgate diff old.yaml new.yaml
  git show HEAD:workflow.yaml | headgate diff - workflow.yaml
  kubectl get hwf release-notes -o yaml | headgate diff - release-notes.yaml
"""

Specs = Mapping[str, Shape]
"""Subject (`Workflow hello`) → what it says."""


def run(prog: str, arguments: list[str], streams: Streams) -> int:
    options = _arguments(prog).parse(arguments)
    if options.old == options.new == STDIN:
        raise WrongUseError(f"{prog}: standard input can be one of the two files, and not both")
    old, new = (_specs(prog, name, streams.stdin) for name in (options.old, options.new))
    paint = paint_for(streams.out, streams.environment)
    differ = False
    for heading, changes in _differences(old, new):
        differ = True
        lines = [paint.bold(safe(heading)), *(f"  {safe(change)}" for change in changes)]
        streams.out.write("\n".join(lines) + "\n")
    return PROBLEMS if differ else GOOD


def _specs(prog: str, name: str, stdin: BinaryIO) -> Specs:
    workspace = read_workspace(prog, [name], stdin)
    if any(finding.problem.severity is Severity.ERROR for finding in workspace.findings):
        raise WrongUseError(f"{prog}: {workspace.files[0]} has errors: see headgate lint {name}")
    models: dict[str, Any] = {one.subject: one.model for one in workspace.given}
    return {subject: model.spec for subject, model in models.items()}


def _differences(old: Specs, new: Specs) -> Iterator[tuple[str, list[str]]]:
    """For each object that is not the same: what it is, and how it changed."""
    for subject in [*old, *(subject for subject in new if subject not in old)]:
        before, after = old.get(subject), new.get(subject)
        if before is None or after is None:
            yield f"{'-' if after is None else '+'} {subject}", []
        elif changes := diff(before, after):
            yield f"{subject}  {revision(before)} → {revision(after)}", [str(change) for change in changes]


def _arguments(prog: str) -> Arguments:
    arguments = Arguments(prog, _DESCRIPTION, _EPILOG)
    arguments.add_argument("old", metavar="OLD", help="a YAML file; - is standard input")
    arguments.add_argument("new", metavar="NEW", help="another")
    return arguments
