"""What machines read: one JSON document, annotations of GitHub Actions, SARIF."""

import json

from headgate.cli.printing.github import as_github
from headgate.cli.printing.json import as_json
from headgate.cli.printing.report import Report
from headgate.cli.printing.sarif import as_sarif
from headgate.cli.reading.finding import Finding
from headgate.cli.reading.source import Place, Source
from headgate.errors import Path, Problem, Severity

TEXT = "kind: Workflow\nspec: {nodes: [{name: a b}]}\n"
FINDING = Finding(
    Problem(Path(("spec", "nodes")), "InvalidName", "100% wrong:\nreally", "try, `ab`", Severity.WARNING),
    Source("dir/my flow,1.yaml", TEXT),
    Place(TEXT.index("a b"), TEXT.index("a b") + 3),
    "Workflow hello",
)
REPORT = Report([FINDING], ["dir/my flow,1.yaml"], ["model small was not looked up"])


def test_json_holds_everything_that_the_text_shows() -> None:
    assert json.loads(as_json(REPORT)) == {
        "problems": [
            {
                "severity": "warning",
                "reason": "InvalidName",
                "message": "100% wrong:\nreally",
                "remedy": "try, `ab`",
                "object": "Workflow hello",
                "path": "spec.nodes",
                "file": "dir/my flow,1.yaml",
                "line": 2,
                "column": 23,
                "endLine": 2,
                "endColumn": 26,
            }
        ],
        "notes": ["model small was not looked up"],
        "errors": 0,
        "warnings": 1,
    }


def test_an_annotation_is_one_line_whatever_the_text_holds() -> None:
    assert as_github(REPORT) == (
        "::warning file=dir/my flow%2C1.yaml,line=2,endLine=2,col=23,endColumn=26,title=InvalidName"
        "::100%25 wrong:%0Areally: try, `ab`\n"
        "1 warning in dir/my flow,1.yaml\n"
    )


def test_sarif_names_the_rule_the_level_and_the_region() -> None:
    document = json.loads(as_sarif(REPORT))
    assert document["version"] == "2.1.0"
    [run] = document["runs"]
    assert run["tool"]["driver"] == {"name": "headgate", "rules": [{"id": "InvalidName"}]}
    [result] = run["results"]
    assert (result["ruleId"], result["ruleIndex"], result["level"]) == ("InvalidName", 0, "warning")
    location = result["locations"][0]["physicalLocation"]
    assert location["artifactLocation"] == {"uri": "dir/my%20flow%2C1.yaml"}
    assert location["region"] == {"startLine": 2, "startColumn": 23, "endLine": 2, "endColumn": 26}
