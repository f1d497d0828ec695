"""`headgate render` and `headgate graph`: which workflow is meant, what a Run would be given, what is printed."""

import base64
import json
from typing import Any

import pytest
import yaml

from support.cli import headgate

WORKFLOW = """\
apiVersion: headgate.dev/v1alpha1
kind: Workflow
metadata: {name: notes, namespace: docs}
spec:
  inputs:
    repo: {type: string}
    count: {type: integer, default: 3}
  vars: {api: "https://staging.example"}
  environments:
    prod: {api: "https://git.example"}
  nodes:
  - name: commits
    use: http
    with: {url: "${vars.api}/${inputs.repo}?n=${inputs.count}"}
  - name: review
    use: approval
    with: {policy: release, message: Publish?, edit: {notes: "${commits.body}"}}
  - name: publish
    use: http
    with: {method: POST, url: "${vars.api}", json: {notes: "${review.values.notes}"}}
"""

CHILD = """\
apiVersion: headgate.dev/v1alpha1
kind: Workflow
metadata: {name: parent}
spec:
  nodes:
  - name: call
    use: workflow/notes
    with: {repo: acme/shop}
"""

RUN = """\
apiVersion: headgate.dev/v1alpha1
kind: Run
metadata: {name: notes-1}
spec: {workflow: notes, environment: prod, inputs: {repo: from-run, count: 5}}
"""


def render(text: str, *arguments: str) -> dict[str, Any]:
    """The one manifest that is printed."""
    ran = headgate("render", "-", *arguments, stdin=text)
    assert ran.err == ""
    [manifest] = [document for document in yaml.safe_load_all(ran.out) if document]
    return dict(manifest)


def task(manifest: dict[str, Any], pod: int = 0) -> dict[str, Any]:
    template = next(one for one in manifest["spec"]["templates"] if one["name"] == f"n{pod}")
    return dict(json.loads(base64.b64decode(template["container"]["env"][0]["value"])))


def test_the_first_leg_is_a_workflow_of_argo_and_the_rest_is_told() -> None:
    out = headgate("render", "-", "-i", "repo=acme/shop", stdin=WORKFLOW).out
    assert out.startswith(
        "# What a Run of notes would create first:\n"
        "#   pod n0: commits\n"
        "#\n"
        "# Later, when what they need has ended:\n"
        "#   review   approval  needs commits, asks under policy release\n"
        "#   publish  http      needs review\n"
        "---\n"
        "apiVersion: argoproj.io/v1alpha1\n"
        "kind: Workflow\n"
        "metadata:\n"
        "  name: notes-example-00000000-1\n"
        "  namespace: docs\n"
    )


def test_what_a_pod_is_told_stands_there_in_plain_words_too() -> None:
    out = headgate("render", "-", "-i", "repo=acme/shop", stdin=WORKFLOW).out
    told = out.partition("# What pod n0 is told:\n")[2]
    document = yaml.safe_load("".join(line.removeprefix("#   ") for line in told.splitlines(keepends=True)))
    assert document == task(render(WORKFLOW, "-i", "repo=acme/shop"))


def test_flags_come_before_a_run_among_the_files_and_defaults_last() -> None:
    assert task(render(WORKFLOW, "-i", "repo=a"))["inputs"] == {"repo": "a", "count": 3}
    both = f"{WORKFLOW}---\n{RUN}"
    assert task(render(both))["inputs"] == {"repo": "from-run", "count": 5}
    assert task(render(both, "-i", "repo=b"))["inputs"] == {"repo": "b", "count": 5}
    assert task(render(both))["vars"] == {"api": "https://git.example"}
    assert render(both)["metadata"]["name"] == "notes-1-00000000-1"
    assert render(both, "--run", "other")["metadata"]["name"] == "other-00000000-1"
    assert task(render(WORKFLOW, "-i", "repo=a", "--environment", "prod"))["vars"] == {"api": "https://git.example"}


def test_an_input_that_is_no_text_is_read_as_json() -> None:
    assert task(render(WORKFLOW, "-i", "repo=5", "-i", "count=7"))["inputs"] == {"repo": "5", "count": 7}


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ([], "the Run lacks `repo`: write `repo:` and a string (inputs are given as -i name=value, or by a Run"),
        (["-i", "repo"], "an input is given as -i name=value, not as repo"),
        (["-i", "repo=a", "-i", "count=many"], "`count` is a string, must be an integer"),
        (["-i", "rep=a", "-i", "repo=a"], "`notes` has no input `rep`: did you mean `repo`?"),
        (["-i", "repo=a", "--environment", "prd"], "`notes` has no environment `prd`: did you mean `prod`?"),
        (["--workflow", "note"], "there is no workflow note: did you mean `notes`?"),
    ],
)
def test_what_cannot_be_rendered_is_wrong_use_in_one_line(arguments: list[str], line: str) -> None:
    ran = headgate("render", "-", *arguments, stdin=WORKFLOW)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(f"headgate render: {line}")
    assert ran.err.count("\n") == 1


def test_of_several_workflows_the_one_that_no_other_uses_is_meant() -> None:
    both = f"{WORKFLOW}---\n{CHILD}"
    assert "# What a Run of parent would create first:" in headgate("render", "-", stdin=both).out
    assert headgate("graph", "-", stdin=both).out.startswith("parent\n")
    assert headgate("graph", "-", "--workflow", "notes", stdin=both).out.startswith("notes\n")
    other = both.replace("workflow/notes", "set")
    assert headgate("graph", "-", stdin=other).err == (
        "headgate graph: there are several workflows, notes, parent: choose one with --workflow\n"
    )
    assert headgate("graph", "-", stdin=RUN).err == "headgate graph: there is no workflow in <stdin>\n"


@pytest.mark.parametrize("command", ["render", "graph"])
def test_a_workflow_with_errors_is_not_worked_on_and_they_are_printed(command: str) -> None:
    ran = headgate(command, "-", stdin=WORKFLOW.replace("commits.body", "comits.body"))
    assert (ran.code, ran.out) == (1, "")
    assert "error[UnknownNode]: there is no node `comits`" in ran.err


@pytest.mark.parametrize("hostile", ["a\nb: injected", "a\u2028b: injected", "---\nkind: Pod", "\u0085x: y", "# {{x}}"])
def test_nothing_that_a_user_wrote_leaves_its_comment(hostile: str) -> None:
    manifest = render(WORKFLOW, "-i", f"repo={hostile}")
    assert task(manifest)["inputs"]["repo"] == hostile
    harmless = render(WORKFLOW, "-i", "repo=a")
    assert manifest.keys() == harmless.keys()
