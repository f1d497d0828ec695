"""Which workflow a command is about, where files hold several. No command goes on with one that has errors."""

from collections.abc import Mapping, Sequence

from headgate.api.workflow import Workflow
from headgate.cli.checking import check_workspace
from headgate.cli.command import Streams, WrongUseError
from headgate.cli.printing.paint import paint_for
from headgate.cli.printing.text import as_text
from headgate.cli.workspace import Workspace, read_workspace
from headgate_lang.near import did_you_mean


def read_good(prog: str, files: Sequence[str], streams: Streams) -> Workspace | None:
    """Read files that are to be worked on; with errors in them, print these instead."""
    workspace = read_workspace(prog, files, streams.stdin)
    report = check_workspace(workspace)
    if not report.errors:
        return workspace
    streams.err.write(as_text(report, paint_for(streams.err, streams.environment)))
    return None


def choose(prog: str, workspace: Workspace, name: str | None) -> tuple[str, Workflow]:
    """The workflow of that name; without one, the only workflow that no other one uses."""
    workflows = {one.name: one.model for one in workspace.given if isinstance(one.model, Workflow)}
    if name is not None:
        if name not in workflows:
            remedy = did_you_mean(name, workflows) or f"there is {', '.join(workflows) or 'none'}"
            raise WrongUseError(f"{prog}: there is no workflow {name}: {remedy}")
        return name, workflows[name]
    tops = _tops(workflows)
    if len(tops) == 1:
        return tops[0], workflows[tops[0]]
    if not tops:
        raise WrongUseError(f"{prog}: there is no workflow in {', '.join(workspace.files)}")
    raise WrongUseError(f"{prog}: there are several workflows, {', '.join(tops)}: choose one with --workflow")


def _tops(workflows: Mapping[str, Workflow]) -> list[str]:
    used = {
        node.use.removeprefix("workflow/")
        for workflow in workflows.values()
        for node in (*workflow.spec.nodes, *workflow.spec.finally_)
        if node.use.startswith("workflow/")
    }
    return [name for name in workflows if name not in used]
