"""Findings as SARIF 2.1.0, which code scanning services take up."""

import json
from typing import Any
from urllib.parse import quote

from headgate.cli.printing.report import Report
from headgate.cli.reading.finding import Finding

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def as_sarif(report: Report) -> str:
    reasons = sorted({str(finding.problem.reason) for finding in report.findings})
    driver = {"name": "headgate", "rules": [{"id": reason} for reason in reasons]}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, reasons) for finding in report.findings],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False) + "\n"


def _result(finding: Finding, reasons: list[str]) -> dict[str, Any]:
    problem, source = finding.problem, finding.source
    start, end = source.position(finding.place.start), source.position(finding.place.end)
    region = {
        "startLine": start.line,
        "startColumn": start.column,
        "endLine": end.line,
        "endColumn": end.column,
    }
    location: dict[str, Any] = {
        "physicalLocation": {"artifactLocation": {"uri": quote(source.name)}, "region": region},
        "logicalLocations": [{"fullyQualifiedName": str(problem.path)}],
    }
    return {
        "ruleId": str(problem.reason),
        "ruleIndex": reasons.index(str(problem.reason)),
        "level": str(problem.severity),
        "message": {"text": f"{problem.message}: {problem.remedy}" if problem.remedy else problem.message},
        "locations": [location],
    }
