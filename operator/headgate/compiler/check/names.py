"""Names of inputs, constants and outputs (LANGUAGE §3.8). Those of nodes are told by `build`."""

from collections.abc import Iterable, Iterator

from headgate.compiler.build.faults import renamed
from headgate.compiler.check.dependence import dependence, parameter
from headgate.compiler.check.subject import Subject
from headgate.compiler.reasons import ProblemReason
from headgate.errors import SPEC, Path, Problem
from headgate.names import why_refused

ERROR = "error"


def check_names(subject: Subject) -> Iterator[Problem]:
    spec = subject.spec
    yield from _refused(SPEC / "inputs", spec.inputs)
    yield from _refused(SPEC / "vars", spec.vars)
    yield from _refused(SPEC / "outputs", spec.outputs)
    if ERROR in spec.outputs:
        yield _called_error(SPEC / "outputs" / ERROR)
    yield from _output_fields(subject)


def _output_fields(subject: Subject) -> Iterator[Problem]:
    """Where parameters name the output's fields, none may be called `error`."""
    sources = {use.text: dependence(use.output) for use in subject.survey.uses.values()}
    for draft in subject.using(lambda use: sources.get(use.text)):
        source = sources[draft.use.text]
        given = parameter(draft.node.with_, source.keys) if source else None
        if source and isinstance(given, dict) and ERROR in given:
            yield _called_error(draft.at("with", *source.keys, ERROR))


def _refused(base: Path, names: Iterable[str]) -> Iterator[Problem]:
    for name in names:
        refused = why_refused(name)
        if refused is not None:
            yield Problem(base / name, ProblemReason.INVALID_NAME, refused, renamed(name), on_key=True)


def _called_error(path: Path) -> Problem:
    message = "no output may be called `error`: `.error` reads why a node failed"
    return Problem(path, ProblemReason.INVALID_NAME, message, "call it `problem`, for instance", on_key=True)
