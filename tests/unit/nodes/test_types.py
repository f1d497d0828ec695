"""What lint knows behind nodes of values: types pass through those that keep them, and end where nobody can know."""

import pytest

from headgate.compiler.check import check
from support.catalogues import catalogue
from support.workflows import spec_of

NODES = """
nodes:
- {name: rows, use: set, with: {list: [{name: a, price: 2.0}, {name: b, price: 3.0}]}}
- {name: kept, use: filter, with: {items: "${rows.list}", where: "item.price > args.least", args: {least: 2.5}}}
- {name: first, use: sort, with: {items: "${kept.items}", by: [{path: price, descending: true}]}}
- {name: once, use: dedupe, with: {items: "${first.items}", by: [name]}}
- {name: sound, use: validate, with: {value: "${once.items}", schema: {type: array, items: {type: integer}}}}
- {name: cuts, use: split, with: {text: "${rows.list[0].name}"}}
- {name: day, use: date, with: {date: "2026-11-21", add: {days: 3}}}
- {name: sum, use: calculator, with: {expression: a * 2, args: {a: "${rows.list[0].price}"}}}
- {name: shaped, use: transform, with: {data: "${rows.list}", jmespath: "[].name"}}
"""


def problems(expression: str) -> list[str]:
    """What lint says of an output; that other nodes stand beside it does not matter here."""
    spec = spec_of(f"{NODES}\noutputs: {{found: '${{{expression}}}'}}")
    return [
        str(one)
        for one in check(spec, catalogue()).problems
        if "Unused" not in one.reason and "Disconn" not in one.reason
    ]


@pytest.mark.parametrize(
    "expression",
    [
        "once.items[0].name",
        "first.items.map(one, one.price + 1.0)",
        "kept.count + 1",
        "sound.value[0] + 1",
        'cuts.parts.map(part, part + "!")',
        "day.between.days + 1.0",
        "day.parts.weekday + 1",
        "sum.value + 0.5",
        "shaped.value.whatever[0]",
    ],
)
def test_what_is_there_can_be_read_without_a_question_mark(expression: str) -> None:
    assert problems(expression) == []


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("once.items[0].nmae", "has no field `nmae`: it has name, price"),
        ("kept.others[0].prize", "has no field `prize`: it has name, price"),
        ('kept.count + "x"', "cannot join"),
        ('sound.value[0] + "x"', "cannot join"),
        ("day.parts.yeer", "did you mean `year`?"),
        ("cuts.text", "has no field `text`"),
    ],
)
def test_a_slip_behind_several_nodes_is_found(expression: str, said: str) -> None:
    (problem,) = problems(expression)
    assert said in problem
