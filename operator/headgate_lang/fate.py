"""What becomes of a node once everything that it waits for has ended.

One small function decides it for everybody: the planner asks it before a leg is made, the runtime inside a pod, and the
oracle of the tests. Outcomes only, never times: whoever asks must wait until all of the node's needs have ended.
"""

from collections.abc import Mapping
from enum import Enum, Flag, auto


class Outcome(Flag):
    """How a node ended. A set of them says what a node accepts of another, or how an ended node looks to the others."""

    SUCCEEDED = auto()
    SKIPPED = auto()
    FAILED = auto()
    OMITTED = auto()

    NOT_FAILED = SUCCEEDED | SKIPPED
    NOT_OMITTED = SUCCEEDED | SKIPPED | FAILED
    ENDED = SUCCEEDED | SKIPPED | FAILED | OMITTED

    FORGIVEN = FAILED | SKIPPED
    """A failure under `onError: Continue`: its error can be read, and whoever needs the output is skipped."""


class Fate(Enum):
    RUN = "Run"
    SKIPPED = "Skipped"
    OMITTED = "Omitted"


def is_broken(ended: Outcome) -> bool:
    """Whether an end breaks what needed something else of it: Omitted, or Failed and not forgiven."""
    return ended in (Outcome.FAILED, Outcome.OMITTED)


def fate(needs: Mapping[str, Outcome], ended: Mapping[str, Outcome]) -> tuple[Fate, str | None]:
    """Decide whether a node runs, and name the need that decided otherwise.

    `RUN` says only that the needs are met: the node's own `when` is asked next, and false is Skipped.
    """
    missed = [need for need, accepted in needs.items() if not ended[need] & accepted]
    if not missed:
        return Fate.RUN, None
    for need in missed:
        if is_broken(ended[need]):
            return Fate.OMITTED, need
    return Fate.SKIPPED, missed[0]
