"""Where and over what the YAML parser stumbled, and what is guessed about it."""

from dataclasses import dataclass
from functools import cached_property

from headgate.cli.reading.reasons import FileReason
from headgate.cli.reading.source import Place, Source


@dataclass(frozen=True, slots=True)
class Guess:
    reason: FileReason
    message: str
    remedy: str
    place: Place


@dataclass(frozen=True)
class Stumble:
    source: Source
    at: int
    """Where the parser could not go on."""
    since: int
    """Where that began which it could not finish."""
    context: str
    """PyYAML's words for what it was doing."""
    problem: str
    """PyYAML's words for what it found."""

    @cached_property
    def line_number(self) -> int:
        return self.source.position(self.at).line

    @cached_property
    def line(self) -> str:
        return self.source.line(self.line_number)

    @cached_property
    def line_start(self) -> int:
        return self.source.start_of(self.line_number)

    @property
    def column(self) -> int:
        return self.at - self.line_start

    @property
    def indent(self) -> int:
        return self.indent_of(self.line_number)

    @property
    def in_flow(self) -> bool:
        return self.context in ("while parsing a flow mapping", "while parsing a flow sequence")

    @property
    def is_at_end(self) -> bool:
        return not self.source.text[self.at :].strip() or self.source.text.startswith("---", self.at)

    def indent_of(self, number: int) -> int:
        line = self.source.line(number)
        return len(line) - len(line.lstrip(" "))
