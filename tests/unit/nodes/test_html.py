"""`html` and its neighbours: a browser's own reader as oracle, attacks that stay text, and pages that never end."""

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from headgate_core.formats.html_cleaning import _ADDRESSES, _ATTRIBUTES, _KEPT, is_safe_address
from support.node_calls import fail, give, reason

PAGE = """<!DOCTYPE html><html><head><title> The
 shop </title><base href="/de/"></head><body>
<nav><a href="/a">A</a> <a class="next b" href="?page=2">more</a></nav>
<div id="list"><article data-id="1"><h2>Soap</h2><p>Clean <em>and</em>&nbsp;green</p></article>
<article data-id="2"><h2>Tea</h2><p>Hot</p><p>Green</p></article></div></body></html>"""


def find(text: str, **selectors: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = give("html", text=text, find=selectors)["found"]
    return found


def test_what_selectors_find() -> None:
    assert find(
        PAGE,
        title={"css": "title"},
        heads={"css": "article > h2", "all": True},
        second={"css": "article:nth-of-type(2) p:last-child"},
        next={"css": "a.next.b", "attribute": "href"},
        ids={"css": "[data-id]", "all": True, "attribute": "data-id"},
        html={"css": "article p", "take": "html"},
        none={"css": "footer"},
        nones={"css": "footer", "all": True},
    ) == {
        "title": "The shop",
        "heads": ["Soap", "Tea"],
        "second": "Green",
        "next": "?page=2",
        "ids": ["1", "2"],
        "html": "<p>Clean <em>and</em>\u00a0green</p>",
        "nones": [],
    }


def test_fields_are_found_inside_of_what_was_found() -> None:
    fields = {"name": {"css": "h2"}, "lines": {"css": "p", "all": True}, "nav": {"css": "nav"}}
    assert find(PAGE, it={"css": "article", "all": True, "fields": fields}) == {
        "it": [{"name": "Soap", "lines": ["Clean and green"]}, {"name": "Tea", "lines": ["Hot", "Green"]}]
    }


SELECTORS = [
    "p",
    "b i",
    "p > b",
    "p + p",
    "b ~ i",
    ".x",
    "#y",
    "[a]",
    "[a=x]",
    "p:first-child",
    "b:last-child",
    "i:not(.x)",
    "p:nth-child(2n)",
    "*",
    "p, i",
]


@given(
    pieces=st.lists(
        st.sampled_from(["<p>", "<p class=x>", "</p>", "<b>", "</b>", "<i id=y>", "</i>", "<u a=x>", "</u>", "t"]),
        max_size=12,
    ),
    selector=st.sampled_from(SELECTORS),
)
def test_selectors_find_what_a_browser_finds_where_both_read_the_same(pieces: list[str], selector: str) -> None:
    text = f"<div>{''.join(pieces)}</div>"
    theirs = LexborHTMLParser(text)
    body = theirs.body
    ours = find(text, it={"css": f"body {selector}", "all": True, "take": "html"}, all={"css": "body", "take": "html"})
    if body is None or ours["all"] != body.html or "," in selector:
        return
    assert len(ours["it"]) == len(theirs.css(f"body {selector}"))


@pytest.mark.parametrize(
    ("selector", "reason_"),
    [
        ("p[", "InvalidSelector"),
        ("::text", "InvalidSelector"),
        ("a:nope", "InvalidSelector"),
        ("\\1", "InvalidSelector"),
        (":is(" * 100, "InvalidSelector"),
    ],
)
def test_a_selector_that_is_none_is_told(selector: str, reason_: str) -> None:
    error = fail("html", text=PAGE, find={"it": {"css": selector}})
    assert error.reason == reason_
    assert error.message.startswith(f"find.it: {selector[:20]!r}"[:20])


@pytest.mark.parametrize(
    "selector", ["p:has(~ b)", "p ~ p ~ p", "p:nth-last-child(2)", "p" + " *" * 11, "p:has(b) p:has(b)"]
)
def test_a_search_that_would_take_long_is_refused(selector: str) -> None:
    error = fail("html", text="<p>x</p>" * 20_000, find={"it": {"css": selector}})
    assert error.reason == "TooExpensive"
    assert selector[:50] in error.message


def test_neighbours_are_searched_where_there_are_few() -> None:
    text = "<table>" + "<tr><td>a</td><td>b</td></tr>" * 3_000 + "</table>"
    assert len(find(text, it={"css": "td:nth-child(2)", "all": True})["it"]) == 3_000


def test_more_than_can_be_given_is_refused() -> None:
    assert fail("html", text="<p>x</p>" * 10_001, find={"it": {"css": "p", "all": True}}).reason == "TooLarge"


def test_the_text_of_a_page_is_what_people_see() -> None:
    text = give("html-text", text=PAGE)
    assert text == {"text": "A more\nSoap\nClean and green\nTea\nHot\nGreen", "title": "The shop"}
    assert give("html-text", text="") == {"text": "", "title": ""}
    assert give("html-text", text="a <b>b</b>c<style>x</style> &lt;d&gt; \x00") == {
        "text": "a bc <d> \ufffd",
        "title": "",
    }


def test_links_are_whole_and_lead_somewhere() -> None:
    assert give("html-links", text=PAGE, base="https://a.example/x")["links"] == [
        {"href": "https://a.example/a", "text": "A"},
        {"href": "https://a.example/de/?page=2", "text": "more"},
    ]
    hostile = "".join(
        f'<a href="{href}">x</a>' for href in ("javascript:x", " java\nscript:x", "data:x", "//[", "", "#")
    )
    assert give("html-links", text=hostile)["links"] == [{"href": "#", "text": "x"}]


def test_tables_with_spans_headers_and_tables_inside() -> None:
    text = """<table><thead><tr><th>a<th>a<th></thead>
      <tr><td colspan=2>1<td rowspan="2">2<tr><td>3<td><table><tr><td>in</table></td></tr><tr></tr></table>"""
    assert give("html-tables", text=text)["tables"] == [
        {
            "columns": ["a", "a 2", "column3"],
            "rows": [{"a": "1", "a 2": "1", "column3": "2"}, {"a": "3", "a 2": "in", "column3": "2"}],
        },
        {"columns": ["column1"], "rows": [{"column1": "in"}]},
    ]


def test_spans_that_lie_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("headgate_core.html_tables.MAX_CELLS", 30_000)
    row = "<tr>" + "<td colspan=999999 rowspan=999999>x" * 60
    assert fail("html-tables", text=f"<table>{row * 60}</table>").reason == "TooLarge"


ATTACKS = [
    "<script>alert(1)</script>",
    "<scr<script>ipt>alert(1)</script>",
    "<SCRIPT SRC=//x.example/x.js></SCRIPT>",
    "<img src=x onerror=alert(1)>",
    "<img/src=x/onerror=alert(1)>",
    "<img src=`x`onerror=alert(1)>",
    '<img src="x" ONERROR = "alert(1)">',
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<math><mi//xlink:href='javascript:alert(1)'>x",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<template><img src=x onerror=alert(1)></template>",
    "<textarea><img title='</textarea><img src onerror=alert(1)>'></textarea>",
    "<title><img title='</title><img src onerror=alert(1)>'></title>",
    "<xmp><img title='</xmp><img src onerror=alert(1)>'></xmp>",
    "<plaintext><img src=x onerror=alert(1)>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data=javascript:alert(1)>",
    "<embed src=javascript:alert(1)>",
    "<a href=javascript:alert(1)>x</a>",
    "<a href=' javascript:alert(1)'>x</a>",
    "<a href='java&#9;script:alert(1)'>x</a>",
    "<a href='java&#x0A;script:alert(1)'>x</a>",
    "<a href='&#106;avascript:alert(1)'>x</a>",
    "<a href='&#1;javascript:alert(1)'>x</a>",
    "<a href='JaVaScRiPt:alert(1)'>x</a>",
    "<a href='vbscript:x'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<a href='javascript&colon;alert(1)'>x</a>",
    "<a style='background:url(javascript:alert(1))'>x</a>",
    "<div style='x:expression(alert(1))'>x</div>",
    "<link rel=stylesheet href=//x.example/x.css>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<base href='javascript:/'>",
    "<body onload=alert(1)>",
    "<input autofocus onfocus=alert(1)>",
    "<button formaction=javascript:alert(1)>x</button>",
    "<form action=javascript:alert(1)><input type=submit></form>",
    "<video><source onerror=alert(1)></video>",
    "<details open ontoggle=alert(1)>x</details>",
    "<marquee onstart=alert(1)>x</marquee>",
    "<table background=javascript:alert(1)>",
    "<td background=javascript:alert(1)>",
    "<b id=x name=y class=z>x</b>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<!--[if IE]><script>alert(1)</script><![endif]-->",
    "<![CDATA[<img src=x onerror=alert(1)>]]>",
    "<?xml-stylesheet href='javascript:alert(1)'?><img src=x onerror=alert(1)>",
    "<p title='\"><img src=x onerror=alert(1)>'>x</p>",
    '<p title="&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;">&lt;script&gt;alert(1)&lt;/script&gt;</p>',
    "<a\x00 href=javascript:alert(1)>x</a>",
    "<img src=x:alert(1) onerror=eval(src)>",
    "</p><img src=1 onerror=alert(1)>",
    "<select><noembed></select><script x='a@b'a>y='a@b'//a@b%0a\nalert(1)</script>",
]
PIECES = st.sampled_from(
    [piece for attack in ATTACKS for piece in (attack, attack[: len(attack) // 2], attack[len(attack) // 2 :])]
)


def check_harmless(cleaned: str) -> None:
    """As a browser reads it: nothing but what is allowed."""
    tree = LexborHTMLParser(f"<div>{cleaned}</div>")
    for element in tree.css("body *"):
        assert element.tag in _KEPT, cleaned
        for name, value in element.attributes.items():
            allowed = name in _ATTRIBUTES or name == "rel" or _ADDRESSES.get(element.tag) == name
            assert allowed, cleaned
            assert name not in {"href", "src", "cite"} or is_safe_address(value or ""), cleaned
    assert not tree.css("head *"), cleaned


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_is_harmless_when_it_was_cleaned(attack: str) -> None:
    check_harmless(give("html-clean", text=attack)["text"])


@given(pieces=st.lists(PIECES, max_size=4))
def test_attacks_mixed_and_cut_are_harmless_and_cleaning_again_changes_nothing_that_is_dangerous(
    pieces: list[str],
) -> None:
    once = give("html-clean", text="".join(pieces))["text"]
    check_harmless(once)
    check_harmless(give("html-clean", text=once)["text"])


def test_what_is_honest_stays() -> None:
    link = '<a href="https://a.example/?a=1&amp;b=2" rel="nofollow noopener noreferrer">l</a>'
    honest = f"<h1>A &amp; b</h1><ul><li>x</li></ul><p>a<br>b {link}</p>"
    assert give("html-clean", text=honest) == {"text": honest}
    assert (
        give("html-clean", text='<p><img src="/a.png" alt="&lt;"></p>')["text"]
        == '<p><img src="/a.png" alt="&lt;"></p>'
    )


HEAVY = {
    "deep": "<div>" * 200_000,
    "formatting that is never closed": "".join(f"<b a={n}>" for n in range(50_000)) + "<p>x" * 50_000,
    "formatting in paragraphs": "".join(f"<p><b title={n}>" for n in range(20_000)),
    "tables in tables": "<table><tr><td>" * 60_000,
    "many attributes": "<a " + " ".join(f"a{n}=1" for n in range(150_000)) + ">",
    "many attributes behind a quote": "<a x='>' " + " ".join(f"a{n}" for n in range(150_000)) + ">",
    "open comments": "<!--" * 100_000,
    "nothing but brackets": "<" * 500_000,
    "open quotes": '<a "' * 100_000,
    "many elements": "<p>x" * 250_000,
}


@pytest.mark.parametrize("text", HEAVY.values(), ids=HEAVY)
def test_every_page_is_read_or_refused_soon(text: str) -> None:
    began = time.process_time()
    assert reason("html-clean", text=text) in {None, "TooLarge"}
    assert time.process_time() - began < 3


@given(text=st.text(alphabet="<>/ab =\"'&;!-[]x\n", max_size=60))
def test_anything_at_all_is_read(text: str) -> None:
    give("html-text", text=text)
    give("html-links", text=text)
    give("html-tables", text=text)
    check_harmless(give("html-clean", text=text)["text"])
