"""The content hash of a spec, and the difference of two as people read it."""

import random
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from headgate.api.kinds import KINDS
from headgate.api.run import Skip
from headgate.api.workflow import Workflow, WorkflowSpec
from headgate.compiler.parse import parse
from headgate.compiler.revision import content_hash, diff, revision
from support.objects import objects, shapes
from support.trying import times

NOTES = """
inputs: {repo: {type: string}, tone: {type: string, default: friendly}}
nodes:
- {name: commits, use: http, with: {url: "https://git.example/${inputs.repo}"}, retry: {limit: 3}}
- {name: draft, use: llm, with: {model: small, prompt: "Release notes for ${commits.body}"}}
outputs: {text: "${draft.text}"}
"""


def spec(text: str = NOTES) -> WorkflowSpec:
    return WorkflowSpec.model_validate(yaml.safe_load(text))


def changed(*replacements: tuple[str, str]) -> WorkflowSpec:
    text = NOTES
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new)
    return spec(text)


def lines(old: WorkflowSpec, new: WorkflowSpec) -> list[str]:
    return [str(change) for change in diff(old, new)]


def test_the_revision_is_the_beginning_of_the_hash() -> None:
    assert content_hash(spec()).startswith(f"sha256:{revision(spec())}")
    assert len(revision(spec())) == 12


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("name: draft,", "name: draft, description: Writes them.,"),
        ("name: draft,", "name: draft, position: {left: 10, top: 20},"),
        ("nodes:", "description: Writes release notes.\nnodes:"),
        ("nodes:", "execution: {bundling: Auto}\nnodes:"),
        ("nodes:", "execution: {}\nnodes:"),
        ("nodes:", "vars: {}\nfinally: []\nnodes:"),
    ],
    ids=lambda text: text.strip().replace("\n", " "),
)
def test_what_only_people_or_a_canvas_see_and_what_says_nothing_is_no_part_of_it(old: str, new: str) -> None:
    assert content_hash(changed((old, new))) == content_hash(spec())
    assert lines(spec(), changed((old, new))) == []


def test_nor_is_the_order_of_nodes_which_orders_nothing() -> None:
    nodes = spec().nodes
    assert content_hash(spec().model_copy(update={"nodes": nodes[::-1]})) == content_hash(spec())


def test_but_the_order_of_any_other_list_is() -> None:
    one, other = (spec(f"nodes: [{{name: a, use: set, with: {{x: {items}}}}}]") for items in ("[1, 2]", "[2, 1]"))
    assert content_hash(one) != content_hash(other)


def test_a_whole_number_is_the_same_with_and_without_a_point_since_the_api_server_drops_it() -> None:
    one, other = (spec(f"nodes: [{{name: a, use: set, with: {{x: {number}}}}}]") for number in ("1", "1.0"))
    assert content_hash(one) == content_hash(other)


def test_true_is_not_one() -> None:
    one, other = (spec(f"nodes: [{{name: a, use: set, with: {{x: {value}}}}}]") for value in ("1", "true"))
    assert content_hash(one) != content_hash(other)
    assert lines(one, other) == ["~ nodes[a].with.x: 1 → true"]


def test_an_empty_output_given_by_a_person_is_not_the_same_as_none() -> None:
    assert content_hash(Skip(output={})) != content_hash(Skip())


DIFFERENCES = {
    "a node added": (
        ("outputs:", "- {name: tell, use: slack}\noutputs:"),
        ["+ nodes[tell]: slack"],
    ),
    "a node removed": (
        ("- {name: draft, use: llm, with: {model: small, prompt: \"Release notes for ${commits.body}\"}}\n", ""),
        ["- nodes[draft]: llm"],
    ),
    "a parameter changed": (
        ("model: small", "model: large"),
        ["~ nodes[draft].with.model: small → large"],
    ),
    "a field added": (
        ("name: draft,", "name: draft, timeout: 5m,"),
        ["+ nodes[draft].timeout: 5m"],
    ),
    "a default changed": (
        ("default: friendly", "default: formal"),
        ["~ inputs.tone.default: friendly → formal"],
    ),
    "an input removed": (
        (", tone: {type: string, default: friendly}", ""),
        ['- inputs.tone: {"type": "string", "default": "friendly"}'],
    ),
    "an output changed": (
        ("${draft.text}", "${draft.?text.orValue('')}"),
        ["~ outputs.text: ${draft.text} → ${draft.?text.orValue('')}"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("replacement", "expected"), DIFFERENCES.values(), ids=DIFFERENCES)
def test_a_difference_is_a_short_line(replacement: tuple[str, str], expected: list[str]) -> None:
    assert lines(spec(), changed(replacement)) == expected


def test_of_two_long_texts_the_part_is_shown_where_they_part() -> None:
    text = "The quick brown fox jumps over the lazy dog. " * 4
    one, other = (spec(f"nodes: [{{name: a, use: set, with: {{x: '{text}{end}'}}}}]") for end in ("Yes.", "No."))
    assert lines(one, other) == ["~ nodes[a].with.x: … the lazy dog. Yes. → … the lazy dog. No."]


@times(0.4)
@given(shapes(WorkflowSpec), shapes(WorkflowSpec))
def test_there_is_no_difference_exactly_if_the_hashes_are_equal(left: Any, right: Any) -> None:
    one, other = WorkflowSpec.model_validate(left), WorkflowSpec.model_validate(right)
    assert (content_hash(one) == content_hash(other)) == (diff(one, other) == ())
    assert diff(one, one) == ()


@times(0.4)
@given(shapes(WorkflowSpec), st.randoms(use_true_random=False))
def test_shuffling_keys_and_nodes_changes_neither(document: Any, shuffler: random.Random) -> None:
    one = WorkflowSpec.model_validate(document)
    shuffled = shuffle_keys(document, shuffler)
    shuffler.shuffle(shuffled["nodes"])
    other = WorkflowSpec.model_validate(shuffled)
    assert content_hash(one) == content_hash(other)
    assert diff(one, other) == ()


def shuffle_keys(value: Any, shuffler: random.Random) -> Any:
    if isinstance(value, dict):
        return {key: shuffle_keys(value[key], shuffler) for key in shuffler.sample(sorted(value), len(value))}
    return [shuffle_keys(item, shuffler) for item in value] if isinstance(value, list) else value


@times(0.4)
@given(objects(Workflow, status=False), st.data())
def test_any_one_change_of_a_value_changes_the_hash_and_is_told(document: Any, data: st.DataObject) -> None:
    before = parse(document).model
    node = data.draw(st.sampled_from(document["spec"]["nodes"]))
    node["with"] = {"told": data.draw(st.integers())}
    after = parse(document).model
    assert isinstance(before, Workflow)
    assert isinstance(after, Workflow)
    is_same = before.spec == after.spec
    assert (content_hash(before.spec) == content_hash(after.spec)) == is_same
    assert all(f"nodes[{node['name']}].with" in str(change) for change in diff(before.spec, after.spec))


@times(0.4)
@given(st.data())
def test_every_kind_has_a_hash(data: st.DataObject) -> None:
    model = parse(data.draw(objects(data.draw(st.sampled_from(KINDS))))).model
    assert model is not None
    again = type(model).model_validate(model.model_dump(mode="json"))
    assert content_hash(again.spec) == content_hash(model.spec)
