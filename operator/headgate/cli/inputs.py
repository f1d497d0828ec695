"""The Run that somebody asks to see: flags over a Run among the files. `render` asks."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from headgate.api.common import Metadata
from headgate.api.run import Run, RunSpec
from headgate.api.workflow import WorkflowSpec
from headgate.cli.command import Streams, WrongUseError
from headgate.cli.printing.paint import Paint
from headgate.cli.printing.report import Report
from headgate.cli.printing.text import as_text
from headgate.cli.reading.decoding import decode
from headgate.cli.reading.source import CannotReadError, read_bytes
from headgate.cli.reading.syntax import read_documents
from headgate.cli.reading.values import as_data
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
    values: Mapping[str, Any] = field(default_factory=dict)
    """Inputs that were read from a file: what `inputs` says goes over them."""


def check_name(prog: str, name: str | None) -> None:
    if name and len(name) > MAX_RUN_NAME:
        raise WrongUseError(f"{prog}: the name of a Run has at most {MAX_RUN_NAME} characters, {name} has more")


def run_as_wished(prog: str, workspace: Workspace, workflow: str, spec: WorkflowSpec, wish: Wish) -> Run:
    """A Run that fits its workflow; what it lacks is wrong use."""
    given = _given(prog, workspace, workflow)
    wanted = RunSpec(
        workflow=workflow,
        inputs={
            **(given.spec.inputs if given else {}),
            **wish.values,
            **parse_inputs(prog, wish.inputs, spec.inputs),
        },
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


def parse_inputs(
    prog: str, pairs: Sequence[str], fields: Mapping[str, Any], form: str = "an input is given as -i name=value"
) -> dict[str, Any]:
    """Inputs as flags give them, each `name=value`. `form`: what is said of one that is not."""
    values = {}
    for pair in pairs:
        name, separator, text = pair.partition("=")
        if not separator:
            raise WrongUseError(f"{prog}: {form}, not as {pair}")
        values[name] = text if fields.get(name, {}).get("type") == "string" else _value(text)
    return values


def read_inputs(
    prog: str, name: str, streams: Streams, form: str = "one map of inputs: `name: value`"
) -> dict[str, Any]:
    """Inputs as a YAML file gives them: a map of name and value. `form`: what is said of a file that is none."""
    try:
        data = read_bytes(name, streams.stdin)
    except CannotReadError as error:
        raise WrongUseError(f"{prog}: {error}") from None
    source, unreadable = decode(name, data)
    reading = read_documents(source)
    if findings := unreadable or reading.findings:
        raise WrongUseError(as_text(Report(findings, [name]), Paint()).rstrip())
    values = as_data(reading.roots[0]) if len(reading.roots) == 1 else None
    if not isinstance(values, dict):
        raise WrongUseError(f"{prog}: {name} must hold {form}")
    return values


def _value(text: str) -> Any:
    """JSON where it is JSON, so that a number or a list can be given; otherwise the text."""
    try:
        return json.loads(text)
    except ValueError:
        return text
