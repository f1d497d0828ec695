"""Every object of a workspace checked, against the others where they meet. Pure; all commands ask before they go on."""

from collections.abc import Iterator

from headgate.api.run import Run
from headgate.api.workflow import Workflow
from headgate.cli.printing.report import Report
from headgate.cli.reading.finding import Finding, in_order
from headgate.cli.reading.objects import Given
from headgate.cli.workspace import Workspace
from headgate.compiler.catalogue import Found
from headgate.compiler.check import check
from headgate.compiler.run import check_run


def check_workspace(workspace: Workspace) -> Report:
    findings = [*workspace.findings, *(finding for given in workspace.given for finding in _check(given, workspace))]
    return Report(in_order(findings), workspace.files, tuple(_notes(workspace)))


def _check(given: Given, workspace: Workspace) -> Iterator[Finding]:
    model = given.model
    if isinstance(model, Workflow):
        problems = check(model.spec, workspace.catalogue, name=given.name).problems
    elif isinstance(model, Run):
        workflow = workspace.catalogue.workflow(model.spec.workflow)
        problems = check_run(model.spec, workflow.value) if isinstance(workflow, Found) else ()
    else:
        problems = ()
    yield from (given.finding(problem) for problem in problems)


def _notes(workspace: Workspace) -> Iterator[str]:
    if workspace.foreign and workspace.given:
        kinds = sorted(set(workspace.foreign))
        yield f"{', '.join(kinds)}: not of Headgate, and not checked"
    if workspace.catalogue.note:
        yield workspace.catalogue.note
