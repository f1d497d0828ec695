"""Findings as one JSON document, for editors and scripts. Its shape is documented in operator/docs/lint.md."""

import json
from typing import Any

from headgate.cli.printing.report import Report
from headgate.cli.reading.finding import Finding


def as_json(report: Report) -> str:
    document = {
        "problems": [_problem(finding) for finding in report.findings],
        "notes": list(report.notes),
        "errors": report.errors,
        "warnings": report.warnings,
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _problem(finding: Finding) -> dict[str, Any]:
    problem, source = finding.problem, finding.source
    start, end = source.position(finding.place.start), source.position(finding.place.end)
    return {
        "severity": str(problem.severity),
        "reason": str(problem.reason),
        "message": problem.message,
        "remedy": problem.remedy,
        "object": finding.subject,
        "path": str(problem.path),
        "file": source.name,
        "line": start.line,
        "column": start.column,
        "endLine": end.line,
        "endColumn": end.column,
    }
