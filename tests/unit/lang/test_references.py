"""What an expression reads, told without evaluating it (LANGUAGE §1.1, §3.7)."""

import pytest
from google.protobuf.descriptor_pool import DescriptorPool

from headgate_lang import cel
from headgate_lang.engine import Env, libraries_in, typed, untyped
from headgate_lang.syntax import LIBRARY, TYPE_NAMES


def read(source: str) -> list[str]:
    return [str(reference) for reference in cel.references(source)]


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("a.b[0].c", ["a.b[0].c"]),
        ("a.b + c.d", ["a.b", "c.d"]),
        ("a.?b.c.orValue(d)", ["a.b.c", "d"]),
        ("a[?'b'][0].c == 1", ["a.b[0].c"]),
        ("a.b[i].c + 1", ["i", "a.b[…].c"]),
        ("has(a.b) ? a.b : 'x'", ["a.b", "a.b"]),
        ("{'k': a, ?'l': b.?c}", ["a", "b.c"]),
        ("[a, ?b.?c]", ["a", "b.c"]),
        (".a.b + 1", ["a.b"]),
        ("-a.b", ["a.b"]),
        ("'a.b'", []),
        ("1 + 2 // a.b", []),
        ("a.b in [1, 2]", ["a.b"]),
        ("a.`content-type` + 'x'", ['a["content-type"]']),
    ],
)
def test_every_path_is_found_as_far_as_it_goes(source: str, found: list[str]) -> None:
    assert read(source) == found


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("l.map(x, x.y + z)", ["l", "z"]),
        ("l.filter(x, x > 1).map(y, y)", ["l"]),
        ("l.exists(x, x.a) && x.a", ["l", "x.a"]),
        ("l.all(x, m.all(y, x == y))", ["l", "m"]),
        ("l.map(x, x > 1, x.z)", ["l"]),
        ("l.exists_one(x, x == k)", ["l", "k"]),
        ("a.?b.optMap(v, v + c).orValue('')", ["a.b", "c"]),
        ("a.?b.optFlatMap(v, v.?c)", ["a.b"]),
        ("inputs.map(inputs, inputs.x)", ["inputs"]),
    ],
)
def test_variables_of_macros_are_no_references(source: str, found: list[str]) -> None:
    assert read(source) == found


@pytest.mark.parametrize(
    "source",
    [
        "type(1) == int",
        "type([]) == list",
        "optional.none()",
        "math.greatest(1, 2)",
        "base64.encode(b'a')",
        "string(1)",
    ],
)
def test_types_and_functions_are_no_references(source: str) -> None:
    assert read(source) == []


def test_a_node_may_be_called_as_a_library_is() -> None:
    assert read("math.floor(math.x) + optional.size") == ["math.x", "optional.size"]


def test_the_libraries_are_those_of_the_engine() -> None:
    arguments = {"none": "", "encode": "b''", "decode": "''", "quote": "''", "isNaN": "1.0", "isInf": "1.0"}
    arguments |= dict.fromkeys(("isFinite", "ceil", "floor", "round", "trunc"), "1.0")
    arguments |= dict.fromkeys(("bitAnd", "bitOr", "bitXor", "bitShiftLeft", "bitShiftRight"), "1, 1")
    for namespace, functions in LIBRARY.items():
        for function in functions:
            untyped().compile(f"{namespace}.{function}({arguments.get(function, '1')})")
    for name in TYPE_NAMES:
        untyped().compile(f"type(1) == {name}" if name != "optional_type" else name)


def test_a_reference_says_what_it_needs() -> None:
    plain, optional, error, tested, deep = cel.references("[a.x, b.?x, c.?error.message, has(d.x), e.x.?y]")
    assert (plain.is_optional, plain.is_error) == (False, False)
    assert (optional.is_optional, optional.is_error) == (True, False)
    assert (error.is_optional, error.is_error) == (True, True)
    assert [step.tested for step in tested.steps] == [True]
    assert not deep.is_optional
    assert [step.optional for step in deep.steps] == [False, True]


def test_it_knows_where_references_stand() -> None:
    source = '"é😀" + a.text + string(b [0] . ?c) + d.l[i.j].txt'
    spans = [source[reference.start : reference.end] for reference in cel.references(source)]
    assert spans == ["a.text", "b [0] . ?c", "i.j", "d.l[i.j].txt"]
    (_, b, *_) = cel.references(source)
    assert [source[step.start : step.end] for step in b.steps] == ["[0]", ". ?c"]


@pytest.mark.parametrize(
    ("source", "reason", "at", "remedy"),
    [
        ("a.b +", "ExpressionSyntax", "+", "missing"),
        ("a.b c", "ExpressionSyntax", "c", "operator"),
        ("a = b", "ExpressionSyntax", "=", "=="),
        ("a and b", "ExpressionSyntax", "and", "&&"),
        ("a | b", "ExpressionSyntax", "|", "||"),
        ("a.in", "ExpressionSyntax", "in", '["in"]'),
        ("#", "ExpressionSyntax", "#", "quotes"),
        ("'a", "ExpressionSyntax", "'", "quote"),
        ("loop.x", "ExpressionSyntax", "loop", "another name"),
        ("a\n  + * b", "ExpressionSyntax", "*", "missing"),
        ("a.b == null", "NullLiteral", "null", "has(a.b)"),
        ("a.B{}", "ExpressionSyntax", "a.B", "map"),
        ("[1].map(a, [1].map(b, [1].map(c, 1)))", "NestedTooDeep", "(", "node"),
        ("(" * 40 + "1" + ")" * 40, "NestedTooDeep", "(" * 40 + "1" + ")" * 40, "steps"),
        ("a" + ".?b.optMap(x, x)" * 5, "NestedTooDeep", "optMap", "4 times"),
        ("'" + "x" * 5000 + "'", "ExpressionTooLong", "'" + "x" * 5000 + "'", "node"),
    ],
)
def test_what_is_no_expression_is_told_with_its_place(source: str, reason: str, at: str, remedy: str) -> None:
    with pytest.raises(cel.InvalidExpressionError) as invalid:
        cel.references(source)
    (flaw,) = invalid.value.flaws
    assert (flaw.reason, source[flaw.start : flaw.end]) == (reason, at)
    assert remedy in flaw.remedy


def test_macros_one_after_another_are_not_nested() -> None:
    assert read("l.map(a, a).filter(b, b).map(c, c).all(d, d)") == ["l"]
    assert read("l.map(a, m.map(b, a + b))") == ["l", "m"]
    assert read("l.map(a, m.map(b, a.?c.optMap(x, x).orValue(b)))") == ["l", "m"]


@pytest.mark.parametrize(
    ("source", "libraries"),
    [
        ("a.b + 1", set()),
        ("a.?b.orValue(0)", set()),
        ("math.greatest(a.x, 3)", {"math"}),
        ("base64.encode(a.x)", {"encoders"}),
        ("a.x.split(',').join('-')", {"strings"}),
        ("'%d'.format([a.x])", {"strings"}),
        ("strings.quote(a.x)", {"strings"}),
        ("math.abs(a.x.indexOf('b'))", {"math", "strings"}),
        ("a.mathematics + a.splitting", set()),
    ],
)
def test_an_expression_is_read_with_the_libraries_that_it_can_need_and_no_more(
    source: str, libraries: set[str]
) -> None:
    assert libraries_in(source) == {"optional", *libraries}
    _typed(libraries_in(source)).compile(source)


@pytest.mark.parametrize(
    "call",
    "charAt(0) indexOf('a') join() lastIndexOf('a') lowerAscii() replace('a','b') reverse() split('a') substring(1) "
    "trim() upperAscii() format([1])".split(),
)
def test_each_function_of_a_library_brings_it(call: str) -> None:
    source = f"(['a'] + a.x).{call}" if call == "join()" else f"'a'.{call}"
    without = _typed(frozenset({"optional"}))
    _typed(libraries_in(source)).compile(source)
    with pytest.raises(Exception, match="undeclared reference"):
        without.compile(source)


def _typed(libraries: frozenset[str]) -> Env:
    return typed(DescriptorPool(), {"a": None}, libraries)
