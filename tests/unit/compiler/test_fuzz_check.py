"""Whatever somebody writes: parse, build and check answer with problems, never with an exception, and soon."""

import copy
import json
import time
from pathlib import Path
from typing import Any

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from headgate.api.approvalpolicy import ApprovalPolicy
from headgate.api.nodetype import NodeType
from headgate.api.workflow import Workflow
from headgate.compiler.build import build
from headgate.compiler.catalogue import StaticCatalogue, builtin
from headgate.compiler.check import check
from headgate.compiler.parse import parse
from headgate.compiler.policy import check_policy
from headgate.compiler.reasons import ProblemReason
from headgate.compiler.vet import check_node_type
from headgate.errors import Item, Problem
from support.catalogues import catalogue
from support.malformed import read_cases
from support.trying import times
from support.workflows import document_of

MOST_SECONDS = 2.0
"""Of CPU, for any of these documents. Ordinary ones take a few milliseconds."""

FEW = settings(deadline=None, suppress_health_check=list(HealthCheck))

_HERE = Path(__file__).parent
_SOUND = [document_of({k: v for k, v in one.items() if k != "it"})
          for one in yaml.safe_load((_HERE / "sound.yaml").read_text(encoding="utf-8"))]  # fmt: skip
_MALFORMED = [case.document for case in read_cases(_HERE / "malformed") if len(json.dumps(case.document)) < 5000]
SEEDS = _SOUND + _MALFORMED
VETTED = [case.document for case in read_cases(_HERE / "vetting")]

EXPRESSIONS = st.sampled_from(
    ["a", "a.x", "a.?x", "a.error.message", "a.?error", "item", "index", "inputs.x", "vars.x", "run.phase", "a[0].b",
     'a["x y"]', "a.outputs.map(o, o.x)", "has(a.x)", "1 + 1", "a.x + b.x", "now()", "null", "[a.x, b.?x]",
     "a.x.y.z.error", "a ? b : c", "size(a.x) > 0", "'}'", "a.x == a.x", "true", "-", "", "((((", "'", "a.b.c.d.e.f[1]",
     "[1].map(a, [2].map(b, [3].map(c, a)))", "timestamp('x')", "b'x'", "1.0 * 2", "a.x.matches('(a+)+$')"]
)  # fmt: skip
HOSTILE = st.one_of(
    EXPRESSIONS.map(lambda source: f"${{{source}}}"),
    st.tuples(st.text(max_size=5), EXPRESSIONS, st.text(max_size=5)).map(lambda t: f"{t[0]}${{{t[1]}}}{t[2]}"),
    st.sampled_from(
        ["${", "$${", "${}", "${a${b}}", "{{workflow.name}}", "$(HOME)", "\x00", "\ud800", "a" * 5000, "${" * 500,
         "../../etc", "workflow/", "workflow/" + "a" * 300, "http@", "http@99999", "🙂", "ｉnputs", "’", "\u202e",
         "-1", "1e400", "NaN", "true", "on", "~", "$", "$$", "${'" + "\\" * 50 + "'}", "${a" + ".x" * 900 + "}",
         "${" + "(" * 200 + "1" + ")" * 200 + "}", "${" + "[" * 100 + "]" * 100 + "}", "${" + "!" * 3000 + "true}",
         "${" + "a.x + " * 600 + "1}"]
    ),
    st.text(max_size=40),
)  # fmt: skip
NAMES = st.sampled_from(["a", "b", "c", "list", "inputs", "error", "a_b", "A", "", "x-other", "${a.x}", "loop"])
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=True, allow_infinity=True), HOSTILE, NAMES
)
TREES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.one_of(NAMES, HOSTILE), inner, max_size=4)),
    max_leaves=12,
)
NODES = st.fixed_dictionaries(
    {"name": st.sampled_from(["a", "b", "c", "d", "e"]), "use": st.sampled_from(
        ["set", "http", "llm", "log", "switch", "approval", "clarify", "wait", "event", "code", "search", "mood",
         "workflow/translated-text", "workflow/ring-one", "workflow/malformed", "nothing"])},
    optional={
        "with": st.dictionaries(
            st.sampled_from(["x", "url", "json", "message", "policy", "model", "prompt", "credential", "cases",
                             "edit", "schema", "returns", "text", "for", "error", "about"]), TREES, max_size=4),
        "when": HOSTILE,
        "after": st.dictionaries(st.sampled_from(["a", "b", "c", "d", "f"]), st.sampled_from(
            ["Succeeded", "NotFailed", "Failed", "Ended"]), max_size=2),
        "forEach": st.fixed_dictionaries({"in": TREES}),
        "onError": st.sampled_from(["Fail", "Continue", "Ask"]),
        "retry": st.fixed_dictionaries({"limit": st.integers(0, 5)}),
    },
)  # fmt: skip
SPECS = st.fixed_dictionaries(
    {"nodes": st.lists(NODES, min_size=1, max_size=6)},
    optional={
        "finally": st.lists(NODES, max_size=2),
        "inputs": st.dictionaries(NAMES, st.one_of(TREES, st.just({"type": "string"})), max_size=3),
        "vars": st.dictionaries(NAMES, TREES, max_size=3),
        "environments": st.dictionaries(st.sampled_from(["prod", "test"]), st.dictionaries(NAMES, TREES), max_size=2),
        "outputs": st.dictionaries(NAMES, TREES, max_size=3),
        "defaults": st.fixed_dictionaries({"onError": st.sampled_from(["Continue", "Ask"])}),
    },
)


def problems_of(document: Any) -> list[Problem]:
    """Everything that is told of a document, within a bounded time."""
    began = time.process_time()
    parsed = parse(document)
    found = list(parsed.problems)
    if isinstance(parsed.model, Workflow):
        spec = parsed.model.spec
        checked = check(spec, catalogue(), name="malformed")
        found += checked.problems
        for environment in (None, *spec.environments):
            built = build(spec, catalogue(), environment)
            assert built.graph == checked.graphs[environment]
            seen: set[str] = set()
            for node in built.graph:
                assert set(node.needs) <= seen, "a graph comes out in order, whatever was written"
                seen.add(node.name)
    elif isinstance(parsed.model, NodeType):
        found += check_node_type(parsed.model.spec)
    elif isinstance(parsed.model, ApprovalPolicy):
        found += check_policy(parsed.model.spec)
    assert time.process_time() - began < MOST_SECONDS
    return found


def assert_all_can_be_acted_on(problems: list[Problem]) -> None:
    for problem in problems:
        assert problem.message
        assert problem.remedy, problem
        assert problem.reason in set(ProblemReason), problem
        str(problem).encode("utf-8", "surrogatepass")


@FEW
@given(TREES)
def test_any_tree(tree: Any) -> None:
    assert_all_can_be_acted_on(problems_of(tree))


@FEW
@given(TREES)
def test_any_tree_for_a_spec(tree: Any) -> None:
    assert_all_can_be_acted_on(problems_of(document_of(tree)))


@times(2, FEW)
@given(SPECS)
def test_nodes_with_anything_in_them(spec: dict[str, Any]) -> None:
    assert_all_can_be_acted_on(problems_of(document_of(spec)))


@times(2, FEW)
@given(st.sampled_from(SEEDS), st.data())
def test_a_workflow_with_some_of_its_values_exchanged(seed: dict[str, Any], data: st.DataObject) -> None:
    assert_all_can_be_acted_on(problems_of(_exchanged(seed, data)))


@times(2, FEW)
@given(st.sampled_from(VETTED), st.data())
def test_a_type_or_a_policy_with_some_of_its_values_exchanged(seed: dict[str, Any], data: st.DataObject) -> None:
    assert_all_can_be_acted_on(problems_of(_exchanged(seed, data)))


def _exchanged(seed: dict[str, Any], data: st.DataObject) -> dict[str, Any]:
    document = copy.deepcopy(seed)
    for _ in range(data.draw(st.integers(1, 4))):
        holder, key = data.draw(st.sampled_from(_places(document)))
        action = data.draw(st.sampled_from(["replace", "replace", "drop", "double"]))
        if action == "replace":
            holder[key] = data.draw(TREES)
        elif action == "drop":
            del holder[key]
        elif isinstance(holder, list):
            holder.append(copy.deepcopy(holder[key]))
        else:
            holder[f"{key}2"] = copy.deepcopy(holder[key])
    return document


@FEW
@given(HOSTILE)
def test_a_hostile_text_in_every_place(text: str) -> None:
    document = document_of(
        {
            "description": text,
            "inputs": {"x": {"type": "string", "default": text, "description": text}},
            "vars": {"x": text},
            "environments": {"prod": {"x": text}},
            "nodes": [
                {"name": "a", "use": "set", "when": text, "with": {"x": text, "deep": [{"y": text}]}},
                {"name": "b", "use": "approval", "with": {"policy": text, "message": text, "edit": {"x": text}}},
                {"name": "c", "use": "http", "forEach": {"in": text}, "with": {"url": text, "credential": text}},
                {"name": "d", "use": text, "with": {"x": text}, "after": {"c": "Ended"}},
            ],
            "finally": [{"name": "f", "use": "log", "with": {"message": text}}],
            "outputs": {"x": text, "deep": {"y": [text]}},
        }
    )
    assert_all_can_be_acted_on(problems_of(document))


ODD_SCHEMAS = st.dictionaries(
    st.sampled_from(["text", "to", "x-other", "x-type-of", "x-fields-of", "x-schema-of", "error"]),
    st.one_of(
        TREES,
        st.fixed_dictionaries(
            {},
            optional={
                "type": st.sampled_from(["string", "object", "array", "integer", ["string", "null"], 7, None]),
                "x-ref": st.sampled_from(["Credential", "Model", "Secret", 3]),
                "x-type-of": st.sampled_from(["with", "with.text", "with.text.deep", "without", 5]),
                "x-fields-of": st.sampled_from(["with.text", "with"]),
                "x-schema-of": st.sampled_from(["with.to"]),
                "x-accepts": TREES,
                "properties": TREES,
                "items": TREES,
                "default": TREES,
                "enum": TREES,
            },
        ),
    ),
    max_size=4,
)


@times(2, FEW)
@given(ODD_SCHEMAS, ODD_SCHEMAS, TREES, TREES)
def test_a_node_type_with_anything_in_its_schemas(params: Any, output: Any, text: Any, to: Any) -> None:
    image = f"registry.example/odd@sha256:{'0' * 64}"
    spec = {"description": "Odd.", "image": image, "params": params, "output": output, "idempotentWhen": params}
    document = {"apiVersion": "headgate.dev/v1alpha1", "kind": "NodeType", "metadata": {"name": "odd.v1"}, "spec": spec}
    odd = parse(document).model
    workflow = parse(
        document_of(
            {
                "nodes": [
                    {"name": "a", "use": "odd", "with": {"text": text, "to": to}, "retry": {"limit": 1}},
                    {"name": "b", "use": "set", "with": {"x": "${a.text}", "y": "${a.to.deep[0]}", "z": "${a}"}},
                    {"name": "c", "use": "odd", "forEach": {"in": [1]}, "with": {"text": "${item}", "to": "${b.x}"}},
                ],
                "outputs": {"x": "${c.outputs.map(o, o.text)}"},
            }
        )
    ).model
    if isinstance(odd, NodeType) and isinstance(workflow, Workflow):
        found = check(workflow.spec, StaticCatalogue([*builtin(), odd], complete=True), name="example")
        assert_all_can_be_acted_on(list(found.problems))


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Every place in a document: what holds it, and under which key."""
    found: list[tuple[Any, Any]] = []
    pairs = list(value.items()) if isinstance(value, dict) else list(enumerate(value))
    for key, held in pairs:
        found.append((value, key))
        if isinstance(held, dict | list):
            found += _places(held)
    return found


def test_problems_point_into_the_document() -> None:
    for document in _MALFORMED:
        for problem in problems_of(document):
            _follow(document, problem)


def _follow(document: Any, problem: Problem) -> None:
    value: Any = document
    for step in problem.path.steps:
        if isinstance(step, Item):
            assert isinstance(value, list), problem
            value = value[step.index]
        else:
            assert isinstance(value, dict), problem
            value = value.get(step)
    if problem.span is not None:
        assert isinstance(value, str)
        assert 0 <= problem.span.start <= problem.span.end <= len(value), problem
