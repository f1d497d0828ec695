"""What is worked into a node of the graph: defaults, types, environments, roles, what must be prepared."""

import math

import pytest

from headgate.api.workflow import OnError
from headgate.compiler.build import build
from headgate.compiler.graph import OUTPUTS, Graph, Node, Role
from headgate_lang.fate import Outcome
from headgate_lang.task import Retry
from support.catalogues import catalogue
from support.workflows import spec_of


def graph_of(text: str, environment: str | None = None) -> Graph:
    return build(spec_of(text), catalogue(), environment).graph


def only(node: str, extra: str = "") -> Node:
    """The node `a` of a workflow that has some inputs, and perhaps more."""
    text = f"""
      inputs:
        big: {{type: boolean}}
        ids: {{type: array, items: {{type: string}}}}
        who: {{type: string}}
      nodes:
      - {{name: a, {node}}}
      {extra}
    """
    return graph_of(text)["a"]


class TestWhatAppliesToANode:
    def test_its_own_word_comes_first_then_the_default_then_its_type_then_ours(self) -> None:
        defaults = "defaults: {timeout: 2m}"
        own = "use: llm, with: {model: small, prompt: hi}"
        assert only(f"{own}, timeout: 90s", defaults).timeout == 90
        assert only(own, defaults).timeout == 120
        assert only(own).timeout == 300
        assert only("use: set, with: {text: hi}").timeout == 60

    def test_a_field_replaces_the_whole_field(self) -> None:
        defaults = "defaults: {retry: {limit: 2, reasons: [Timeout], backoff: {delay: 5s, factor: 3.0, cap: 2m}}}"
        own = 'use: http, with: {url: "https://a.example"}'
        assert only(own, defaults).retry == Retry(2, ("Timeout",), 5.0, 3.0, 120.0)
        assert only(f"{own}, retry: {{limit: 1}}", defaults).retry == Retry(1)
        assert only(own).retry == Retry(0)

    def test_what_the_defaults_say_of_timeouts_and_of_asking_passes_gates_by(self) -> None:
        gate = 'use: approval, with: {policy: release, message: "Ok?"}'
        node = only(gate, "defaults: {timeout: 2m, onError: Ask, retry: {limit: 1}}")
        assert (node.timeout, node.on_error, node.retry) == (math.inf, OnError.FAIL, Retry(0))
        assert only(gate, "defaults: {onError: Continue}").on_error is OnError.CONTINUE

    def test_another_workflow_has_its_own_time_unless_the_node_sets_a_bound(self) -> None:
        child = "use: workflow/perhaps"
        assert only(child).timeout == math.inf
        assert only(f"{child}, timeout: 3d").timeout == 3 * 86_400

    def test_a_loop_tolerates_a_count_or_a_percentage(self) -> None:
        loop = only('use: log, forEach: {in: "${inputs.ids}", tolerate: 5%}, with: {message: hi}').loop
        assert loop is not None
        assert (loop.parallelism, loop.tolerate.of(39), loop.tolerate.of(40)) == (10, 1, 2)
        loop = only('use: log, forEach: {in: "${inputs.ids}", tolerate: 3, parallelism: 2}, with: {message: hi}').loop
        assert loop is not None
        assert (loop.parallelism, loop.tolerate.of(100)) == (2, 3)


class TestWhatANodeUses:
    def test_a_type_is_pinned_to_its_newest_version_unless_the_node_says_which(self) -> None:
        assert only("use: mood, with: {text: hi}").use == "mood.v2"
        assert only("use: mood@1, with: {text: hi}").use == "mood.v1"

    @pytest.mark.parametrize(
        ("use", "role"), [("log", Role.WORK), ("wait", Role.GATE), ("workflow/perhaps", Role.CHILD)]
    )
    def test_gates_and_workflows_are_no_pods(self, use: str, role: Role) -> None:
        assert only(f"use: {use}").role is role

    def test_a_type_that_is_not_there_leaves_a_node_without_one(self) -> None:
        node = only("use: nothing-like-it")
        assert (node.role, node.type, node.use) == (Role.WORK, None, "nothing-like-it")


class TestEnvironments:
    TEXT = """
      vars: {policy: marketing, account: blog}
      environments:
        prod: {policy: release, account: guarded}
      nodes:
      - {name: ask, use: approval, with: {policy: "${vars.policy}", message: "Ok?"}}
      - name: publish
        use: http
        after: {ask: Succeeded}
        with: {url: "https://blog.example", credential: "${vars.account}", text: "${vars.account}"}
    """

    def test_the_objects_that_constants_name_stand_in_the_node(self) -> None:
        graph = graph_of(self.TEXT)
        assert graph["ask"].policy == "marketing"
        assert graph["publish"].credentials == ("blog",)
        assert graph["publish"].behind == frozenset()

    def test_an_environment_names_others(self) -> None:
        graph = graph_of(self.TEXT, "prod")
        assert graph["ask"].policy == graph["ask"].params["policy"] == "release"
        assert graph["publish"].credentials == ("guarded",)
        assert graph["publish"].behind == {"release"}

    def test_one_that_there_is_not_is_a_problem_unless_there_are_none_at_all(self) -> None:
        (problem,) = build(spec_of(self.TEXT), catalogue(), "prodd").problems
        assert (problem.reason, problem.remedy) == ("UnknownEnvironment", "did you mean `prod`?")
        without = spec_of("nodes: [{name: a, use: log, with: {message: hi}}]")
        assert build(without, catalogue(), "prod").problems == ()

    def test_no_other_constant_is_put_in_its_place_since_nothing_is_read_twice(self) -> None:
        assert graph_of(self.TEXT, "prod")["publish"].params["text"] == "${vars.account}"


class TestWhatMustBePrepared:
    @pytest.mark.parametrize(
        "node",
        [
            'use: approval, with: {policy: release, message: "Ok?"}',
            'use: approval, with: {policy: release, message: "Ok, ${inputs.who}?", edit: {who: "${inputs.who}"}}',
            'use: workflow/translated-text, with: {language: de, about: "${inputs.who}"}',
            'use: log, with: {message: "${inputs.who + inputs.who}"}',
            'use: log, forEach: {in: "${inputs.ids}"}, with: {message: "${item}"}',
            'use: http, forEach: {in: [a, b]}, with: {url: "https://${item}.example"}',
            'use: workflow/translated-text, forEach: {in: [de, fr]}, with: {language: "${item}", about: x}',
        ],
    )
    def test_literals_plain_paths_and_pods_need_nothing_before_them(self, node: str) -> None:
        assert not only(node).prepares

    @pytest.mark.parametrize(
        "node",
        [
            'use: approval, with: {policy: release, message: "${inputs.who + inputs.who}?"}',
            'use: approval, when: "${!inputs.big}", with: {policy: release, message: "Ok?"}',
            'use: approval, when: "${inputs.big}", with: {policy: release, message: "Ok?"}',
            'use: workflow/translated-text, when: "${inputs.big}", with: {language: de, about: x}',
            'use: workflow/translated-text, with: {language: de, about: "${string(size(inputs.ids))}"}',
            'use: http, forEach: {in: "${inputs.ids}"}, with: {url: "https://${item}.example"}',
            'use: http, when: "${inputs.big}", forEach: {in: [a]}, with: {url: "https://${item}.example"}',
            'use: workflow/translated-text, forEach: {in: "${inputs.ids}"}, with: {language: "${item}", about: x}',
        ],
    )
    def test_a_pod_computes_what_a_gate_shows_a_child_is_given_how_long_a_list_is_and_any_when(self, node: str) -> None:
        assert only(node).prepares


class TestOutputsAndFinally:
    def test_outputs_that_are_only_copied_need_no_pod(self) -> None:
        graph = graph_of("""
          nodes: [{name: a, use: set, with: {x: 1}}]
          outputs: {x: "${a.x}", told: "it is ${a.x}", fixed: 7}
        """)
        assert OUTPUTS not in graph.by_name

    def test_computed_outputs_are_a_node_that_accepts_whatever_end_of_what_it_reads(self) -> None:
        graph = graph_of("""
          inputs: {who: {type: string}}
          nodes: [{name: a, use: set, with: {x: 1}}, {name: b, use: set, with: {x: 1}}]
          outputs: {x: "${a.x + 1}", who: "${inputs.who}"}
        """)
        node = graph[OUTPUTS]
        assert (node.role, dict(node.needs), node.inputs) == (Role.RENDER, {"a": Outcome.ENDED}, frozenset({"who"}))
        assert node.params == {"x": "${a.x + 1}", "who": "${inputs.who}"}

    def test_a_node_of_finally_accepts_whatever_end(self) -> None:
        graph = graph_of("""
          nodes: [{name: a, use: http, with: {url: "https://a.example"}}]
          finally: [{name: f, use: log, with: {message: "${a.?url.orValue('none')}"}}]
        """)
        assert graph["f"].final
        assert graph["f"].needs == {"a": Outcome.ENDED}


class TestBestEffort:
    def test_a_graph_comes_out_of_a_workflow_with_problems(self) -> None:
        built = build(
            spec_of("""
              nodes:
              - {name: a, use: set, with: {x: "${nobody.x}", y: "${inputs.nothing}"}}
              - {name: a, use: log, with: {message: twice}}
              - {name: list, use: log, with: {message: "${a.x}"}, after: {f: Ended, nowhere: Ended}}
              finally: [{name: f, use: log, with: {message: hi}}]
            """),
            catalogue(),
        )
        assert [node.name for node in built.graph] == ["a", "list", "f"]
        assert dict(built.graph["list"].needs) == {"a": Outcome.SUCCEEDED}
        reasons = sorted(problem.reason for problem in built.problems)
        assert reasons == ["DuplicateName", "InvalidName", "RefersToFinally", "UnknownNode", "UnknownNode"]
