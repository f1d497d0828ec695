"""The examples of LANGUAGE.md have no problems but the warnings that it shows, and its drawings are what is told."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from headgate.api.workflow import Workflow
from headgate.compiler.check import Checked, check
from headgate.compiler.parse import parse
from headgate.errors import Severity
from support.catalogues import catalogue
from support.workflows import spec_of

LANGUAGE = Path(__file__).parents[3] / "operator" / "docs" / "LANGUAGE.md"
_BLOCK = re.compile(r"^```yaml\n(.*?)^```", re.MULTILINE | re.DOTALL)


def documents(kind: str) -> list[dict[str, Any]]:
    blocks = _BLOCK.findall(LANGUAGE.read_text(encoding="utf-8"))
    found = [document for block in blocks for document in yaml.safe_load_all(block)]
    return [document for document in found if isinstance(document, dict) and document.get("kind") == kind]


def checked(document: dict[str, Any]) -> Checked:
    parsed = parse(document)
    assert not parsed.problems
    assert isinstance(parsed.model, Workflow)
    return check(parsed.model.spec, catalogue(), name=parsed.model.metadata.name)


def test_there_are_seven_workflows_in_it() -> None:
    assert len(documents("Workflow")) == 7


@pytest.mark.parametrize("document", documents("Workflow"), ids=lambda document: document["metadata"]["name"])
def test_its_examples_have_no_problems(document: dict[str, Any]) -> None:
    assert [str(problem) for problem in checked(document).problems] == []


def test_the_problems_that_are_drawn_are_told_in_these_words() -> None:
    spec = spec_of("""
      inputs: {repo: {type: string}}
      nodes:
      - name: commits
        use: http
        with: {url: "https://git.example/${inputs.repo}", retries: 3}
      - name: draft
        use: llm
        with: {model: small, prompt: "Release notes for ${comits.body}"}
      - name: review
        use: approval
        with: {policy: release, message: "Publish?", edit: {notes: "${draft.text}"}}
      - name: publish
        use: http
        after: {review: Succeeded}
        with:
          credential: blog
          method: POST
          url: "https://blog.example/posts"
          json: {text: "${draft.text}", n: "${commits.status + '!'}"}
    """)
    told = [
        (str(problem.path), problem.reason, problem.message, problem.remedy, problem.severity.value)
        for problem in check(spec, catalogue()).problems
    ]
    unapproved = "`review` lets people correct `notes`, `publish` sends what was there before"
    in_nodes = [
        (f"spec.nodes[{path}", *rest)
        for path, *rest in [
            (
                "commits].with.retries",
                "UnknownParameter",
                "`http` has no parameter `retries`",
                "write `retry: {limit: 3}` beside `with`",
                "error",
            ),
            ("draft].with.prompt", "UnknownNode", "there is no node `comits`", "did you mean `commits`?", "error"),
            (
                "publish].with.json.n",
                "TypeMismatch",
                "`+` cannot join an integer and a string",
                "write `string(commits.status)`",
                "error",
            ),
            ("publish].with.json.text", "UsesUnapproved", unapproved, "use review.values.notes", "warning"),
        ]
    ]
    assert [one for one in told if one[1] != "DisconnectedGraph"] == in_nodes


def test_a_field_that_is_not_there_is_told_with_those_that_are() -> None:
    spec = spec_of("""
      nodes:
      - {name: draft, use: llm, with: {model: small, prompt: hi}}
      - {name: review, use: approval, with: {policy: release, message: "Ok?", edit: {notes: "${draft.txt}"}}}
    """)
    (problem,) = check(spec, catalogue()).problems
    assert str(problem) == (
        "spec.nodes[review].with.edit.notes: `draft` has no field `txt`: it has text, json, cut, usage [UnknownField]"
    )


def test_each_environment_has_a_graph() -> None:
    (pipeline,) = (one for one in documents("Workflow") if one["metadata"]["name"] == "nightly-customers")
    graphs = checked(pipeline).graphs
    assert graphs[None]["store"].credentials == ("staging",)
    assert graphs["prod"]["store"].credentials == ("prod",)


def test_a_missing_object_is_a_warning_in_admission_and_an_error_when_a_run_starts() -> None:
    spec = spec_of('nodes: [{name: a, use: http, with: {url: "https://a.example", credential: nobody}}]')
    for severity in Severity:
        (problem,) = check(spec, catalogue(), missing=severity).problems
        assert (problem.reason, problem.severity) == ("MissingCredential", severity)


def test_a_misspelt_field_in_a_macro_is_found_with_its_column() -> None:
    text = "${found.chunks.map(c, c.txet).join(', ')}"
    spec = spec_of(f"""
      nodes:
      - {{name: found, use: search, with: {{knowledgeBase: handbook, query: hi}}}}
      - {{name: reply, use: llm, with: {{model: small, prompt: "{text}"}}}}
      outputs: {{text: "${{reply.text}}"}}
    """)
    (problem,) = check(spec, catalogue()).problems
    assert problem.span is not None
    assert text[problem.span.start : problem.span.end] == "txet"
