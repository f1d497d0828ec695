"""`xml`, `xml-find`, `xml-write`: expat and libxml2 as oracles, the known attacks on readers, and clear refusals."""

import time
import tracemalloc
import xml.etree.ElementTree as ET
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.node_calls import fail, give, reason

LETTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\x00\ufffe\uffff").filter(
    lambda letter: letter >= " " or letter in "\t\n\r"
)
TEXTS = st.text(LETTERS, max_size=8).map(str.strip)
NAMES = st.sampled_from(["a", "b", "c-d", "é", "_x", "n.1"])
VALUES = st.recursive(
    TEXTS,
    lambda inner: st.dictionaries(NAMES, inner | st.lists(inner, min_size=2, max_size=3), max_size=3).flatmap(
        lambda members: st.dictionaries(NAMES.map("@{}".format), TEXTS, max_size=2).map(
            lambda more: {**more, **members}
        )
    ),
    max_leaves=10,
).map(lambda value: value or "")


def without_nothing(value: Any) -> Any:
    """An object without members is an empty element, as an empty text is."""
    if isinstance(value, dict):
        return {name: without_nothing(one) for name, one in value.items()} or ""
    return [without_nothing(one) for one in value] if isinstance(value, list) else value


@given(value=VALUES, indent=st.integers(0, 3))
def test_what_is_written_is_read_back_and_is_xml_for_expat(value: Any, indent: int) -> None:
    text = give("xml-write", name="r", value=value, indent=indent)["text"]
    assert give("xml", text=text) == {"name": "r", "value": without_nothing(value)}
    assert ET.fromstring(text).tag == "r"


@given(text=st.text(LETTERS, max_size=20))
def test_a_text_comes_back_to_the_letter_when_it_is_not_trimmed(text: str) -> None:
    written = give("xml-write", name="r", value={"@a": text, "#text": text})["text"]
    expected = {"@a": text, "#text": text} if text else {"@a": ""}
    assert give("xml", text=written, trim=False) == {"name": "r", "value": expected}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("<a/>", ""),
        ("<a> x </a>", "x"),
        ("<a><b/><b/><c>1</c></a>", {"b": ["", ""], "c": "1"}),
        ("<a>one <b>two</b> three</a>", {"b": "two", "#text": "one three"}),
        ("<a><![CDATA[<x> & y]]></a>", "<x> & y"),
        ("<a><!-- no --><?pi no?>&lt;&#228;&#x20AC;</a>", "<ä€"),
        ("<a xmlns:d='urn:d'><d:b d:c='1'/></a>", {"d:b": {"@d:c": "1"}}),
        ("<a xmlns='urn:a'><b xml:lang='de'>x</b></a>", {"b": {"@xml:lang": "de", "#text": "x"}}),
        ("\ufeff<?xml version='1.0' encoding='iso-8859-1'?><a>ä</a>", "ä"),
    ],
)
def test_the_rule(text: str, value: Any) -> None:
    assert give("xml", text=text)["value"] == value


def test_prefixes_may_be_dropped_and_lists_may_be_asked_for() -> None:
    text = "<x:a xmlns:x='urn:x'><x:b>1</x:b></x:a>"
    assert give("xml", text=text, prefixes=False, lists=["b"]) == {"name": "a", "value": {"b": ["1"]}}
    assert give("xml", text=text, lists=["x:b"]) == {"name": "x:a", "value": {"x:b": ["1"]}}


@pytest.mark.parametrize("declared", ["iso-8859-15", "utf-16", "windows-1251", "utf-8"])
def test_bytes_say_their_encoding_themselves(declared: str) -> None:
    word = "Привет" if declared == "windows-1251" else "œuf"
    raw = f"<?xml version='1.0' encoding='{declared}'?><a>{word}</a>".encode(declared)
    assert give("xml", {"text": raw.hex(), "from": "hex"})["value"] == word


@pytest.mark.parametrize("encoding", ["iso-8859-1", "utf-16-le", "utf-16", "gb18030", "utf-8"])
def test_an_encoding_that_is_given_wins(encoding: str) -> None:
    raw = "<?xml version='1.0' encoding='us-ascii'?><a>é</a>".encode(encoding)
    assert give("xml", {"text": raw.hex(), "from": "hex", "encoding": encoding})["value"] == "é"


def test_an_encoding_that_nobody_knows_is_told() -> None:
    raw = b"<?xml version='1.0' encoding='klingon'?><a/>"
    assert fail("xml", {"text": raw.hex(), "from": "hex"}).reason == "NotXml"


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
HOSTILE = {
    "billion laughs": f'<!DOCTYPE a [<!ENTITY l0 "lol">{LAUGHS}]><a>&l9;</a>',
    "billion laughs in an attribute": f'<!DOCTYPE a [<!ENTITY l0 "lol">{LAUGHS}]><a b="&l9;"/>',
    "quadratic blowup": f'<!DOCTYPE a [<!ENTITY l "{"x" * 50_000}">]><a>{"&l;" * 50_000}</a>',
    "quadratic blowup in an attribute": f'<!DOCTYPE a [<!ENTITY l "{"x" * 50_000}">]><a b="{"&l;" * 50_000}"/>',
    "parameter entities": f'<!DOCTYPE a [<!ENTITY % p "{"x" * 9999}"><!ENTITY % q "%p;%p;%p;">%q;]><a/>',
    "a file": '<!DOCTYPE a [<!ENTITY f SYSTEM "file:///etc/passwd">]><a>&f;</a>',
    "a file in a parameter entity": '<!DOCTYPE a [<!ENTITY % f SYSTEM "file:///etc/passwd">%f;]><a/>',
    "an address": '<!DOCTYPE a [<!ENTITY f SYSTEM "http://127.0.0.1:9/x">]><a>&f;</a>',
    "a document type from elsewhere": '<!DOCTYPE a SYSTEM "http://127.0.0.1:9/x.dtd"><a/>',
    "a public document type": '<!DOCTYPE a PUBLIC "-//A//B" "http://127.0.0.1:9/x.dtd"><a/>',
    "a harmless document type": "<!DOCTYPE a><a/>",
    "a default attribute": '<!DOCTYPE a [<!ATTLIST a b CDATA "c">]><a/>',
    "an entity without a definition": "<a>&nope;</a>",
    "too deep": "<a>" * 300 + "</a>" * 300,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_what_xml_readers_were_attacked_with_is_refused_at_once(text: str, encoding: str) -> None:
    began = time.process_time()
    tracemalloc.start()
    try:
        error = fail("xml", {"text": text.encode(encoding).hex(), "from": "hex"})
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert error.reason == "NotXml"
    assert "root:" not in error.message
    assert peak < 10_000_000
    assert time.process_time() - began < 2


def test_xinclude_and_stylesheets_are_only_names() -> None:
    text = '<a xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="/etc/passwd" parse="text"/></a>'
    assert give("xml", text=text)["value"] == {"xi:include": {"@href": "/etc/passwd", "@parse": "text"}}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "text: there is nothing in it"),
        ("hello", "text: line 1, column 1: Start tag expected"),
        ("<a>\n<b></a>", "text: line 2, column 8: Opening and ending tag mismatch: b line 2 and a"),
        ("<a b=1/>", "line 1, column 6: AttValue"),
        ("<a/><b/>", "Extra content at the end of the document"),
        (
            "<!DOCTYPE html><html/>",
            "it has a document type (`<!DOCTYPE …>`), which could ask for anything: take it out",
        ),
    ],
)
def test_what_is_no_xml_says_where(text: str, said: str) -> None:
    error = fail("xml", text=text)
    assert error.reason == "NotXml"
    assert said in error.message


def test_more_elements_than_a_node_takes_are_refused() -> None:
    assert fail("xml", text=f"<a>{'<b/>' * 200_001}</a>").reason == "TooLarge"


@given(text=st.text(alphabet="<>/ab=\"'&;!?-[]x ", max_size=40))
def test_anything_at_all_is_read_or_refused_in_words(text: str) -> None:
    assert reason("xml", text=text) in {None, "NotXml"}


SHOP = """<shop xmlns:p="urn:price"><item id="1" p:net="1.5"><name>Soap</name></item>
<item id="2"><name>Tea</name><name>Chai</name></item></shop>"""


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("/shop/item/name/text()", ["Soap", "Tea", "Chai"]),
        ("//item/@id", ["1", "2"]),
        ("//item[@q:net > 1]", [{"@id": "1", "@p:net": "1.5", "name": "Soap"}]),
        ("count(//name)", [3]),
        ("sum(//@q:net)", [1.5]),
        ("boolean(//nothing)", [False]),
        ("string(//item[2]/name)", ["Tea"]),
        ("number('x')", []),
        ("//nothing", []),
        ("//item[name = 'Chai']/@id | //item[1]/name", ["Soap", "2"]),
    ],
)
def test_what_an_expression_finds(expression: str, found: list[Any]) -> None:
    given = {"find": {"it": expression}, "namespaces": {"q": "urn:price"}}
    assert give("xml-find", given, text=SHOP)["found"] == {"it": found}


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("//item[", "find.it: '//item['"),
        ("//q:item", "find.it: '//q:item'"),
        ("$x", "find.it: '$x'"),
        ("nope()", "find.it: 'nope()'"),
        ("document('/etc/passwd')", "find.it: \"document('/etc/passwd')\""),
        ("re:match(., 'x')", "find.it: "),
    ],
)
def test_an_expression_that_is_none_is_told(expression: str, said: str) -> None:
    error = fail("xml-find", text=SHOP, find={"it": expression})
    assert error.reason == "InvalidXPath"
    assert said in error.message


@pytest.mark.parametrize(
    "expression",
    [
        "//b[//b]",
        "//b[.//b = //c]",
        "//b[../b]",
        "//b[preceding-sibling::b]",
        "//b/following::b",
        "//b/preceding-sibling :: b",
        "//b[/a/b]",
        "//b[count( /a/b) > 1]",
        "//b[descendant::c]",
        "//b[ancestor::a/b]",
        "/a/b[c] | //b[//b[//b]]",
        "//b" * 11,
        "//b[ancestor::b]",
    ],
)
def test_a_search_inside_of_a_search_is_refused_where_it_would_take_long(expression: str) -> None:
    error = fail("xml-find", text=f"<a>{'<b/>' * 20_000}</a>", find={"it": expression})
    assert error.reason == "TooExpensive"
    assert reason("xml-find", text=SHOP, find={"it": expression}) in {None, "TooExpensive"}


@pytest.mark.parametrize(
    "expression", ["//b[c]", "//b[@x = 'http://a//b[..]']", "/a/b[1]", "//b[last()]|//c", "count(//b)"]
)
def test_a_search_that_goes_through_once_is_not(expression: str) -> None:
    assert reason("xml-find", text=f"<a>{'<b/>' * 9_000}</a>", find={"it": expression}) is None


def test_neighbours_are_cheap_where_there_are_few() -> None:
    text = f"<a>{'<b><c/><c/><c/></b>' * 4_000}</a>"
    assert give("xml-find", text=text, find={"it": "count(//c[preceding-sibling::c])"})["found"] == {"it": [8_000]}


def test_the_dearest_search_that_is_let_through_is_quick() -> None:
    began = time.process_time()
    give("xml-find", text=f"<a>{'<b/>' * 4_400}</a>", find={"it": "count(//b[preceding-sibling::x])"})
    assert time.process_time() - began < 5


def test_more_than_can_be_given_is_refused() -> None:
    error = fail("xml-find", text=f"<a>{'<b/>' * 10_001}</a>", find={"it": "//b"})
    assert error.message == "find.it: it finds 10,001, at most 10,000 are given: ask for fewer"


@pytest.mark.parametrize(
    ("value", "reason_", "said"),
    [
        ({"1a": "x"}, "InvalidName", "value: r.1a: '1a' cannot be a name"),
        ({"a b='c'": "x"}, "InvalidName", "cannot be a name"),
        ({"@a><x": "x"}, "InvalidName", "'a><x' cannot be a name"),
        ({"q:a": "x"}, "InvalidName", "value: r.q:a: nothing says what the prefix of 'q:a' is"),
        ({"@a": {"b": 1}}, "InvalidParameters", "value: r.@a: here stands a text, and this is an object"),
        ({"a": [["b"]]}, "InvalidParameters", "value: r.a: here stands a text, and this is a list"),
        ("\x01", "InvalidLetter", "value: r: letter U+0001 cannot stand in XML"),
    ],
)
def test_what_xml_cannot_hold_is_told(value: Any, reason_: str, said: str) -> None:
    error = fail("xml-write", name="r", value=value)
    assert error.reason == reason_
    assert said in error.message


def test_nothing_that_is_written_becomes_markup() -> None:
    written = give("xml-write", name="r", value={"@a": '"><x y="', "b": "</r><x>]]>&amp;"}, namespaces={"p": '"><x'})
    root = ET.fromstring(written["text"])
    assert (root.attrib, [(child.tag, child.text) for child in root]) == ({"a": '"><x y="'}, [("b", "</r><x>]]>&amp;")])
