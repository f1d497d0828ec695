"""The Run that somebody asks to see: flags over a Run among the files. `render` asks."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from headgate.api.common import Metadata
from headgate.api.run import Run, RunSpec
from headgate.api.workflow import WorkflowSpec
from headgate.cli.command import WrongUseError
from headgate.cli.workspace import Workspace
from headgate.compiler.run import check_run
from headgate.names import API_VERSION, MAX_RUN_NAME, child_name


@dataclass(frozen=True, slots=True)
class Wish:
    """What the command line says of the Run."""

    inputs: Sequence[str] = ()
    """Each `name=value`."""
    environment: str | None = None
    name: str | None = None


def run_as_wished(prog: str, workspace: Workspace, workflow: str, spec: WorkflowSpec, wish: Wish) -> Run:
    """A Run that fits its workflow; what it lacks is wrong use."""
    given = _given(prog, workspace, workflow)
    wanted = RunSpec(
        workflow=workflow,
        inputs={**(given.spec.inputs if given else {}), **_parse(prog, wish.inputs, spec.inputs)},
        environment=wish.environment or (given.spec.environment if given else None),
    )
    problems = check_run(wanted, spec)
    if problems:
        told = f"{problems[0].message}: {problems[0].remedy}"
        raise WrongUseError(f"{prog}: {told} (inputs are given as -i name=value, or by a Run among the files)")
    name = wish.name or (given.metadata.name if given else None) or child_name(workflow, "example", limit=MAX_RUN_NAME)
    return Run(api_version=API_VERSION, kind="Run", metadata=Metadata(name=name), spec=wanted)


def _given(prog: str, workspace: Workspace, workflow: str) -> Run | None:
    runs = [one.model for one in workspace.given if isinstance(one.model, Run) and one.model.spec.workflow == workflow]
    if len(runs) > 1:
        raise WrongUseError(f"{prog}: there are {len(runs)} Runs of {workflow}: give one of them")
    return runs[0] if runs else None


def _parse(prog: str, pairs: Sequence[str], fields: Mapping[str, Any]) -> dict[str, Any]:
    values = {}
    for pair in pairs:
        name, separator, text = pair.partition("=")
        if not separator:
            raise WrongUseError(f"{prog}: an input is given as -i name=value, not as {pair}")
        values[name] = text if fields.get(name, {}).get("type") == "string" else _value(text)
    return values


def _value(text: str) -> Any:
    """JSON where it is JSON, so that a number or a list can be given; otherwise the text."""
    try:
        return json.loads(text)
    except ValueError:
        return text
