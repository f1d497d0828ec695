"""`headgate lint`: what LANGUAGE §4.4 draws, and everything around it."""

import json
from pathlib import Path

import pytest

from support.cli import Ran, headgate

PROMPT = "$ kubectl headgate lint release-notes.yaml"
LANGUAGE = Path(__file__).parents[3] / "operator" / "docs" / "LANGUAGE.md"

DRAWN = """\
apiVersion: headgate.dev/v1alpha1
kind: Workflow
metadata: {name: release-notes}
spec:
  inputs:
    repo: {type: string}
  nodes:
  - name: commits
    use: http
    with: {url: "https://git.example/${inputs.repo}", retries: 3}
  - name: draft
    use: llm
    with: {model: small, prompt: "Release notes for ${comits.body}"}
  - name: review
    use: approval
    with: {policy: release, message: Publish the notes?, edit: {notes: "${draft.text}"}}
  - name: publish
    use: http
    after: {review: Succeeded}
    with:
      url: https://blog.example/posts
      json: {text: "${draft.text}", s: "${commits.status + '!'}"}
      credential: blog
      method: POST
"""

HELLO = """\
apiVersion: headgate.dev/v1alpha1
kind: Workflow
metadata: {name: hello}
spec:
  inputs:
    name: {type: string, default: world}
  nodes:
  - name: greet
    use: set
    with: {text: "Hello, ${inputs.name}!"}
  outputs: {text: "${greet.text}"}
"""

RUN = """\
apiVersion: headgate.dev/v1alpha1
kind: Run
metadata: {generateName: hello-}
spec: {workflow: hello, inputs: {nam: 5}, environment: prod}
"""

FOREIGN = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n"

TYPE = f"""\
apiVersion: headgate.dev/v1alpha1
kind: NodeType
metadata: {{name: mood.v1}}
spec: {{description: d, image: "x.example/m@sha256:{"6" * 64}", command: [/m], traits: [Instant, Internet]}}
"""
POLICY = """\
apiVersion: headgate.dev/v1alpha1
kind: ApprovalPolicy
metadata: {name: release}
spec:
  stages: [{name: owners, groups: [owners]}]
  autoApprove: "${values.n < vars.n}"
  notify: [{name: chat, url: "https://chat.example", secret: chat}]
"""


def lint(folder: Path, text: str, *arguments: str, name: str = "release-notes.yaml") -> Ran:
    """Lint a file by its bare name, as people do."""
    (folder / name).write_text(text, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        return headgate("lint", name, *arguments)


def drawing(number: int) -> str:
    """What LANGUAGE §4.4 draws, without the prompt."""
    section = LANGUAGE.read_text(encoding="utf-8").partition("## 4.4 lint\n")[2]
    return section.split("```\n")[2 * number + 1].removeprefix(f"{PROMPT}\n").partition("$ echo $?")[0]


def test_the_drawn_input_gives_the_drawn_output(tmp_path: Path) -> None:
    ran = lint(tmp_path, DRAWN)
    assert ran.out == drawing(0)
    assert ran.code == 1


def test_a_key_that_kubectl_reads_as_a_boolean_is_found_in_free_parameters_too(tmp_path: Path) -> None:
    out = lint(tmp_path, DRAWN.replace("s: ", "n: ")).out
    assert "error[BooleanKey]: kubectl reads the key `n` as the key `false`\n  --> release-notes.yaml:22:37\n" in out


def test_what_nobody_could_look_up_is_said_once(tmp_path: Path) -> None:
    assert lint(tmp_path, DRAWN).err == (
        "note: policy release, model small, credential blog were not looked up (no cluster)\n"
    )


def test_an_expression_that_wants_quotes_is_drawn_so(tmp_path: Path) -> None:
    text = HELLO.replace('"Hello, ${inputs.name}!"', "${inputs.name}")
    assert lint(tmp_path, text, name="hello.yaml").out.startswith(drawing(1))


def test_a_good_workflow_is_good(tmp_path: Path) -> None:
    assert lint(tmp_path, HELLO, name="hello.yaml") == Ran(0, "no problems in hello.yaml\n", "")


def test_warnings_count_with_strict(tmp_path: Path) -> None:
    warned = HELLO.replace("${greet.text}", "${greet.text}!").replace('"Hello, ${inputs.name}!"', "yes")
    assert lint(tmp_path, warned).code == 0
    assert "warning[AmbiguousValue]" in lint(tmp_path, warned).out
    assert lint(tmp_path, warned, "--strict").code == 1


def test_standard_input_is_a_file_too() -> None:
    assert headgate("lint", "-", stdin=HELLO) == Ran(0, "no problems in <stdin>\n", "")


def test_a_run_is_checked_against_its_workflow_where_both_are_given() -> None:
    ran = headgate("lint", "-", stdin=f"{HELLO}---\n{RUN}")
    assert [line for line in ran.out.splitlines() if line.startswith("error")] == [
        "error[UnknownInput]: `hello` has no input `nam`",
        "error[UnknownEnvironment]: `hello` has no environment `prod`",
    ]
    assert "did you mean `name`?" in ran.out
    assert headgate("lint", "-", stdin=RUN).err == "note: workflow hello was not looked up (no cluster)\n"


def test_a_node_type_and_a_policy_are_checked_by_themselves() -> None:
    ran = headgate("lint", "-", stdin=f"{TYPE}---\n{POLICY}")
    assert [line for line in ran.out.splitlines() if line.startswith("error")] == [
        "error[ConflictingTraits]: `Instant` and `Internet` contradict each other: an Instant node does no I/O",
        "error[UnknownName]: a policy reads `values`, `inputs` and `run`, and not `vars`",
    ]
    assert "                            ^^^^ a policy serves many workflows" in ran.out
    assert (ran.code, ran.err) == (1, "")


def test_what_is_not_of_headgate_is_passed_over_and_said() -> None:
    ran = headgate("lint", "-", stdin=f"{FOREIGN}---\n{HELLO}")
    assert ran == Ran(0, "no problems in <stdin>\n", "note: ConfigMap: not of Headgate, and not checked\n")


def test_a_file_without_an_object_of_headgate_is_a_problem() -> None:
    ran = headgate("lint", "-", stdin=FOREIGN)
    assert ran.code == 1
    assert "error[NothingToCheck]: no object of Headgate is here, only ConfigMap" in ran.out


def test_a_kustomization_gets_a_friendly_word() -> None:
    ran = headgate("lint", "-", stdin="apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n")
    assert "check what it builds: `kubectl kustomize FOLDER | headgate lint -`" in ran.out


def test_a_list_as_kubectl_prints_it_is_its_items() -> None:
    items = "".join("- " + HELLO.replace("\n", "\n  ").rstrip(" ") for _ in range(1))
    ran = headgate("lint", "-", stdin=f"apiVersion: v1\nkind: List\nitems:\n{items}")
    assert ran == Ran(0, "no problems in <stdin>\n", "")


@pytest.mark.parametrize("text", ["just text\n", "[1, 2]\n", "replicas: 3\n"])
def test_what_is_no_object_is_told(text: str) -> None:
    assert "error[NotAnObject]: this is no object of Kubernetes" in headgate("lint", "-", stdin=text).out


def test_an_unknown_kind_of_ours_is_told_with_the_right_one() -> None:
    ran = headgate("lint", "-", stdin=HELLO.replace("kind: Workflow", "kind: Workflw"))
    assert "error[UnknownKind]" in ran.out
    assert "did you mean `Workflow`?" in ran.out


def test_the_same_object_twice_is_a_warning_that_names_the_other() -> None:
    ran = headgate("lint", "-", stdin=f"{HELLO}---\n{HELLO}")
    assert ran.code == 0
    assert "warning[DuplicateObject]: Workflow hello stands twice" in ran.out
    assert "the other is in <stdin>:1; the last one applied stays" in ran.out


def test_a_problem_inside_of_an_anchor_is_shown_where_the_anchor_is(tmp_path: Path) -> None:
    text = HELLO.replace("with: {text:", "with: &w {text:").replace("inputs.name", "inputs.nam")
    text = text.replace("  outputs:", "  - name: again\n    use: set\n    with: *w\n  outputs:")
    out = lint(tmp_path, text).out
    assert out.count("release-notes.yaml:10:") == 2


def test_json_is_a_document_with_everything(tmp_path: Path) -> None:
    document = json.loads(lint(tmp_path, DRAWN, "-o", "json").out)
    assert (document["errors"], document["warnings"]) == (3, 1)
    assert document["notes"] == ["policy release, model small, credential blog were not looked up (no cluster)"]
    first = document["problems"][0]
    assert first["path"] == "spec.nodes[commits].with.retries"
    assert (first["object"], first["line"], first["column"]) == ("Workflow release-notes", 10, 55)


def test_github_gets_annotations(tmp_path: Path) -> None:
    first, *_, last = lint(tmp_path, DRAWN, "-o", "github").out.splitlines()
    assert first == (
        "::error file=release-notes.yaml,line=10,endLine=10,col=55,endColumn=62,title=UnknownParameter"
        "::`http` has no parameter `retries`: write `retry: {limit: 3}` beside `with`"
    )
    assert last == "3 errors, 1 warning in release-notes.yaml"
