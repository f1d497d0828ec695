"""Whether a number of votes passes the stages of a policy, and what is missing. A vote counts in one stage, for one
person: who votes for themselves and in the place of others has one all the same, and nobody's place is taken twice.

Stages are filled in order, and a vote is moved to a later stage, or another place, where another can take its own:
whoever could have passed them by choosing cleverly, has passed them.
"""

from collections import defaultdict
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


def count(needed: Sequence[int], votes: Mapping[str, Iterable[str]], stages: Mapping[str, Iterable[int]]) -> Count:
    """`votes`: voter → for whom that vote may count. `stages`: where a vote for a person may count."""
    places = _Places(votes, stages)
    filled = []
    for stage, most in enumerate(needed):
        has = 0
        while has < most and places.fill(stage):
            has += 1
        filled.append(has)
    return Count(tuple(filled), tuple(needed))


_Spot = tuple[str, str | int]
"""On the way from a vote to a stage: a voter, a person for whom it counts (as one who is `given` a vote, and one who
`fills` a stage with it), a stage."""


class _Places:
    """Votes flow to stages: one from each voter, one through each person. Filling a place is one more way through the
    network, which may send others another way, and leaves what was filled as full as it was."""

    def __init__(self, votes: Mapping[str, Iterable[str]], stages: Mapping[str, Iterable[int]]) -> None:
        self._before: dict[_Spot, dict[_Spot, None]] = defaultdict(dict)
        for voter, persons in sorted(votes.items()):
            for person in sorted(persons):
                self._before["given", person]["voter", voter] = None
        for person, numbers in sorted(stages.items()):
            self._before["fills", person]["given", person] = None
            for number in numbers:
                self._before["stage", number]["fills", person] = None
        self._onward: dict[_Spot, _Spot] = {}
        """Where a vote goes from a voter or a person."""

    def fill(self, stage: int) -> bool:
        """One more place of a stage, if there is a way."""
        return self._bring(("stage", stage), set())

    def _bring(self, spot: _Spot, tried: set[_Spot]) -> bool:
        """One more vote to a spot, from before it; or let it do without the one that went on from there."""
        tried.add(spot)
        onward = self._onward.get(spot)
        if spot[0] == "voter" and onward is None:
            return True
        for before in self._before[spot]:
            if before not in tried and self._onward.get(before) != spot and self._bring(before, tried):
                self._onward[before] = spot
                return True
        if onward is not None and onward not in tried and self._bring(onward, tried):
            del self._onward[spot]
            return True
        return False
