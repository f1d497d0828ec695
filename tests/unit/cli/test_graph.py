"""Drawings of a graph: shapes tell who carries a node out, edges how one reads the other."""

import pytest

from headgate.cli.drawing.dot import as_dot
from headgate.cli.drawing.mermaid import as_mermaid
from headgate.cli.drawing.outline import as_outline
from headgate.compiler.graph import OUTPUTS, Graph, Loop, Node, Role
from headgate_lang.fate import Outcome

GRAPH = Graph(
    (
        Node("fetch", Role.WORK, "http.v1"),
        Node("end", Role.GATE, "approval.v2", {"fetch": Outcome.SUCCEEDED}, frozenset({"fetch"}), policy="release"),
        Node(
            "texts",
            Role.CHILD,
            "workflow/translate",
            {"end": Outcome.SUCCEEDED, "fetch": Outcome.NOT_FAILED},
            frozenset({"end"}),
            loop=Loop("${end.values.languages}", 10),
        ),
        Node("tell", Role.WORK, "slack.v1", {"end": Outcome.FAILED}, frozenset({"end"}), when='${"a" != "<b>"}'),
        Node("beat", Role.WORK, "http.v1", {"texts": Outcome.ENDED}, frozenset({"texts"}), final=True),
        Node(OUTPUTS, Role.RENDER, "set.v1", {"texts": Outcome.ENDED}),
    )
)


def test_mermaid() -> None:
    assert as_mermaid("demo", GRAPH) == (
        "%% demo\n"
        "flowchart TD\n"
        '  n_fetch["fetch<br/>(http)"]\n'
        '  n_end{{"end<br/>(approval)"}}\n'
        '  n_texts[["texts<br/>(workflow/translate)<br/>for each of end.values.languages"]]\n'
        '  n_tell["tell<br/>(slack)<br/>when #34;a#34; != #34;#60;b#62;#34;"]\n'
        "  subgraph finally\n"
        '    n_beat["beat<br/>(http)"]\n'
        "  end\n"
        "  n_fetch --> n_end\n"
        "  n_end --> n_texts\n"
        '  n_fetch -.->|"optional"| n_texts\n'
        '  n_end -->|"on failure"| n_tell\n'
        '  n_texts -->|"in any case"| n_beat\n'
    )


def test_dot() -> None:
    assert as_dot('my "flow"', GRAPH) == (
        'digraph "my \\"flow\\"" {\n'
        '  node [fontname="sans-serif"]\n'
        '  edge [fontname="sans-serif", fontsize=10]\n'
        '  "fetch" [label="fetch\\n(http)", shape=box]\n'
        '  "end" [label="end\\n(approval)", shape=hexagon]\n'
        '  "texts" [label="texts\\n(workflow/translate)\\nfor each of end.values.languages", '
        "shape=box, peripheries=2]\n"
        '  "tell" [label="tell\\n(slack)\\nwhen \\"a\\" != \\"<b>\\"", shape=box]\n'
        "  subgraph cluster_finally {\n"
        "    label=finally\n"
        '    "beat" [label="beat\\n(http)", shape=box]\n'
        "  }\n"
        '  "fetch" -> "end"\n'
        '  "end" -> "texts"\n'
        '  "fetch" -> "texts" [label="optional", style=dashed]\n'
        '  "end" -> "tell" [label="on failure"]\n'
        '  "texts" -> "beat" [label="in any case"]\n'
        "}\n"
    )


def test_outline() -> None:
    assert as_outline("demo", GRAPH) == (
        "demo\n"
        "\n"
        "  1  fetch  http\n"
        "  2  end    approval            needs fetch, asks under policy release\n"
        "  3  texts  workflow/translate  needs end, needs fetch, which may be skipped, "
        "for each of end.values.languages\n"
        '  3  tell   slack               only if end fails, when "a" != "<b>"\n'
        "  4  beat   http                after texts, however it ends, finally\n"
    )


@pytest.mark.parametrize("hostile", ['"]; evil[', "%%{init: {}}%%", "<script>", "`code`", "a\nb --> c", "\\"])
def test_nothing_that_a_user_wrote_can_become_part_of_a_drawing(hostile: str) -> None:
    graph = Graph((Node("a", Role.WORK, "http.v1", when=hostile),))
    harmless = Graph((Node("a", Role.WORK, "http.v1", when="x"),))
    assert len(as_mermaid("demo", graph).splitlines()) == len(as_mermaid("demo", harmless).splitlines())
    label = as_mermaid("demo", graph).splitlines()[2].removeprefix('  n_a["').removesuffix('"]')
    assert not set(label.replace("<br/>", "")) & set('"<>`%\\')
    assert len(as_dot("d", graph).splitlines()) == len(as_dot("d", harmless).splitlines())
