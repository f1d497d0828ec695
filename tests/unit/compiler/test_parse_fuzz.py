"""Whatever people write, `parse` answers with problems, never with an exception."""

import copy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from headgate.api.kinds import BY_NAME, KINDS
from headgate.api.workflow import Workflow
from headgate.compiler.parse import Parsed, parse
from support.objects import json_values, objects
from support.trying import times

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.dates() | st.binary(max_size=3),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8) | st.booleans(), inner, max_size=4),
    max_leaves=12,
)


def is_answer(parsed: Parsed) -> bool:
    """Every problem can be read and acted on, and without a problem there is a model."""
    assert all(problem.message and problem.remedy and str(problem) for problem in parsed.problems)
    return bool(parsed.problems) or parsed.model is not None


@times(1.5)
@given(anything)
def test_anything_at_all_gets_an_answer(document: Any) -> None:
    assert is_answer(parse(document))


@times(1.5)
@given(st.sampled_from(sorted(BY_NAME)), anything, anything)
def test_any_metadata_and_spec_of_any_kind_get_an_answer(kind: str, metadata: Any, spec: Any) -> None:
    document = {"apiVersion": "headgate.dev/v1alpha1", "kind": kind, "metadata": metadata, "spec": spec}
    assert is_answer(parse(document))


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of every value in a document, its own left out."""
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for key, member in members for place in ((*path, key), *places(member, (*path, key)))]


@given(st.data())
def test_a_good_document_with_something_else_somewhere_gets_an_answer(data: st.DataObject) -> None:
    document = copy.deepcopy(data.draw(objects(data.draw(st.sampled_from(KINDS)))))
    place = data.draw(st.sampled_from(places(document)))
    holder = document
    for step in place[:-1]:
        holder = holder[step]
    holder[place[-1]] = data.draw(anything)
    assert is_answer(parse(document))


@times(0.5)
@given(objects(Workflow), st.text(min_size=1, max_size=8), json_values)
def test_an_unknown_field_is_told_and_the_rest_is_read_as_if_it_were_not_there(
    document: dict[str, Any], field: str, value: Any
) -> None:
    field = f"strange-{field}"
    whole = parse(document).model
    parsed = parse({**document, "spec": {**document["spec"], field: value}})
    assert [problem.reason for problem in parsed.problems] == ["UnknownField"]
    assert parsed.model == whole
