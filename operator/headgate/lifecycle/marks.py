"""From which leg on a node counts. Retry, restart and the answers to a Recovery request move it; nothing is erased.

The numbers of legs and of marks are one series that only grows, so that a mark also names the round of a request.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from headgate.api.run import RunStatus
from headgate.compiler.graph import OUTPUTS, Graph
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
    """What computes the outputs stands in no status. It comes after all else, so whatever moved has moved it too."""
    marks = {
        name: Mark(node.since or 0, node.retried or 0)
        for name, node in status.nodes.items()
        if node.since is not None or node.retried is not None
    }
    last = max([status.attempt_from or 1, *(mark.round for mark in marks.values())])
    return {**marks, OUTPUTS: Mark(last)} if last > 1 else marks


def next_number(numbers: Iterable[int], marks: Marks) -> int:
    """Of the next leg."""
    return max([*(number + 1 for number in numbers), *(mark.round for mark in marks.values())], default=1)


def next_mark(numbers: Iterable[int], marks: Marks) -> int:
    """Greater than all that was."""
    return max([*numbers, *(mark.round for mark in marks.values())], default=0) + 1


@dataclass(frozen=True, slots=True)
class Move:
    """What is to run again, as the planner says it."""

    before: Iterable[Instance]
    """What had settled."""
    after: Iterable[Instance]
    """What of it stands."""
    resumed: frozenset[str]
    """Nodes that go on where they failed, and do not start afresh."""
    number: int
    """Greater than any leg or mark before it."""


def moved(graph: Graph, marks: Marks, move: Move) -> dict[str, Mark]:
    kept = {instance.node for instance in move.after}
    lost = {instance.node for instance in set(move.before) - set(move.after)}
    new = dict(marks)
    for name in lost & graph.by_name.keys():
        old, goes_on = marks.get(name, NO_MARK), name in kept or name in move.resumed
        new[name] = Mark(old.since, move.number) if goes_on else Mark(move.number, old.retried)
    return new
