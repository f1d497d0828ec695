"""References are edges, and how they are written says what they need (LANGUAGE §1.1, §3.1)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.compiler.build import build
from headgate.compiler.build.needs import ACCEPTED, together
from headgate.compiler.graph import Node
from headgate_lang.fate import Outcome
from support.catalogues import catalogue
from support.workflows import spec_of

SUCCEEDED, FAILED = Outcome.SUCCEEDED, Outcome.FAILED


def reading(expression: str, after: str = "{}") -> Node:
    """A node that reads what it reads of `a`."""
    spec = spec_of(f"""
      nodes:
      - {{name: a, use: http, with: {{url: "https://a.example"}}}}
      - {{name: b, use: set, after: {after}, with: {{x: '{expression.replace("'", "''")}'}}}}
    """)
    return build(spec, catalogue()).graph["b"]


@pytest.mark.parametrize(
    ("expression", "needs"),
    [
        ("${a.url}", SUCCEEDED),
        ("${a}", SUCCEEDED),
        ("${a['url']}", SUCCEEDED),
        ("${a.body.deep[0].deeper}", SUCCEEDED),
        ("${a.body.?deep}", SUCCEEDED),
        ("${has(a.body.deep)}", SUCCEEDED),
        ("${a.?url}", Outcome.NOT_FAILED),
        ("${a[?'url']}", Outcome.NOT_FAILED),
        ("${a.?url.orValue('none')}", Outcome.NOT_FAILED),
        ("${a.error.message}", FAILED),
        ("${a.error}", FAILED),
        ("${a.?error.message}", Outcome.NOT_OMITTED),
        ("${a.?error.?message.orValue('')}", Outcome.NOT_OMITTED),
    ],
)
def test_how_a_reference_is_written_says_what_it_needs(expression: str, needs: Outcome) -> None:
    assert reading(expression).needs == {"a": needs}
    assert reading(expression).reads == {"a"}


@pytest.mark.parametrize(
    ("expression", "needs"),
    [
        ("${a.url} ${a.?url.orValue('')}", SUCCEEDED),
        ("${a.?url.orValue(a.url)}", SUCCEEDED),
        ("${a.error.message} ${a.?url.orValue('')}", FAILED),
        ("${a.?url.orValue(a.?error.message.orValue(''))}", Outcome.NOT_OMITTED),
    ],
)
def test_of_several_references_a_plain_one_decides_and_optional_ones_are_united(
    expression: str, needs: Outcome
) -> None:
    assert reading(expression).needs == {"a": needs}


@pytest.mark.parametrize(
    ("word", "needs"),
    [
        ("Succeeded", SUCCEEDED),
        ("NotFailed", Outcome.NOT_FAILED),
        ("Failed", FAILED),
        ("Ended", Outcome.ENDED),
    ],
)
def test_after_overrides_what_references_say(word: str, needs: Outcome) -> None:
    node = reading("${a.?url.orValue('')}", after=f"{{a: {word}}}")
    assert node.needs == {"a": needs}


def test_order_without_data_is_no_reading() -> None:
    node = reading("text", after="{a: Ended}")
    assert (dict(node.needs), node.reads) == ({"a": Outcome.ENDED}, frozenset())


@pytest.mark.parametrize(
    "expression",
    [
        "${[1, 2].map(a, a + 1)}",
        "${[{'url': 1}].filter(a, a.url == 1)}",
        "$${a.url}",
        "a.url",
        "${'a.url'}",
        "${inputs.a}",
        "${run.name}",
    ],
)
def test_what_only_looks_like_the_node_is_no_edge(expression: str) -> None:
    assert reading(expression).needs == {}


def test_edges_come_from_conditions_lists_and_parameters_of_any_depth_in_the_order_of_reading() -> None:
    spec = spec_of("""
      inputs: {ids: {type: array}, url: {type: string}}
      nodes:
      - {name: a, use: set, with: {x: true}}
      - {name: b, use: set, with: {x: [1]}}
      - {name: c, use: set, with: {x: text}}
      - name: d
        use: http
        when: "${a.x}"
        forEach: {in: "${b.x}"}
        with: {url: "${inputs.url}/${item}", json: {list: [{deep: "${c.x}"}]}}
    """)
    node = build(spec, catalogue()).graph["d"]
    assert list(node.needs) == ["a", "b", "c"]
    assert node.inputs == {"url"}


MANNERS = st.sampled_from(["a.x", "a.?x", "a.error", "a.?error"])
ALONE = {
    "a.x": Outcome.SUCCEEDED,
    "a.?x": Outcome.NOT_FAILED,
    "a.error": Outcome.FAILED,
    "a.?error": Outcome.NOT_OMITTED,
}
BITS = {"a.x": 17, "a.?x": 3, "a.error": 20, "a.?error": 7}


@given(st.lists(MANNERS, min_size=1, max_size=6))
def test_any_references_together_accept_what_the_language_says(written: list[str]) -> None:
    plain = [ALONE[one] for one in written if "?" not in one]
    optional = [ALONE[one] for one in written if "?" in one]
    expected = Outcome(0)
    if plain:
        expected = Outcome.ENDED
        for outcome in plain:
            expected &= outcome
    for outcome in optional if not plain else []:
        expected |= outcome
    found = BITS[written[0]]
    for one in written[1:]:
        found = together(found, BITS[one])
    assert ACCEPTED[found] == expected
