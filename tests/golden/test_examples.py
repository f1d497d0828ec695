"""The examples of the documentation: each is checked, drawn and compiled, and the results are read in review.

In `examples/`, NAME.lint.txt is what lint says of it, NAME.mermaid its graph, NAME.argo.yaml what a Run creates first.
"""

import re
from pathlib import Path

import pytest

from support.cli import headgate
from support.examples import DOCS, EXAMPLES, page
from support.golden import Golden

FOLDER = Path(__file__).parent / "examples"
NAMES = [path.stem for path in EXAMPLES]

INPUTS = {
    "ask-handbook": ["question=How do I return a parcel?"],
    "blog-post": ["topic=Gates"],
    "campaign": ["product=Kettle"],
    "order": ["id=o-4711"],
    "release-notes": ["repo=acme/shop"],
    "rollout": ["version=1.4.2"],
    "triage": ["message=My invoice is wrong"],
}
"""What a Run must give; the others have defaults, or a Run beside them."""


def example(name: str) -> str:
    return (DOCS / "examples" / f"{name}.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_lint_says_of_it_what_is_stored(name: str, golden: Golden) -> None:
    ran = headgate("lint", "-", stdin=example(name))
    golden.check(FOLDER / f"{name}.lint.txt", ran.out + ran.err)


@pytest.mark.parametrize("name", NAMES)
def test_it_has_no_errors(name: str) -> None:
    assert headgate("lint", "-", stdin=example(name)).code == 0


@pytest.mark.parametrize("name", NAMES)
def test_it_is_drawn_as_stored(name: str, golden: Golden) -> None:
    ran = headgate("graph", "-", "-o", "mermaid", stdin=example(name))
    golden.check(FOLDER / f"{name}.mermaid", ran.out)


@pytest.mark.parametrize("name", NAMES)
def test_a_run_of_it_creates_first_what_is_stored(name: str, golden: Golden) -> None:
    given = [argument for pair in INPUTS.get(name, []) for argument in ("-i", pair)]
    ran = headgate("render", "-", *given, stdin=example(name))
    assert (ran.code, ran.err) == (0, "")
    golden.check(FOLDER / f"{name}.argo.yaml", ran.out)


def test_the_page_of_examples_shows_the_very_files(golden: Golden) -> None:
    golden.check(DOCS / "examples.md", page())


def test_there_are_ten_at_least_and_nothing_else_is_stored(golden: Golden) -> None:
    assert len(NAMES) >= 10
    golden.check_folder(FOLDER, {f"{name}.{end}" for name in NAMES for end in ("lint.txt", "mermaid", "argo.yaml")})


def test_every_workflow_of_the_language_is_among_them() -> None:
    language = (DOCS / "LANGUAGE.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```yaml\n(.*?)^```", language, re.MULTILINE | re.DOTALL)
    workflows = [block for block in blocks if "\nkind: Workflow\n" in block]
    assert len(workflows) >= 6
    for workflow in workflows:
        assert any(workflow in example(name) for name in NAMES), workflow.splitlines()[2]
