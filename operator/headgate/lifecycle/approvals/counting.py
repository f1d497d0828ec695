"""Whether a number of votes passes the stages of a policy, and what is missing. A vote counts in one stage only.

Stages are filled in order, and a vote is moved to a later stage where another can take its place: whoever could have
passed them by choosing cleverly, has passed them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Count:
    filled: tuple[int, ...]
    """By stage: how many votes count there."""
    needed: tuple[int, ...]

    @property
    def is_passed(self) -> bool:
        return self.filled == self.needed

    @property
    def stage(self) -> int | None:
        """The first that is not passed."""
        return next(
            (i for i, (has, needs) in enumerate(zip(self.filled, self.needed, strict=True)) if has < needs), None
        )

    def __str__(self) -> str:
        return f"{sum(self.filled)}/{sum(self.needed)}"


def count(needed: Sequence[int], votes: Mapping[str, Iterable[int]]) -> Count:
    """`votes`: principal → the stages in which that vote may count."""
    can_take = {principal: sorted(set(stages)) for principal, stages in sorted(votes.items())}
    placed: dict[str, int] = {}
    filled = [0] * len(needed)
    for stage, most in enumerate(needed):
        while filled[stage] < most and _fill(stage, can_take, placed, set()):
            filled[stage] += 1
    return Count(tuple(filled), tuple(needed))


def _fill(stage: int, can_take: Mapping[str, Sequence[int]], placed: dict[str, int], tried: set[str]) -> bool:
    """Find one more vote for a stage, by moving others to where they can stand as well."""
    for principal, stages in can_take.items():
        if stage not in stages or principal in tried or placed.get(principal) == stage:
            continue
        tried.add(principal)
        before = placed.get(principal)
        if before is None or _fill(before, can_take, placed, tried):
            placed[principal] = stage
            return True
    return False
