"""A problem with the place where it stands. Every command gathers these, and `printing` shows them."""

from collections.abc import Iterable
from dataclasses import dataclass

from headgate.cli.reading.source import Place, Source
from headgate.errors import Problem, Severity


@dataclass(frozen=True, slots=True)
class Finding:
    problem: Problem
    source: Source
    place: Place
    subject: str = ""
    """The object that it is about, as `Workflow hello`; empty where the file itself is meant."""


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """As people read them: file by file, errors before warnings, each from top to bottom."""
    files: dict[str, list[Finding]] = {}
    for finding in findings:
        files.setdefault(finding.source.name, []).append(finding)
    return [finding for group in files.values() for finding in sorted(group, key=_weight)]


def _weight(finding: Finding) -> tuple[bool, int]:
    return finding.problem.severity is not Severity.ERROR, finding.place.start
