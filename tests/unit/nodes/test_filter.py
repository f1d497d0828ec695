"""`filter`: CEL asked of each item, and bounded."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate_core.confined import pool
from support.node_calls import fail, give

PEOPLE = [{"name": "Ana", "age": 7}, {"name": "Bob", "age": 40}, {"name": "Cem"}]


@pytest.mark.parametrize(
    ("where", "names"),
    [
        ("item.?age.orValue(0) > 10", ["Bob"]),
        ("has(item.age)", ["Ana", "Bob"]),
        ("item.name.matches('^[AB]')", ["Ana", "Bob"]),
        ("index != 1", ["Ana", "Cem"]),
        ("item.name in args.known", ["Cem"]),
        ("true", ["Ana", "Bob", "Cem"]),
        ("false", []),
    ],
)
def test_conditions(where: str, names: list[str]) -> None:
    found = give("filter", items=PEOPLE, where=where, args={"known": ["Cem", "Dan"]})
    assert [item["name"] for item in found["items"]] == names
    assert found["count"] == len(names)
    assert len(found["others"]) == len(PEOPLE) - len(names)


@given(st.lists(st.integers(-100, 100) | st.floats(-100, 100)), st.integers(-100, 100))
def test_nothing_is_lost_and_the_order_stays(items: list[float], least: int) -> None:
    found = give("filter", items=items, where="item >= args.least", args={"least": least})
    assert found["items"] == [item for item in items if item >= least]
    assert found["others"] == [item for item in items if item < least]


@pytest.mark.parametrize(
    ("where", "reason", "said"),
    [
        ("item.age > 10", "ExpressionError", "asked of items[2]"),
        ("item.name", "ExpressionError", "gives 'Ana', no boolean"),
        ("itm.age > 1", "InvalidProgram", "did you mean `item`?"),
        ("least > 1", "InvalidProgram", "hand it over in `args`"),
        ("item.age >", "InvalidProgram", "ends too early"),
    ],
)
def test_what_is_wrong_is_said(where: str, reason: str, said: str) -> None:
    error = fail("filter", items=PEOPLE, where=where)
    assert (error.reason, said in error.message) == (reason, True), error.message


def test_a_value_of_an_item_never_becomes_part_of_the_condition() -> None:
    items: list[Any] = ["x' || true || '", "b"]
    assert give("filter", items=items, where="item == args.a", args={"a": "b"})["items"] == ["b"]


def test_a_condition_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    give("filter", items=[1], where="true")
    monkeypatch.setattr(pool, "MOST_SECONDS", 0.08)
    where = "args.l.all(x, args.l.all(y, x + y >= item))"
    error = fail("filter", items=[-1000] * 3000, where=where, args={"l": list(range(90))})
    assert error.reason == "TooSlow"
