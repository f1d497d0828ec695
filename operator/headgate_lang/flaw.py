"""What is wrong with a text that a person wrote: the form in which this package says so.

The compiler makes Problems of them (with a path), the runtime an error of the node.
"""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing that is wrong. `start` and `end` are offsets into the text that was read."""

    reason: str
    message: str
    remedy: str = ""
    start: int = 0
    end: int = 0

    def moved(self, by: int) -> "Flaw":
        """The same flaw, where the text that was read stands inside a longer one."""
        return replace(self, start=self.start + by, end=self.end + by)

    def __str__(self) -> str:
        return f"{self.message}: {self.remedy}" if self.remedy else self.message
