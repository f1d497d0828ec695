"""`headgate diff`: what became of objects, as people read it."""

from pathlib import Path

from support.cli import Ran, headgate

HEAD = "apiVersion: headgate.dev/v1alpha1\n"
HELLO = (
    f"{HEAD}kind: Workflow\nmetadata: {{name: hello}}\n"
    "spec: {description: D, nodes: [{name: a, use: set, with: {text: Hello}}, "
    "{name: b, use: log, with: {message: m}}]}\n"
)
POLICY = f"{HEAD}kind: ApprovalPolicy\nmetadata: {{name: release}}\nspec: {{stages: [{{name: s, groups: [g]}}]}}\n"


def compare(folder: Path, old: str, new: str) -> Ran:
    (folder / "old.yaml").write_text(old, encoding="utf-8")
    (folder / "new.yaml").write_text(new, encoding="utf-8")
    return headgate("diff", str(folder / "old.yaml"), str(folder / "new.yaml"))


def test_what_says_the_same_is_no_difference(tmp_path: Path) -> None:
    other = HELLO.replace("description: D", "description: other words, execution: {bundling: Auto}")
    assert compare(tmp_path, HELLO, other) == Ran(0, "", "")


def test_each_change_is_a_line_under_the_object_with_its_revisions(tmp_path: Path) -> None:
    new = HELLO.replace("text: Hello", "text: Bye").replace(
        "{name: b, use: log, with: {message: m}}", "{name: c, use: set}"
    )
    ran = compare(tmp_path, HELLO, new)
    heading, *changes = ran.out.splitlines()
    assert heading.startswith("Workflow hello  ")
    assert len(set(heading.removeprefix("Workflow hello  ").split(" → "))) == 2
    assert changes == ["  ~ nodes[a].with.text: Hello → Bye", "  - nodes[b]: log", "  + nodes[c]: set"]
    assert ran.code == 1


def test_an_object_that_came_or_went_is_told(tmp_path: Path) -> None:
    assert compare(tmp_path, HELLO, POLICY) == Ran(1, "- Workflow hello\n+ ApprovalPolicy release\n", "")


def test_one_of_the_two_may_be_standard_input(tmp_path: Path) -> None:
    (tmp_path / "new.yaml").write_text(HELLO, encoding="utf-8")
    assert headgate("diff", "-", str(tmp_path / "new.yaml"), stdin=HELLO) == Ran(0, "", "")
    assert headgate("diff", "-", "-", stdin=HELLO).code == 2


def test_what_has_errors_is_not_compared(tmp_path: Path) -> None:
    ran = compare(tmp_path, HELLO, HELLO.replace("use: log", "uses: log"))
    assert ran == Ran(2, "", f"headgate diff: {tmp_path}/new.yaml has errors: see headgate lint {tmp_path}/new.yaml\n")


def test_a_text_cannot_command_the_terminal(tmp_path: Path) -> None:
    ran = compare(tmp_path, HELLO, HELLO.replace("text: Hello", 'text: "\\e[31m"'))
    assert "\x1b" not in ran.out
