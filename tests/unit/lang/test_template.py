"""Where `${…}` begins and ends (LANGUAGE §3.7, 2 and 3)."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate_lang.template import Expression, Literal, parse
from support.trying import times


def sources(text: str) -> list[str]:
    template = parse(text)
    assert not template.flaws
    return [expression.source for expression in template.expressions]


def rebuilt(text: str) -> str:
    """A text put together again from its parts."""
    return "".join(
        part.text.replace("${", "$${") if isinstance(part, Literal) else f"${{{part.source}}}"
        for part in parse(text).parts
    )


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("no expression", []),
        ("a $ alone, $5 and {braces}", []),
        ("$${this} is text", []),
        ("${a}", ["a"]),
        ("Hello, ${inputs.name}!", ["inputs.name"]),
        ("${a}${b}", ["a", "b"]),
        ("${ {'k': {'l': 1}} }", [" {'k': {'l': 1}} "]),
        ("${'}'}", ["'}'"]),
        ('${"}\\"}"}', ['"}\\"}"']),
        (r"${r'\'}", [r"r'\'"]),
        (r'${R"\" + "}"}', [r'R"\" + "}"']),
        (r"${rb'}\'}", [r"rb'}\'"]),
        (r"${b'\'}'}", [r"b'\'}'"]),
        ("${'''it's }'''}", ["'''it's }'''"]),
        ('${"""a " } \\""" }"""}', ['"""a " } \\""" }"""']),
        ("${''}x${''}", ["''", "''"]),
        ("${bar'}'}", ["bar'}'"]),
        ("${a // a comment with }\n}", ["a // a comment with }\n"]),
        ("${'http://x'}", ["'http://x'"]),
        ("$$${a}", []),
    ],
)
def test_the_end_of_an_expression_is_found_by_cels_lexing(text: str, found: list[str]) -> None:
    assert sources(text) == found


def test_a_doubled_dollar_is_a_literal() -> None:
    assert parse("cost: $${price}").parts == (Literal("cost: ${price}"),)


def test_offsets_are_of_what_stands_between_the_braces() -> None:
    assert parse("ab${ c }").parts == (Literal("ab"), Expression(" c ", 4, 7))


@pytest.mark.parametrize("text", ["${a}", "${a}\n", "${a}\n\n", "${a}\r\n"])
def test_one_expression_is_the_whole_value_but_for_line_breaks_at_its_end(text: str) -> None:
    whole = parse(text).whole
    assert whole is not None
    assert whole.source == "a"


@pytest.mark.parametrize("text", [" ${a}", "${a} ", "\n${a}", "${a}${b}", "a", "", "$${a}", "${a}\n."])
def test_anything_else_is_text(text: str) -> None:
    assert parse(text).whole is None


@pytest.mark.parametrize(
    ("text", "reason", "at"),
    [
        ("hello ${inputs.x", "UnclosedExpression", "${"),
        ("${ {a }", "UnclosedExpression", "${"),
        ("${a // }", "UnclosedExpression", "${"),
        ("${'a}", "UnclosedString", "'"),
        ("${'a\n'}", "UnclosedString", "'"),
        ('${"""a"}', "UnclosedString", '"'),
        ("x ${} y", "EmptyExpression", "${}"),
        ("${ \n }", "EmptyExpression", "${ \n }"),
        ("${// nothing\n}", "EmptyExpression", "${// nothing\n}"),
        ("${a + ${b}}", "NestedExpression", "${"),
        ("${'${b}'}", "NestedExpression", "${"),
        ("${'" + "x" * 4096 + "'}", "ExpressionTooLong", "'" + "x" * 4096 + "'"),
        ("${'" + "é" * 2048 + "'}", "ExpressionTooLong", "'" + "é" * 2048 + "'"),
    ],
)
def test_what_cannot_be_read_is_a_flaw_with_its_place_and_a_remedy(text: str, reason: str, at: str) -> None:
    (flaw,) = parse(text).flaws
    assert flaw.reason == reason
    assert text[flaw.start : flaw.end] == at
    assert flaw.remedy


def test_every_flaw_of_a_text_is_told() -> None:
    assert [flaw.reason for flaw in parse("${} ${a ${b}} ${c} ${'").flaws] == [
        "EmptyExpression",
        "NestedExpression",
        "UnclosedString",
    ]
    assert [expression.source for expression in parse("${} ${c}").expressions] == ["c"]


def told(text: str) -> list[tuple[type, str]]:
    parts = parse(text).parts
    return [(type(part), part.text if isinstance(part, Literal) else part.source) for part in parts]


@given(st.text(alphabet="${}'\"\\rab \n/", max_size=40))
@times(4)
def test_whatever_parses_can_be_put_together_again(text: str) -> None:
    if not parse(text).flaws:
        assert told(rebuilt(text)) == told(text)
        assert all(text[one.start : one.end] == one.source for one in parse(text).expressions)


@given(st.text(max_size=60))
def test_a_text_without_an_opening_stands_for_itself(text: str) -> None:
    if "${" not in text and text:
        assert parse(text).parts == (Literal(text),)


@pytest.mark.parametrize("piece", ["${", "$${", "${'", "${'''", "{", "'", '"', "\\", "//", "${a}", "r'", "$"])
def test_reading_takes_linear_time(piece: str) -> None:
    def seconds(times: int) -> float:
        text = "${" + piece * times
        began = time.perf_counter()
        parse(text)
        return time.perf_counter() - began

    seconds(1000)
    assert seconds(60_000) < 2
