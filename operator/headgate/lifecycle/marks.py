"""From which leg on a node counts. Retry, restart and the answers to a Recovery request move it; nothing is erased.

The numbers of legs and of marks are one series that only grows, so that a mark also names the round of a request.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from headgate.api.run import RunStatus
from headgate.compiler.graph import Graph
from headgate.compiler.known import Instance
from headgate.lifecycle.entries import Told, outcome_of
from headgate_lang.fate import Outcome


@dataclass(frozen=True, slots=True)
class Mark:
    since: int = 0
    """What legs before this one told is forgotten."""
    retried: int = 0
    """Of legs before this one, only what prepared it and its good items stand."""

    @property
    def round(self) -> int:
        """0 for the first time; it goes into the names of what is asked or started again."""
        return max(self.since, self.retried)

    def stands(self, instance: Instance, told: Told) -> bool:
        if told.leg < self.since:
            return False
        is_part = instance.prepare or instance.index is not None
        return told.leg >= self.retried or (is_part and outcome_of(told.entry) is Outcome.SUCCEEDED)


NO_MARK = Mark()
Marks = Mapping[str, Mark]


def marks_of(status: RunStatus) -> Marks:
    return {
        name: Mark(node.since or 0, node.retried or 0)
        for name, node in status.nodes.items()
        if node.since is not None or node.retried is not None
    }


def next_number(numbers: Iterable[int], marks: Marks) -> int:
    """Of the next leg."""
    return max([*(number + 1 for number in numbers), *(mark.round for mark in marks.values())], default=1)


def next_mark(numbers: Iterable[int], marks: Marks) -> int:
    """Greater than all that was."""
    return max([*numbers, *(mark.round for mark in marks.values())], default=0) + 1


def moved(
    graph: Graph, marks: Marks, before: Iterable[Instance], after: Iterable[Instance], number: int
) -> dict[str, Mark]:
    """The marks, once only `after` of what had settled `before` stands. `number` is greater than any before it."""
    kept = {instance.node for instance in after}
    lost = {instance.node for instance in set(before) - set(after)}
    new = dict(marks)
    for name in lost & graph.by_name.keys():
        old = marks.get(name, NO_MARK)
        new[name] = Mark(old.since, number) if name in kept else Mark(number, old.retried)
    return new
