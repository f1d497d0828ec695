"""Problems: what is wrong with something that a person wrote, where, and what to do about it.

Validation returns every problem at once, as data; nothing raises on the first. The same list is printed by lint, by
kubectl through admission, and stands in conditions. Its reasons are stable: conditions, events and metrics reuse them.
"""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Item:
    """A place in a list: its index leads there, its name (where the items have one) is what people read."""

    index: int
    name: str | None = None

    def __str__(self) -> str:
        return f"[{self.index if self.name is None else self.name}]"


@dataclass(frozen=True, slots=True)
class Path:
    """Where in a document: `spec.nodes[draft].with.prompt`."""

    steps: tuple[str | Item, ...] = ()

    def __truediv__(self, step: str | Item) -> "Path":
        return Path((*self.steps, step))

    def __str__(self) -> str:
        text = ""
        for step in self.steps:
            text += str(step) if isinstance(step, Item) else f".{step}" if text else step
        return text


@dataclass(frozen=True, slots=True)
class Span:
    """A part of the text that stands at a path, as offsets into it."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong (or doubtful). `message` says what, `remedy` what to write instead.

    `span` narrows the place to a part of the text at `path`; `on_key` says that the key itself is meant, not its value.
    """

    path: Path
    reason: str
    message: str
    remedy: str = ""
    severity: Severity = Severity.ERROR
    span: Span | None = None
    on_key: bool = False

    def __str__(self) -> str:
        """The line that kubectl prints."""
        remedy = f": {self.remedy}" if self.remedy else ""
        return f"{self.path}: {self.message}{remedy} [{self.reason}]"


SPEC = Path(("spec",))
