"""`template` within its bounds: every template ends, soon and small, and an honest one is far from them."""

import time
import tracemalloc
from typing import Any

import pytest

from headgate_core.templating.budget import Budget
from headgate_node import NodeError
from support.node_calls import fail, give

ADDING = "{{% set n = namespace(x={0}) %}}{{% for a in range(99) %}}{{% set n.x = {1} %}}{{% endfor %}}{{{{ n.x }}}}"
BOMBS = {
    "loops in loops": "{% for a in r %}{% for b in r %}{% for c in r %}{% endfor %}{% endfor %}{% endfor %}",
    "a huge range": "{% for a in range(10 ** 12) %}{% endfor %}",
    "a huge list": "{{ range(10 ** 9) | list }}",
    "a huge text": "{{ 'a' * 10 ** 9 }}",
    "a huge number": "{{ 2 ** 2 ** 2 ** 2 ** 2 ** 999 }}",
    "a number that squares": ADDING.format("7", "n.x * n.x"),
    "a text that doubles": ADDING.format("'a'", "n.x ~ n.x"),
    "a text that adds up": ADDING.format("'a'", "n.x + n.x"),
    "a list that doubles": ADDING.format("[1]", "n.x + n.x"),
    "a list of itself": ADDING.format("[1]", "[n.x, n.x]"),
    "equal lists of themselves": ADDING.format("[1]", "[n.x, n.x]").replace("}}", "== [n.x] }}"),
    "a macro that doubles": (
        "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}x{% endmacro %}{{ m(40) }}"
    ),
    "a macro without an end": "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "text that is kept": (
        "{% set n = namespace(x='') %}{% for a in range(99) %}"
        "{% set x %}{{ n.x }}{{ n.x }}aa{% endset %}{% set n.x = x %}{% endfor %}"
    ),
    "plain text in loops": "{% for a in range(100000) %}" + "x" * 100_000 + "{% endfor %}",
    "a filter on much in a loop": "{% for a in range(100000) %}{% set x = big | sort %}{% endfor %}",
    "a comparison of much in a loop": "{% for a in range(100000) %}{% if 'x' in big %}{% endif %}{% endfor %}",
    "a cut of much in a loop": "{% for a in range(100000) %}{% set x = big[1:] %}{% endfor %}",
    "a test of much in a loop": "{% for a in range(100000) %}{% if 'x' is in big %}{% endif %}{% endfor %}",
    "a method on much in a loop": "{% for a in range(100000) %}{% set x = long.upper() %}{% endfor %}",
    "JSON of much in a loop": "{% for a in range(100000) %}{% set x = big | tojson %}{% endfor %}",
    "replaced by more": "{{ long.replace('a', long) }}",
    "replaced by more, by a filter": "{{ long | replace('a', long) }}",
    "joined by much": "{{ big | join(long) }}",
    "joined by much, by a method": "{{ long.join(long) }}",
    "indented by much": "{{ lines | indent(10000) }}",
    "indented by a long text": "{{ lines | indent(long) }}",
    "a wide format": "{{ '%999999999s' | format('a') }}",
    "a format of stars": "{{ '%*s' | format(999999999, 'a') }}",
    "many wide formats": "{{ ('%999s' * 9000) | format(*big) }}",
    "a wide text": "{{ 'a' | center(999999999) }}",
    "many pieces": "{{ [1] | batch(999999999, 0) | list }}",
    "a deep value": "{{ deep }}",
    "a deep template": "{{ " + "(" * 20_000 + "1" + ")" * 20_000 + " }}",
    "deep lists": "{{ " + "[" * 20_000 + "]" * 20_000 + " }}",
    "many brackets": "{% if 1 %}" * 200 + "{% endif %}" * 200,
    "a long number": "{{ " + "9" * 100_000 + " }}",
    "a recursive loop": "{% for a in [1] recursive %}{{ loop([1]) }}{% endfor %}",
}
DEEP: list[Any] = []
for _ in range(500):
    DEEP = [DEEP]


def bomb(template: str) -> tuple[NodeError, float]:
    values: dict[str, Any] = {
        "big": [str(n) for n in range(20_000)],
        "long": "a" * 100_000,
        "lines": "\n" * 100_000,
        "deep": DEEP,
    }
    values["r"] = list(range(1_000))
    began = time.process_time()
    error = fail("template", template=template, values=values)
    return error, time.process_time() - began


@pytest.mark.parametrize("template", BOMBS.values(), ids=BOMBS)
def test_every_template_ends_within_its_steps(template: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("headgate_core.templating.rendering.Budget", lambda: Budget(steps=50_000))
    error, took = bomb(template)
    assert error.reason in {"TooExpensive", "TooLarge", "InvalidTemplate", "TemplateFailed", "Forbidden"}
    assert took < 2


def test_all_steps_together_take_seconds_at_most() -> None:
    error, took = bomb(BOMBS["loops in loops"])
    assert error.reason == "TooExpensive"
    assert took < 5


def test_a_bomb_takes_no_memory() -> None:
    tracemalloc.start()
    try:
        for name in ("a text that doubles", "a huge text", "replaced by more"):
            fail("template", template=BOMBS[name], values={"long": "a" * 100_000})
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 100_000_000


def test_an_honest_report_is_far_from_the_bounds() -> None:
    rows = [{"name": f"row {n}", "n": n, "tags": ["a", "b"]} for n in range(3_000)]
    template = (
        "{% for r in rows %}{{ loop.index }};{{ r.name | upper }};{{ r.n * 2 }};{{ r.tags | join(',') }}\n{% endfor %}"
    )
    text = give("template", template=template, values={"rows": rows})["text"]
    assert text.count("\n") == 3_000
    assert text.endswith("3000;ROW 2999;5998;a,b\n")
