"""Reading a document: what is told of what people write, in words that they can act on."""

from itertools import pairwise
from typing import Any

import pytest
import yaml

from headgate.api.workflow import Workflow
from headgate.compiler.document.bounds import MAX_DEPTH
from headgate.compiler.parse import Parsed, parse
from headgate.errors import Severity


def read(text: str) -> Parsed:
    return parse(yaml.safe_load(text))


def read_workflow(spec: str) -> Parsed:
    """A workflow of which only the spec is of interest, written as YAML."""
    head = {"apiVersion": "headgate.dev/v1alpha1", "kind": "Workflow", "metadata": {"name": "x"}}
    return parse({**head, "spec": yaml.safe_load(spec)})


def read_node(fields: str) -> Parsed:
    return read_workflow(f"nodes: [{{name: a, use: http, {fields}}}]")


def lines(parsed: Parsed) -> list[str]:
    return [str(problem) for problem in parsed.problems]


def test_a_good_document_becomes_the_model_of_its_kind() -> None:
    parsed = read_workflow("nodes: [{name: a, use: set}]")
    assert parsed.problems == ()
    assert isinstance(parsed.model, Workflow)


NODE_LINES = {
    # a slip of the fingers
    "wihtt: {}": "spec.nodes[a].wihtt: there is no field `wihtt` here: did you mean `with`? [UnknownField]",
    "onerror: Fail": "spec.nodes[a].onerror: there is no field `onerror` here: did you mean `onError`? [UnknownField]",
    "onError: continue": "spec.nodes[a].onError: `continue` is not known here: did you mean `Continue`? [InvalidValue]",
    "after: {b: Success}": (
        "spec.nodes[a].after.b: `Success` is not known here: "
        "write `Succeeded`, `NotFailed`, `Failed` or `Ended` [InvalidValue]"
    ),
    # what other systems call it
    "if: '${true}'": "spec.nodes[a].if: there is no field `if` here: write `when` [UnknownField]",
    "depends: b": (
        "spec.nodes[a].depends: there is no field `depends` here: a reference is the edge: write `${other.field}` in "
        "`with`, or `after: {other: Succeeded}` for order alone [UnknownField]"
    ),
    "retries: 3": "spec.nodes[a].retries: there is no field `retries` here: write `retry: {limit: 3}` [UnknownField]",
    "env: []": (
        "spec.nodes[a].env: there is no field `env` here: parameters go into `with`; what is secret, into a Credential "
        "that `with` names [UnknownField]"
    ),
    "image: x": (
        "spec.nodes[a].image: there is no field `image` here: a node's image belongs to its type: "
        "make a NodeType, or use `code` [UnknownField]"
    ),
    "matrix: [1]": "spec.nodes[a].matrix: there is no field `matrix` here: write `forEach: {in: …}` [UnknownField]",
    "forEach: {items: [1]}": "spec.nodes[a].forEach.items: there is no field `items` here: write `in` [UnknownField]",
    "retry: {attempts: 3}": (
        "spec.nodes[a].retry.attempts: there is no field `attempts` here: "
        "write `limit`, one less: it counts retries [UnknownField]"
    ),
    # a field in the wrong place
    "gpu: 1": "spec.nodes[a].gpu: there is no field `gpu` here: write it under `pod` [UnknownField]",
    "queue: x": "spec.nodes[a].queue: there is no field `queue` here: write it under `pod` [UnknownField]",
    "limit: 3": "spec.nodes[a].limit: there is no field `limit` here: write it under `retry` [UnknownField]",
    # a short form that there is not
    "retry: 3": "spec.nodes[a].retry: the number 3 is not a map: write `retry: {limit: 3}` [WrongType]",
    "after: b": "spec.nodes[a].after: `b` is not a map: write `after: {other: Succeeded}` [WrongType]",
    "after: [b]": "spec.nodes[a].after: a list is not a map: write `after: {other: Succeeded}` [WrongType]",
    "forEach: '${x}'": "spec.nodes[a].forEach: `${x}` is not a map: write `forEach: {in: …}` [WrongType]",
    "timeout: 30": "spec.nodes[a].timeout: the number 30 is not text: write `30s`, if seconds are meant [WrongType]",
    "when: true": "spec.nodes[a].when: `true` is not text: write an expression: `${…}` [WrongType]",
    # a value that does not fit
    "timeout: 5 minutes": (
        "spec.nodes[a].timeout: `5 minutes` cannot stand here: "
        "write a number and a unit: 500ms, 30s, 5m, 72h or 3d [InvalidValue]"
    ),
    "retry: {limit: '3'}": "spec.nodes[a].retry.limit: `3` is not a whole number: write 3 without quotes [WrongType]",
    "retry: {limit: 1000}": "spec.nodes[a].retry.limit: this is more than 100: 100 is the most [InvalidValue]",
    "forEach: {in: [], tolerate: 5 %}": (
        "spec.nodes[a].forEach.tolerate: `5 %` cannot stand here: "
        "write a number such as 3, or a percentage such as 5% [InvalidValue]"
    ),
    "pod: {resources: {limits: {memory: 1 GB}}}": (
        "spec.nodes[a].pod.resources.limits.memory: `1 GB` cannot stand here: "
        "write a quantity such as 500m, 2 or 1Gi [InvalidValue]"
    ),
    "pod: {nodeSelector: {a b: c}}": (
        "spec.nodes[a].pod.nodeSelector.a b: `a b` cannot stand here: write it like a label of Kubernetes: letters, "
        "digits, `-`, `_`, `.`, perhaps after `example.com/` [InvalidValue]"
    ),
    # traps of YAML
    "with:": "spec.nodes[a].with: `with` has no value, or null: give it one, or leave it out [NullRefused]",
    "with: {a: [1, null]}": (
        "spec.nodes[a].with.a[1]: this item has no value, or null: give it one, or leave it out [NullRefused]"
    ),
    "on: push": (
        "spec.nodes[a].True: the key `True` is no text: "
        "YAML reads on, off, yes, no, y and n as booleans: take another name [WrongType]"
    ),
    "onError: no": (
        "spec.nodes[a].onError: `false` is not known here: write `Fail`, `Continue` or `Ask`: "
        "YAML reads on, off, yes and no as booleans [InvalidValue]"
    ),
    "with: {day: 2026-01-01}": "spec.nodes[a].with.day: a date is not JSON: write it in quotes [WrongType]",
    "with: {n: .nan}": "spec.nodes[a].with.n: `nan` is no number of JSON: leave it out [InvalidValue]",
    "with: {n: 12345678901234567890}": (
        "spec.nodes[a].with.n: Kubernetes would round so large a number: write it in quotes [InvalidValue]"
    ),
    # what kubectl would read as true
    "position: {x: 1, top: 2}": "spec.nodes[a].position.x: there is no field `x` here: write `left` [UnknownField]",
}


@pytest.mark.parametrize(("fields", "line"), NODE_LINES.items(), ids=NODE_LINES.keys())
def test_what_is_wrong_with_a_node_is_told_with_what_to_write(fields: str, line: str) -> None:
    assert lines(read_node(fields)) == [line]


SPEC_LINES = {
    "nodes: []": "spec.nodes: this is empty: write at least one entry [InvalidValue]",
    "nodes: {a: {use: http}}": "spec.nodes: a map is not a list: write a list: `- name: …` [WrongType]",
    "nodes: [{name: a}]": (
        "spec.nodes[a]: `use` is missing: say what the node does: `use: http`, "
        "or another workflow: `use: workflow/NAME` [MissingField]"
    ),
    "nodes: [{use: http}]": (
        "spec.nodes[0]: `name` is missing: give it a name: lower-case letters, digits and _ [MissingField]"
    ),
    "nodes: [{name: a, use: set}]\ninputs: {city: string}": (
        "spec.inputs.city: `string` is not a map: write a map [WrongType]"
    ),
    "nodes: [{name: a, use: set}]\nedges: []": (
        "spec.edges: there is no field `edges` here: a reference is the edge: write `${other.field}` in `with`, "
        "or `after: {other: Succeeded}` for order alone [UnknownField]"
    ),
    "nodes: [{name: a, use: set}]\nschedule: '* * * * *'": (
        "spec.schedule: there is no field `schedule` here: "
        "what starts Runs is an object of its own: make a Trigger [UnknownField]"
    ),
    "nodes: [{name: a, use: set}]\nparallelism: 3": (
        "spec.parallelism: there is no field `parallelism` here: write it under `execution` [UnknownField]"
    ),
    "nodes: [{name: a, use: set}]\nexecution: {bundling: off}": (
        "spec.execution.bundling: `false` is not known here: write `Auto` or `Never`: "
        "YAML reads on, off, yes and no as booleans [InvalidValue]"
    ),
    "nodes: [{name: a, use: set}]\nenvironments: {Prod_EU: {}}": (
        "spec.environments.Prod_EU: `Prod_EU` cannot stand here: "
        "names of objects are lower case: a-z, 0-9, `-` and `.` [InvalidName]"
    ),
    "{}": "spec: `nodes` is missing: write a list of nodes: `- {name: …, use: …}` [MissingField]",
}


@pytest.mark.parametrize(("spec", "line"), SPEC_LINES.items(), ids=SPEC_LINES.keys())
def test_what_is_wrong_with_a_workflow_is_told_with_what_to_write(spec: str, line: str) -> None:
    assert lines(read_workflow(spec)) == [line]


HEAD = "apiVersion: headgate.dev/v1alpha1\n"
_STAGE = "{name: s, users: [ana]}"
DOCUMENT_LINES = {
    "3": ": this is no object: start with `apiVersion:` and `kind:` [WrongType]",
    "[]": ": this is no object: start with `apiVersion:` and `kind:` [WrongType]",
    f"{HEAD}kind: workflow": "kind: headgate.dev has no kind `workflow`: did you mean `Workflow`? [UnknownKind]",
    "apiVersion: headgate.dev/v1\nkind: Run": (
        "apiVersion: headgate.dev has no apiVersion `headgate.dev/v1`: "
        "write `apiVersion: headgate.dev/v1alpha1` [UnknownKind]"
    ),
    f"{HEAD}kind: Run\nmetadata: {{name: r}}": (
        ": `spec` is missing: write what it is to do under `spec` [MissingField]"
    ),
    f"{HEAD}kind: Run\nmetadata: {{}}\nspec: {{workflow: w}}": (
        "metadata: `name` is missing: give the Run a name [MissingField]"
    ),
    f"{HEAD}kind: Run\nmetadata: {{name: My_Run}}\nspec: {{workflow: w}}": (
        "metadata.name: `My_Run` cannot be a name: names of objects are lower case: a-z, 0-9, `-` and `.` [InvalidName]"
    ),
    f"{HEAD}kind: Run\nmetadata: {{name: {'r' * 41}}}\nspec: {{workflow: w}}": (
        f"metadata.name: `{'r' * 41}` cannot be a name: the name of a Run has at most 40 characters [InvalidName]"
    ),
    f"{HEAD}kind: NodeType\nmetadata: {{name: http}}\nspec: {{description: d, gate: Timer}}": (
        "metadata.name: `http` cannot be a name: the name of a NodeType ends in its version: `http.v2` [InvalidName]"
    ),
    f"{HEAD}kind: NodeType\nmetadata: {{name: a.v1}}\nspec: {{description: d}}": (
        "spec: one of `image`, `gate` is needed, and only one: give one of them [ExclusiveChoice]"
    ),
    f"{HEAD}kind: Model\nmetadata: {{name: m}}\nspec: {{engine: vllm, model: m, external: {{url: 'http://x'}}}}": (
        "spec: `engine: vllm` comes with the field `vllm`, and with no other: write `vllm: {…}` [ExclusiveChoice]"
    ),
    f"{HEAD}kind: ApprovalPolicy\nmetadata: {{name: p}}\nspec: {{stages: [{{name: s, users: []}}]}}": (
        "spec.stages[s]: nobody could vote: give `users`, `groups` or both [NobodyMayVote]"
    ),
    f"{HEAD}kind: NodeType\nmetadata: {{name: a.v1}}\nspec: {{description: d, gate: Timer, params: {{x: 3}}}}": (
        "spec.params.x: must be a JSON Schema: write `{type: string}` [InvalidSchema]"
    ),
    f"{HEAD}kind: ApprovalPolicy\nmetadata: {{name: p}}\nspec: {{stages: [{_STAGE}, {_STAGE}]}}": (
        "spec.stages[s]: `s` is in this list twice: take one of them out [DuplicateName]"
    ),
    f"{HEAD}kind: NodeType\nmetadata: {{name: a.v1}}\nspec: {{description: d, gate: Timer, traits: [Light, Light]}}": (
        "spec.traits[1]: `Light` is in this list twice: take one of them out [DuplicateName]"
    ),
    f"{HEAD}kind: Run\nmetadata: {{name: r}}\nspec: {{workflowRef: w}}": (
        "spec.workflowRef: there is no field `workflowRef` here: write `workflow` [UnknownField]"
    ),
}


@pytest.mark.parametrize(("text", "line"), DOCUMENT_LINES.items(), ids=DOCUMENT_LINES.keys())
def test_what_is_wrong_with_a_document_is_told_with_what_to_write(text: str, line: str) -> None:
    assert lines(read(text)) == [line]


def test_everything_is_told_at_once_in_the_order_and_under_the_names_in_which_it_was_written() -> None:
    parsed = read_workflow("""
      steps:
      - {name: a, uses: http, retries: 3, timeout: 30}
      - {name: b, use: set, onError: fail, with: {x: null}}
      execution: {timeuot: 5m}
    """)
    assert [(str(problem.path), problem.reason) for problem in parsed.problems] == [
        ("spec.steps", "UnknownField"),
        ("spec.steps[a].uses", "UnknownField"),
        ("spec.steps[a].retries", "UnknownField"),
        ("spec.steps[a].timeout", "WrongType"),
        ("spec.steps[b].onError", "InvalidValue"),
        ("spec.steps[b].with.x", "NullRefused"),
        ("spec.execution.timeuot", "UnknownField"),
    ]


def test_the_checks_go_on_with_what_was_meant() -> None:
    parsed = read_workflow("""
      nodes:
      - {name: a, uses: http, timeout: soon, foreach: {in: [1], parallelism: many}, retry: {limit: x}}
      vars: {b: 1}
    """)
    assert len(parsed.problems) == 5
    assert isinstance(parsed.model, Workflow)
    (node,) = parsed.model.spec.nodes
    assert (node.use, node.timeout, node.retry) == ("http", None, None)
    assert node.for_each is not None
    assert node.for_each.items == [1]
    assert parsed.model.spec.vars == {"b": 1}


def test_without_what_must_be_there_no_model_is_left() -> None:
    assert read_workflow("nodes: []").model is None


@pytest.mark.parametrize("node", ["{name: a}", "{name: a, use: 5}", "{name: a, use: ''}", "[]"])
def test_a_node_that_does_not_say_what_it_does_stays_in_its_place(node: str) -> None:
    parsed = read_workflow(f"nodes: [{{name: b, use: set}}, {node}]\nfinally: [{node}]")
    assert [str(problem.path).partition(".use")[0] for problem in parsed.problems] == [
        f"spec.{nodes}[{'a' if 'a' in node else place}]" for nodes, place in (("nodes", 1), ("finally", 0))
    ]
    assert isinstance(parsed.model, Workflow)
    assert [node.use for node in (*parsed.model.spec.nodes, *parsed.model.spec.finally_)] == ["set", "", ""]


def test_a_loop_that_is_none_is_taken_for_one() -> None:
    parsed = read_node("forEach: ['x'], with: {url: '${item}'}")
    assert [str(problem.path) for problem in parsed.problems] == ["spec.nodes[a].forEach"]
    assert isinstance(parsed.model, Workflow)
    assert parsed.model.spec.nodes[0].for_each is not None


def test_a_document_without_metadata_is_read_on() -> None:
    parsed = read(f"{HEAD}kind: Workflow\nspec: {{nodes: [{{name: a, use: set, wiht: {{}}}}]}}")
    assert [problem.reason for problem in parsed.problems] == ["MissingField", "UnknownField"]
    assert isinstance(parsed.model, Workflow)


def test_a_document_without_a_version_is_read_on() -> None:
    parsed = read("kind: Workflow\nmetadata: {name: x}\nspec: {nodes: [{name: a, use: set, wiht: {}}]}")
    assert lines(parsed) == [
        ": `apiVersion` is missing: write `apiVersion: headgate.dev/v1alpha1` [MissingField]",
        "spec.nodes[a].wiht: there is no field `wiht` here: did you mean `with`? [UnknownField]",
    ]


def test_a_null_in_the_metadata_is_nothing_since_tools_write_it() -> None:
    text = f"{HEAD}kind: Run\nmetadata: {{name: r, creationTimestamp: null}}\nspec: {{workflow: w}}\nstatus: {{}}"
    assert read(text).problems == ()


def test_a_document_of_more_than_a_mebibyte_is_refused_before_anything_else() -> None:
    parsed = read_workflow(f"nodes: [{{name: a, use: set, with: {{text: {'x' * 1_100_000}, b: {{}}}}}}]")
    assert [problem.reason for problem in parsed.problems] == ["TooLarge"]
    assert "1 MiB" in lines(parsed)[0]


def test_so_is_one_that_yaml_anchors_would_blow_up() -> None:
    levels = [f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]" for old, new in pairwise("abcdefghij")]
    bomb = "\n".join(["a: &a [x]", *levels])
    assert [problem.reason for problem in read(bomb).problems] == ["TooLarge"]


def test_so_is_one_that_holds_itself() -> None:
    document: dict[str, Any] = {}
    document["spec"] = document
    assert [problem.reason for problem in parse(document).problems] == ["TooLarge"]


@pytest.mark.parametrize(("depth", "told"), [(MAX_DEPTH - 10, 0), (MAX_DEPTH + 10, 1)])
def test_depth_has_a_bound(depth: int, told: int) -> None:
    deep = "[" * depth + "]" * depth
    assert len(read_node(f"with: {{a: {deep}}}").problems) == told


def test_half_a_surrogate_pair_is_no_text() -> None:
    document = {
        "apiVersion": "headgate.dev/v1alpha1",
        "kind": "Run",
        "metadata": {"name": "r"},
        "spec": {"workflow": "w", "inputs": {"a": "\ud800"}},
    }
    assert lines(parse(document)) == [
        "spec.inputs.a: this text is not Unicode: half of a surrogate pair: retype it [InvalidValue]"
    ]


def test_all_that_parse_tells_is_an_error() -> None:
    assert {problem.severity for problem in read_node("foo: 1, timeout: 3").problems} == {Severity.ERROR}
