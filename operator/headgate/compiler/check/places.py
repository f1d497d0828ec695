"""The order in which problems are told: that of the document, as far as paths know it."""

from collections.abc import Iterable

from headgate.errors import Item, Problem

_SECTIONS = ("description", "inputs", "vars", "environments", "defaults", "execution", "nodes", "finally", "outputs")
_FIELDS = ("name", "use", "when", "after", "forEach", "with", "timeout", "retry", "onError", "pod")


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    return tuple(sorted(problems, key=_place))


def _place(problem: Problem) -> tuple[list[tuple[int, str]], int]:
    return [_rank(step) for step in problem.path.steps], problem.span.start if problem.span else -1


def _rank(step: str | Item) -> tuple[int, str]:
    if isinstance(step, Item):
        return step.index, ""
    for known in (_SECTIONS, _FIELDS):
        if step in known:
            return known.index(step), step
    return len(_SECTIONS) + len(_FIELDS), step
