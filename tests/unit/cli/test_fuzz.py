"""Whatever a file holds, lint answers: no exception, a place inside of the file and a remedy for every problem."""

import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from support.cli import headgate
from support.trying import times

EXAMPLES = [
    path.read_text(encoding="utf-8")
    for path in sorted((Path(__file__).parents[3] / "operator" / "docs" / "examples").glob("*.yaml"))
]
PIECES = st.sampled_from(
    [
        *(
            "",
            " ",
            "\n",
            "\t",
            ":",
            ": ",
            "- ",
            "{",
            "}",
            "[",
            "]",
            '"',
            "'",
            "|",
            ">",
            "&a ",
            "*a",
            "!x ",
            "#",
            "${",
            "}}",
        ),
        *("null", "yes", "010", "日本", "\u2028", "\\", "---\n", "<<: *a\n", "x: ", "- name: x\n", "@", "%"),
    ]
)


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """An example with a few pieces of it replaced."""
    text = draw(st.sampled_from(EXAMPLES))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 40)))
        text = text[:start] + draw(PIECES) + text[end:]
    return text


@times(2)
@given(damaged())
def test_a_damaged_workflow_always_gets_an_answer(text: str) -> None:
    ran = headgate("lint", "-", "-o", "json", stdin=text)
    document = json.loads(ran.out)
    lines = text.splitlines() or [""]
    for problem in document["problems"]:
        assert 1 <= problem["line"] <= text.count("\n") + 1 + len(lines)
        assert problem["column"] >= 1
        assert problem["message"]
        assert problem["remedy"]
    assert ran.code == (1 if document["errors"] else 0)
    assert headgate("lint", "-", stdin=text).code == ran.code
