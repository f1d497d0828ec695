"""Constants, environments and inputs: literals of the same types under the same names, and schemas that are some
(LANGUAGE §3.12)."""

from collections.abc import Iterable, Iterator
from typing import Any

from headgate.compiler.build.reading import Steps, item_of
from headgate.compiler.check.subject import Subject
from headgate.compiler.reasons import ProblemReason
from headgate.errors import SPEC, Path, Problem
from headgate_lang import schema, template
from headgate_lang.near import did_you_mean
from headgate_lang.paths import kind_of


def check_constants(subject: Subject) -> Iterator[Problem]:
    spec = subject.spec
    yield from literals_only(SPEC / "vars", spec.vars, "constants are literals")
    for environment, others in spec.environments.items():
        base = SPEC / "environments" / environment
        yield from literals_only(base, others, "constants are literals")
        for name, value in others.items():
            if name not in spec.vars:
                message = f"`vars` has no `{name}`, so no environment can set it"
                remedy = did_you_mean(name, spec.vars) or f"add `{name}` to `vars`, or take it out"
                yield Problem(base / name, ProblemReason.UNKNOWN_VAR, message, remedy, on_key=True)
            elif kind_of(value) != kind_of(spec.vars[name]):
                message = f"`{name}` is {kind_of(value)} here, and {kind_of(spec.vars[name])} in `vars`"
                remedy = f"give it {kind_of(spec.vars[name])}, as every environment does"
                yield Problem(base / name, ProblemReason.TYPE_MISMATCH, message, remedy)


def check_inputs(subject: Subject) -> Iterator[Problem]:
    inputs = subject.spec.inputs
    base = SPEC / "inputs"
    yield from schema_problems(base, inputs, schema.check_form(inputs))


def literals_only(path: Path, value: Any, because: str) -> Iterator[Problem]:
    """Every text with an expression where none may stand."""
    if isinstance(value, str):
        if template.has_expression(value) and not is_literal(value):
            remedy = "write it out, or read it where it is used: in `with` or `when`"
            yield Problem(path, ProblemReason.NOT_COMPUTED, because, remedy)
    elif isinstance(value, dict):
        for key, held in value.items():
            yield from literals_only(path / key, held, because)
    elif isinstance(value, list):
        for index, held in enumerate(value):
            yield from literals_only(path / item_of(index, held), held, because)


def schema_problems(base: Path, written: dict[str, Any], violations: Iterable[schema.Violation]) -> Iterator[Problem]:
    """What is wrong with schemas that somebody wrote. Texts that are for people may look computed."""
    told = set()
    for problem in literals_only(base, written, "what a value must be is never computed"):
        if not _FOR_PEOPLE.intersection(problem.path.steps):
            told.add(problem.path)
            yield problem
    for violation in violations:
        path = place_of(base, written, violation.path)
        if path not in told:
            message = violation.message
            if not message.startswith(("`", "there ")):  # it goes on where the path ends
                message = f"`{violation.path[-1]}` {message}" if violation.path else f"the schema {message}"
            yield Problem(path, ProblemReason.INVALID_SCHEMA, message, violation.remedy)


_FOR_PEOPLE = frozenset({"description", "title", "examples", "$comment"})


def is_literal(text: str) -> bool:
    """Whether a text only looks computed: `$${` stands for `${`."""
    parsed = template.parse(text)
    return not parsed.flaws and next(parsed.expressions, None) is None


def place_of(base: Path, value: Any, keys: tuple[str | int, ...]) -> Path:
    """The path to what stands under these keys, with the names that items of lists have."""
    steps: Steps = ()
    for key in keys:
        if isinstance(key, int):
            value = value[key] if isinstance(value, list) and key < len(value) else None
            steps = (*steps, item_of(key, value))
        else:
            value = value.get(key) if isinstance(value, dict) else None
            steps = (*steps, key)
    return Path((*base.steps, *steps))
