"""Every object of a workspace checked, against the others where they meet. Pure; all commands ask before they go on."""

from collections.abc import Iterator

from headgate.api.credential import Credential
from headgate.api.run import Run
from headgate.api.workflow import Workflow
from headgate.cli.printing.report import Report
from headgate.cli.reading.finding import Finding, in_order
from headgate.cli.reading.objects import Given
from headgate.cli.workspace import Workspace
from headgate.compiler.alone import check_alone
from headgate.compiler.catalogue import Catalogue, Found
from headgate.compiler.check import check
from headgate.compiler.references import check_credential
from headgate.compiler.run import check_run
from headgate.compiler.run_again import check_run_again
from headgate.errors import Problem


def check_workspace(workspace: Workspace) -> Report:
    findings = [*workspace.findings, *(finding for given in workspace.given for finding in _check(given, workspace))]
    return Report(in_order(findings), workspace.files, tuple(_notes(workspace)))


def _check(given: Given, workspace: Workspace) -> Iterator[Finding]:
    return (given.finding(problem) for problem in _problems(given, workspace.catalogue))


def _problems(given: Given, catalogue: Catalogue) -> tuple[Problem, ...]:
    match given.model:
        case Workflow(spec=spec):
            return check(spec, catalogue, name=given.name).problems
        case Run(spec=spec):
            found = catalogue.workflow(spec.workflow)
            if not isinstance(found, Found):
                return ()
            return (*check_run(spec, found.value), *check_run_again(spec, found.value, catalogue))
        case Credential(spec=spec):
            return check_credential(spec, catalogue)
    return check_alone(given.model)


def _notes(workspace: Workspace) -> Iterator[str]:
    if workspace.foreign and workspace.given:
        kinds = sorted(set(workspace.foreign))
        yield f"{', '.join(kinds)}: not of Headgate, and not checked"
    if workspace.catalogue.note:
        yield workspace.catalogue.note
