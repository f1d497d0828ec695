"""What there is to say after a check: what the printers print, and what the exit code is made of."""

from collections.abc import Sequence
from dataclasses import dataclass

from headgate.cli.reading.finding import Finding
from headgate.errors import Severity


@dataclass(frozen=True, slots=True)
class Report:
    findings: Sequence[Finding]
    """As people read them: file by file, errors first."""
    files: Sequence[str]
    """What was read, with problems or without."""
    notes: Sequence[str] = ()
    """What was not looked at, and why."""

    @property
    def errors(self) -> int:
        return sum(finding.problem.severity is Severity.ERROR for finding in self.findings)

    @property
    def warnings(self) -> int:
        return len(self.findings) - self.errors

    @property
    def summary(self) -> str:
        counts = [
            _count(number, noun) for number, noun in ((self.errors, "error"), (self.warnings, "warning")) if number
        ]
        where = self.files[0] if len(self.files) == 1 else _count(len(self.files), "file")
        return f"{', '.join(counts) or 'no problems'} in {where}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
