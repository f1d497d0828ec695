"""Legs that ended long ago, as numbers only: a loop may become a thousand of them, and a status is bounded.

What they told stands in their Secrets, and what they were called follows from their numbers. `bounds` folds, `decide`
unfolds, so that nothing else ever sees a folded one.
"""

from collections.abc import Callable, Iterator, Sequence

from headgate.api.run import LegStatus, NodePhase, RunStatus
from headgate.lifecycle.legview import ENDED

LISTED = 20
"""So many legs, the newest, are told with their names and phases."""


def fold(status: RunStatus) -> RunStatus:
    old = [leg for leg in status.legs[:-LISTED] if leg.phase in ENDED and not leg.claims]
    if not old:
        return status
    numbers = {leg.number for leg in old}
    listed = tuple(leg for leg in status.legs if leg.number not in numbers)
    return status.model_copy(update={"legs": listed, "ended_legs": tuple(_spell(sorted(numbers)))})


def unfold(status: RunStatus, name_of: Callable[[int], str]) -> RunStatus:
    """`name_of`: what a leg of that number is called."""
    if not status.ended_legs:
        return status
    folded = [
        LegStatus(number=number, argo=name_of(number), phase=NodePhase.SUCCEEDED)
        for text in status.ended_legs
        for number in _read(text)
    ]
    legs = sorted((*folded, *status.legs), key=lambda leg: leg.number)
    return status.model_copy(update={"legs": tuple(legs), "ended_legs": ()})


def _spell(numbers: Sequence[int]) -> Iterator[str]:
    first = last = numbers[0]
    for number in (*numbers[1:], None):
        if number == last + 1:
            last = number
            continue
        yield str(first) if first == last else f"{first}-{last}"
        if number is not None:
            first = last = number


def _read(text: str) -> range:
    first, _, last = text.partition("-")
    return range(int(first), int(last or first) + 1)
