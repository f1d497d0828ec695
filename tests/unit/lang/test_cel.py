"""What expressions yield (LANGUAGE §3.7)."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate_lang.paths import parse
from headgate_lang.resolve import evaluate
from headgate_lang.scope import Scope
from headgate_lang.values import ABSENT, ExpressionError
from support.trying import times


def value_of(source: str, schemas: dict[str, Any] | None = None, **documents: Any) -> Any:
    return evaluate(source, Scope(documents, schemas))


def error_of(source: str, **documents: Any) -> str:
    with pytest.raises(ExpressionError) as error:
        value_of(source, **documents)
    return str(error.value)


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("a.n + 1", 4),
        ("a.half + 1.0", 1.5),
        ("a.text + '!'", "hi!"),
        ("a.flag && !a.flag", False),
        ("a.list.map(x, x * 2)", [2, 4, 6]),
        ("a.list.filter(x, x > 1)", [2, 3]),
        ("{'z': a.n, 'a': [a.half]}", {"a": [0.5], "z": 3}),
        ("size('é😀')", 2),
        ("['a', 'b'].join(', ')", "a, b"),
        ("math.greatest(a.n, 2)", 3),
        ("base64.encode(bytes(a.text))", "aGk="),
        ("timestamp('2026-11-21T05:30:58+01:00')", "2026-11-21T04:30:58Z"),
        ("[timestamp('2026-11-21T05:30:58.250Z')]", ["2026-11-21T05:30:58.25Z"]),
        ("a.n > 2.5 && a.half < 1", True),
        ("7 / 2", 3),
        ("a.n // a comment", 3),
        ("uint(a.n)", 3),
    ],
)
def test_an_expression_yields_plain_json(source: str, value: Any) -> None:
    found = value_of(source, a={"n": 3, "half": 0.5, "text": "hi", "flag": True, "list": [1, 2, 3]})
    assert found == value
    assert type(found) is type(value)


def test_an_optional_that_is_there_is_its_value_and_one_that_is_not_is_absent() -> None:
    assert value_of("a.?x", a={"x": [1]}) == [1]
    assert value_of("a.?x", a={}) is ABSENT
    assert value_of("a.?x // whether", a={}) is ABSENT
    assert value_of("a.?x.?y.z", a={"x": {}}) is ABSENT
    assert value_of("a.?x.orValue('none')", a={}) == "none"


def test_a_node_without_a_document_has_nothing_to_read() -> None:
    assert value_of("a.?x") is ABSENT
    assert value_of("a.?error.message") is ABSENT
    assert "`a` has nothing to read here" in error_of("a.x")
    assert "`a` has nothing to read here" in error_of("a.x + 1")


def test_a_null_member_counts_as_absent() -> None:
    assert value_of("has(a.x)", a={"x": None}) is False
    assert value_of("a.?x", a={"x": None}) is ABSENT
    assert value_of("a.map(k, k)", a={"x": None, "y": 1}) == ["y"]
    assert value_of("[a][0].l", a={"l": [1, None]}) == [1, None]


def test_a_number_is_a_double_where_its_schema_says_number() -> None:
    schema = {
        "type": "object",
        "properties": {"price": {"type": "number"}, "many": {"type": "array", "items": {"type": "number"}}},
        "additionalProperties": {"type": "number"},
    }
    assert value_of("a.price * 2.5", {"a": schema}, a={"price": 3}) == 7.5
    assert value_of("a.many.map(x, x / 2.0)", {"a": schema}, a={"many": [1, 2]}) == [0.5, 1.0]
    assert value_of("a.other + 0.5", {"a": schema}, a={"other": 1}) == 1.5
    assert "integer and a number" in error_of("a.price * 2.5", a={"price": 3}).replace("`*` does not take an ", "")


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("a.text + 1", "`+` cannot join a string and an integer (`a.text` is a string): write `string(x)`"),
        ("a.n / 0", "divide by zero"),
        ("a.x.y == 1", "`a` has no `x`: it has n, text, list, big, nul, surrogate"),
        ("a.list[7] == 1", "`a.list` has no item 7: it has 2, counted from 0"),
        ("a.text ? 1 : 2", "a condition needs a boolean (`a.text` is a string): there is no truthiness: compare it"),
        ("a.n.x == 1", "a field is read of something that is no object"),
        ("a.?x.value()", "an optional that is absent is read: write `.orValue(…)`"),
        ("a.?n + 1", "write `.orValue(…)` after the optional"),
        ("a.n.orValue(1)", "`orValue` wants an optional before it"),
        ("a.n.map(x, x)", "a macro goes through a list or a map"),
        ("a.big + 1", "a number beyond 64 bits can be copied by a plain path, not computed with"),
        ("a.nul + 'x'", "a text with U+0000 can be copied by a plain path, not computed with"),
        ("a.surrogate + 'x'", "a text that is no valid Unicode"),
        ("9223372036854775807 + a.n", "integer overflow"),
        ("timestamp(a.text)", "a text is no time (`a.text` is a string)"),
        ("a.text.matches('(')", "invalid regular expression"),
        ("a +", "the expression ends too early"),
        ("nosuch(1)", "`nosuch` does not take an integer"),
    ],
)
def test_what_has_no_value_says_why_and_what_is_there_instead(source: str, says: str) -> None:
    document = {"n": 3, "text": "hi", "list": [1, 2], "big": 2**64, "nul": "a\0b", "surrogate": "\ud800"}
    assert says in error_of(source, a=document)


def test_what_cannot_be_computed_with_spoils_nothing_beside_it() -> None:
    assert value_of("a.n + 1", a={"n": 1, "nul": "a\0b", "big": 2**64}) == 2
    assert value_of("size(a.inner.l)", a={"inner": {"l": [1], "nul": "\0"}}) == 1


@pytest.mark.parametrize(
    ("source", "remedy"),
    [
        ("b'x'", "base64.encode(x)"),
        ("duration('1h')", "string(x)"),
        ("type(1)", "string(x)"),
        ("0.0 / 0.0", "division by zero"),
        ("1.0 / 0.0", "division by zero"),
        ("{1: 2}", "string(x)"),
        ("[optional.of(1)]", "[?x]"),
        ("{'a': optional.none()}", '{?"key": x}'),
        ("optional.of(optional.of(1))", "[?x]"),
    ],
)
def test_a_value_that_no_json_can_carry_is_refused_with_what_to_write(source: str, remedy: str) -> None:
    assert remedy in error_of(source)


def test_the_result_is_at_most_one_mebibyte() -> None:
    assert len(value_of("a.text + a.text", a={"text": "x" * 500_000})) == 1_000_000
    assert "larger than 1 MiB" in error_of("a.text + a.text", a={"text": "x" * 600_000})
    assert "larger than 1 MiB" in error_of("a.list.map(x, a.text)", a={"text": "x" * 30_000, "list": [0] * 40})


def test_the_steps_of_macros_are_bounded() -> None:
    assert value_of("a.exists(x, x < 0)", a=[1] * 9_999) is False
    assert "9,999 steps" in error_of("a.exists(x, x < 0)", a=[1] * 10_000)
    assert "9,999 steps" in error_of("a.all(x, a.all(y, true))", a=[1] * 101)


def test_a_scope_with_an_item_more_shares_what_was_prepared() -> None:
    scope = Scope({"a": {"x": 1}, "item": "old"})
    assert evaluate("string(a.x) + item", scope) == "1old"
    assert evaluate("string(a.x) + item", scope.having({"item": "new"})) == "1new"
    assert evaluate("string(a.x) + item", scope) == "1old"


def test_a_deep_document_is_no_danger() -> None:
    deep: dict[str, Any] = {"x": 1}
    for _ in range(5_000):
        deep = {"d": deep}
    assert "nested deeper than 100" in error_of("size(a.d) > 0", a=deep)
    assert value_of("a.y + 1", a={"d": deep, "y": 1}) == 2


names = st.sampled_from(["a", "b", "c-d"])
documents = st.recursive(
    st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text("aé😀"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=10,
)


@st.composite
def documents_and_paths(draw: st.DrawFn) -> tuple[Any, str]:
    """A document, and a path to something in it."""
    document = part = draw(documents)
    path = "root"
    while part and isinstance(part, list | dict) and draw(st.booleans()):
        key: Any = draw(st.sampled_from(sorted(part) if isinstance(part, dict) else range(len(part))))
        path += f'["{key}"]' if isinstance(key, str) else f"[{key}]"
        part = part[key]
    return document, path


@given(documents_and_paths())
@times(4)
def test_copying_a_plain_path_is_the_same_as_evaluating_it(case: tuple[Any, str]) -> None:
    document, path = case
    assert parse(path) is not None
    evaluated = evaluate(f"({path})", Scope({"root": document}))
    copied = evaluate(path, Scope({"root": document}))
    assert evaluated == copied
    assert type(evaluated) is type(copied)
