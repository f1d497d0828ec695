"""What depends on constants is checked under each environment, and told once."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import islice

from headgate.compiler.check.subject import MOST_PROBLEMS, Subject
from headgate.errors import Problem


def under_each(subject: Subject, find: Callable[[str | None], Iterable[Problem]]) -> Iterator[Problem]:
    """The problems under all environments; what is one under some of them only, says so."""
    if not subject.spec.environments:
        yield from find(None)
        return
    under: dict[Problem, list[str | None]] = {}
    for environment in subject.constants:
        for problem in islice(find(environment), MOST_PROBLEMS):
            under.setdefault(problem, []).append(environment)
    for problem, environments in under.items():
        if len(environments) == len(subject.constants):
            yield problem
        else:
            yield replace(problem, message=f"{problem.message} ({_told(environments)})")


def _told(environments: list[str | None]) -> str:
    named = [name for name in environments if name is not None]
    if not named:
        return "where no environment is chosen"
    return f"in environment{'s' if len(named) > 1 else ''} {', '.join(named)}"
