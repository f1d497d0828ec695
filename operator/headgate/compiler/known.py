"""What a Run knows so far: which instances have settled, and which are claimed by a leg. The planner's other argument.

Retry, skip and replay have no mechanism of their own: they are the same plan with another `Known`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from headgate_lang.fate import Outcome


@dataclass(frozen=True, slots=True, order=True)
class Instance:
    """Whatever settles on its own: `fetch`, `fetch[3]` (an item of a loop), `fetch/prepare` (what must be computed
    before a gate asks, a child starts or a loop is expanded)."""

    node: str
    index: int | None = None
    prepare: bool = False

    def __str__(self) -> str:
        if self.prepare:
            return f"{self.node}/prepare"
        return self.node if self.index is None else f"{self.node}[{self.index}]"

    @classmethod
    def parse(cls, text: str) -> "Instance":
        match = _INSTANCE.fullmatch(text)
        if match is None:
            raise ValueError(f"not the path of an instance: {text!r}")
        index = match["index"]
        return cls(match["node"], None if index is None else int(index), match["prepare"] is not None)


_INSTANCE = re.compile(r"(?P<node>\$?[a-z][a-z0-9_]{0,39})(?:\[(?P<index>\d{1,6})\]|(?P<prepare>/prepare))?")


@dataclass(frozen=True, slots=True)
class Settled:
    """How an instance ended. Where its output lies is not the planner's business."""

    outcome: Outcome
    reason: str = ""
    cause: str | None = None
    """The node that decided it, where another did."""
    length: int | None = None
    """How long the list of a loop is; its `prepare` says it."""
    approved_under: str | None = None
    """The policy by which people approved; of gates only."""
    answered: bool = False
    """People were asked about this failure (`onError: Ask`) and let it stand."""


@dataclass(frozen=True, slots=True)
class Known:
    settled: Mapping[Instance, Settled] = field(default_factory=dict)
    claimed: Mapping[Instance, int] = field(default_factory=dict)
    """Instance → number of the leg that runs it; 0 for a gate that has asked and a child Run that was started. A
    claimed instance is never planned again."""
