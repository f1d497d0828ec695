"""Whether a Run fits its workflow: every input that does not, and an environment that there is not."""

from typing import Any

import pytest

from headgate.api.run import RunSpec
from headgate.api.workflow import WorkflowSpec
from headgate.compiler.run import check_run
from headgate.compiler.sizes import MAX_INPUTS, MAX_MEMBERS_BYTES, MAX_TEMPLATE

WORKFLOW = WorkflowSpec.model_validate(
    {
        "inputs": {
            "repo": {"type": "string", "maxLength": 20},
            "count": {"type": "integer", "default": 3},
            "note": {"type": "string", "optional": True},
            "tags": {"type": "array", "items": {"type": "string"}, "default": []},
            "owner": {"type": "object", "properties": {"name": {"type": "string"}}, "optional": True},
        },
        "vars": {"api": "staging"},
        "environments": {"prod": {"api": "prod"}},
        "nodes": [{"name": "greet", "use": "set"}],
    }
)


def told(inputs: dict[str, Any], environment: str | None = None) -> list[str]:
    return [
        str(problem) for problem in check_run(RunSpec(workflow="w", inputs=inputs, environment=environment), WORKFLOW)
    ]


def test_what_is_required_suffices() -> None:
    assert told({"repo": "acme/shop"}) == []
    assert told({"repo": "acme/shop", "count": 1, "note": "x", "tags": ["a"]}, "prod") == []


@pytest.mark.parametrize(
    ("inputs", "problem"),
    [
        ({}, "spec.inputs: the Run lacks `repo`: write `repo:` and a string [MissingParameter]"),
        ({"repo": 5}, "spec.inputs.repo: `repo` is an integer, must be a string: "),
        ({"repo": "a", "count": "many"}, "spec.inputs.count: `count` is a string, must be an integer: "),
        (
            {"repo": "a" * 21},
            "spec.inputs.repo: `repo` has 21 characters, must have at most 20: write less [InvalidValue]",
        ),
        (
            {"repo": "a", "conut": 1},
            "spec.inputs.conut: `w` has no input `conut`: did you mean `count`? [UnknownInput]",
        ),
        ({"repo": "a", "tags": [1]}, "spec.inputs.tags[0]: `tags.0` is an integer, must be a string: "),
    ],
)
def test_an_input_that_does_not_fit_is_told_with_its_path(inputs: dict[str, Any], problem: str) -> None:
    [one] = told(inputs)
    assert one.startswith(problem)


def test_everything_is_told_at_once() -> None:
    assert len(told({"count": "x", "other": 1}, "test")) == 4


def test_an_environment_that_there_is_not_is_told_with_those_that_there_are() -> None:
    assert told({"repo": "a"}, "prd") == [
        "spec.environment: `w` has no environment `prd`: did you mean `prod`? [UnknownEnvironment]"
    ]
    assert told({"repo": "a"}, "development")[0].endswith("it has prod [UnknownEnvironment]")


def test_inputs_that_no_pod_can_be_told_are_told_with_their_size_the_limit_and_what_to_do() -> None:
    assert told({"repo": "a", "note": "x" * 32_000}) == []
    [problem] = told({"repo": "a", "note": "x" * 300_000})
    assert problem == (
        "spec.inputs: the inputs are 294 KiB of JSON, and a Run takes 32 KiB at most: keep what is large in an object "
        "store or a knowledge base and pass its name, or divide it among Runs [TooLarge]"
    )
    assert len(told({"repo": "a", "note": "\N{SNOWMAN}" * 5_461})) == 1, "a pod is told them in ASCII"


def test_beside_the_largest_inputs_a_pods_template_has_room_for_the_largest_parameters() -> None:
    assert (MAX_INPUTS + MAX_MEMBERS_BYTES) * 4 // 3 < MAX_TEMPLATE


def test_what_a_default_adds_counts_too() -> None:
    workflow = WorkflowSpec.model_validate(
        {"inputs": {"text": {"type": "string", "default": "x" * 33_000}}, "nodes": [{"name": "greet", "use": "set"}]}
    )
    assert [one.reason for one in check_run(RunSpec(workflow="w"), workflow)] == ["TooLarge"]
    assert check_run(RunSpec(workflow="w", inputs={"text": "short"}), workflow) == ()


def deep(levels: int) -> Any:
    value: Any = []
    for _ in range(levels - 1):
        value = {"a": value}
    return value


def test_an_input_is_nested_a_hundred_levels_deep_at_most_whatever_its_schema_says() -> None:
    owner = {"name": "ana", "more": deep(99)}
    assert told({"repo": "a", "owner": {"more": deep(99)}}) == []
    assert told({"repo": 7, "owner": {**owner, "more": deep(100)}}) == [
        "spec.inputs.owner: `owner` is nested deeper than 100: pass it as a text, or flatten it [InvalidValue]"
    ]
