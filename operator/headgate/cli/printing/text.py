"""Findings as people read them: what is wrong, where, the line with carets, what to write (LANGUAGE §4.4)."""

from collections.abc import Iterator

from headgate.cli.printing.paint import Paint, safe
from headgate.cli.printing.report import Report
from headgate.cli.printing.snippet import snippet
from headgate.cli.reading.finding import Finding
from headgate.errors import Severity


def as_text(report: Report, paint: Paint) -> str:
    blocks = [_block(finding, paint) for finding in report.findings]
    return "".join(f"{block}\n\n" for block in blocks) + f"{_summary(report, paint)}\n"


def _block(finding: Finding, paint: Paint) -> str:
    return "\n".join(_lines(finding, paint))


def _lines(finding: Finding, paint: Paint) -> Iterator[str]:
    problem = finding.problem
    tone = paint.red if problem.severity is Severity.ERROR else paint.yellow
    position = finding.source.position(finding.place.start)
    number, line, carets = snippet(finding.source, finding.place)
    gutter = " " * len(str(number))
    bar = paint.blue("|")
    yield f"{tone(f'{problem.severity}[{problem.reason}]')}{paint.bold(f': {safe(problem.message)}')}"
    yield f"{gutter}{paint.blue('-->')} {safe(finding.source.name)}:{position.line}:{position.column}"
    yield f"{gutter} {bar}"
    yield f"{paint.blue(str(number))} {bar} {line}".rstrip()
    yield f"{gutter} {bar} {tone(f'{carets} {safe(problem.remedy)}'.rstrip())}"


def _summary(report: Report, paint: Paint) -> str:
    return paint.bold(safe(report.summary))
