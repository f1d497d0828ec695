"""`markdown`: examples of CommonMark, attacks that stay text, front matter, headings, and texts that never end."""

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from support.node_calls import fail, give, reason

TABLE = """<table>
<thead>
<tr>
<th>foo</th>
<th>bar</th>
</tr>
</thead>
<tbody>
<tr>
<td>baz</td>
<td>bim</td>
</tr>
</tbody>
</table>
"""


@pytest.mark.parametrize(
    ("text", "html"),
    [  # examples of the CommonMark specification, and GitHub's for tables and struck text
        ("\tfoo\tbaz\t\tbim\n", "<pre><code>foo\tbaz\t\tbim\n</code></pre>\n"),
        ("- foo\n\n\tbar\n", "<ul>\n<li>\n<p>foo</p>\n<p>bar</p>\n</li>\n</ul>\n"),
        ("\\*not emphasized*\n", "<p>*not emphasized*</p>\n"),
        ("&nbsp; &amp; &copy;\n", "<p>\u00a0 &amp; ©</p>\n"),
        ("*foo __bar *baz bim__ bam*\n", "<p><em>foo <strong>bar *baz bim</strong> bam</em></p>\n"),
        ('[foo](/url "title")\n', '<p><a href="/url" title="title">foo</a></p>\n'),
        ("```\n<\n >\n```\n", "<pre><code>&lt;\n &gt;\n</code></pre>\n"),
        ("> # Foo\n> bar\n", '<blockquote>\n<h1 id="foo">Foo</h1>\n<p>bar</p>\n</blockquote>\n'),
        ("~~Hi~~ Hello\n", "<p><s>Hi</s> Hello</p>\n"),
        (
            "| foo | bar |\n| --- | --- |\n| baz | bim |\n",
            TABLE,
        ),
    ],
)
def test_what_commonmark_says(text: str, html: str) -> None:
    assert give("markdown", text=text)["html"] == html


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[a](javascript:alert(1))",
        "[a](JaVaScRiPt:alert(1))",
        "[a](java&#115;cript:alert(1))",
        "[a](\u0001javascript:alert(1))",
        "[a](vbscript:x)",
        "[a](data:text/html;base64,PHNjcmlwdD4=)",
        "[a][b]\n\n[b]: javascript:alert(1)",
        "<javascript:alert(1)>",
        "![a](javascript:alert(1))",
        '[a](/x "\\" onmouseover=alert(1) x=\\"")',
        "[a](/x'onmouseover=alert(1))",
        '![" onerror="alert(1)](/x)',
        "# a <b onclick=x>\n",
        '```"><script>\nx\n```',
    ],
)
def test_attacks_stay_text(text: str) -> None:
    tree = LexborHTMLParser(give("markdown", text=text)["html"])
    assert not tree.css("script, b")
    for element in tree.css("body *"):
        assert not [name for name in element.attributes if name.startswith("on")]
        for name in ("href", "src"):
            address = (element.attributes.get(name) or "").lower()
            assert not address.startswith(("javascript:", "vbscript:", "data:text"))


def test_headings_have_ids_of_their_own_that_are_in_the_html() -> None:
    output = give("markdown", text="# A b!\n\nA b\n===\n\n### `x` ![y](/z) *é*\n\n# !\n")
    assert output["headings"] == [
        {"level": 1, "text": "A b!", "id": "a-b"},
        {"level": 1, "text": "A b", "id": "a-b-2"},
        {"level": 3, "text": "x y é", "id": "x-y-é"},
        {"level": 1, "text": "!", "id": "section"},
    ]
    assert [element.id for element in LexborHTMLParser(output["html"]).css("h1, h3")] == [
        "a-b",
        "a-b-2",
        "x-y-é",
        "section",
    ]


@pytest.mark.parametrize(
    ("text", "front", "html"),
    [
        ("---\na: 1\nb: [x]\n---\nc", {"a": 1, "b": ["x"]}, "<p>c</p>\n"),
        ("\ufeff---\r\na: no\r\n---\r\nc", {"a": "no"}, "<p>c</p>\n"),
        ("---\na: 1\n...\n", {"a": 1}, ""),
        ("---\n---\nc", {}, "<p>c</p>\n"),
        ("a\n---\nb: 1\n---\n", {}, '<h2 id="a">a</h2>\n<h2 id="b-1">b: 1</h2>\n'),
        ("---\nno end", {}, "<hr />\n<p>no end</p>\n"),
    ],
)
def test_front_matter_is_yaml_at_the_very_beginning(text: str, front: dict[str, Any], html: str) -> None:
    output = give("markdown", text=text)
    assert (output["frontMatter"], output["html"].replace("<hr>", "<hr />")) == (front, html)


def test_front_matter_that_is_none_says_where() -> None:
    error = fail("markdown", text="---\na: 1\na: 2\n---\n")
    assert (error.reason, error.message) == ("NotYaml", "text: line 3, column 1: the key 'a' is there twice: keep one")
    assert fail("markdown", text="---\n- a\n---\n").reason == "InvalidFrontMatter"


def test_plain_text_has_a_line_for_each_block() -> None:
    assert give("markdown", text="# A\n\nb *c*\nd\n\n- e\n- [f](/g)\n")["text"] == "A\nb c d\ne\nf"


HEAVY = [
    "*a **b ",
    "[",
    "[a](",
    "![a](",
    "> ",
    "- ",
    "_a__b",
    "<",
    "&",
    "~~a ",
    "|a",
    "a|b\n-|-\n",
    "`",
    "\\",
    "a\n=\n",
]


@pytest.mark.parametrize("piece", HEAVY)
def test_time_grows_with_the_text_and_not_faster(piece: str) -> None:
    def cost(length: int) -> float:
        began = time.process_time()
        assert reason("markdown", text=piece * (length // len(piece))) in {None, "TooLarge"}
        return time.process_time() - began

    short, long = (min(cost(length) for _ in range(3)) for length in (700, 2_800))  # a collection costs now and then
    assert long < max(12 * short, 0.5)


@given(text=st.text(alphabet="ab*_[]()<>`#-=|!~\\& \n\t1.:\"'", max_size=80))
def test_anything_at_all_is_read(text: str) -> None:
    output = give("markdown", text=f"x{text}")
    assert not LexborHTMLParser(output["html"]).css("script")
