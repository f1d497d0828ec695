"""Findings as GitHub Actions takes them from a step's output: an annotation at the line of a pull request."""

from headgate.cli.printing.report import Report
from headgate.cli.reading.finding import Finding


def as_github(report: Report) -> str:
    lines = [_annotation(finding) for finding in report.findings]
    return "".join(f"{line}\n" for line in [*lines, report.summary])


def _annotation(finding: Finding) -> str:
    problem, source = finding.problem, finding.source
    start, end = source.position(finding.place.start), source.position(finding.place.end)
    properties = {
        "file": source.name,
        "line": str(start.line),
        "endLine": str(end.line),
        "col": str(start.column),
        "endColumn": str(end.column),
        "title": str(problem.reason),
    }
    fields = ",".join(f"{name}={_escape_property(value)}" for name, value in properties.items())
    text = f"{problem.message}: {problem.remedy}" if problem.remedy else problem.message
    return f"::{problem.severity} {fields}::{_escape(text)}"


def _escape(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escape_property(text: str) -> str:
    return _escape(text).replace(":", "%3A").replace(",", "%2C")
