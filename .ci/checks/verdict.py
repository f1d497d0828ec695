"""What a check says: nothing, its findings, or that there is nothing to check yet."""

from collections.abc import Callable
from dataclasses import dataclass

from checks.tree import Tree


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: where (`file:line`), what, what to do about it, and what a tool printed of it."""

    where: str
    what: str
    remedy: str
    printed: str = ""

    def __str__(self) -> str:
        lines = [f"{self.where}: {self.what}: {self.remedy}", *self.printed.splitlines()]
        return "\n    ".join(lines)


@dataclass(frozen=True, slots=True)
class Absent:
    """What the check is about is not there yet. Said plainly: it is no pass."""

    why: str


Verdict = list[Finding] | Absent


@dataclass(frozen=True, slots=True)
class Check:
    name: str
    run: Callable[[Tree], Verdict]
