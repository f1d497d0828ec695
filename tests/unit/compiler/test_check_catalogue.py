"""What checks look up: answers, never exceptions; and the node types that come with Headgate."""

import re

import pytest

from headgate.api.nodetype import Gate, NodeType
from headgate.compiler.build.uses import resolve
from headgate.compiler.catalogue import Found, Missing, NotLookedUp, StaticCatalogue, builtin
from headgate.compiler.check import check
from headgate.compiler.check.dependence import Way, dependences, parameter
from headgate_lang import schema
from support.catalogues import catalogue
from support.workflows import spec_of

TYPES = pytest.mark.parametrize("type_", builtin(), ids=lambda type_: str(type_.metadata.name))


class TestAnswers:
    def test_the_newest_version_of_a_type_is_found_unless_another_is_asked_for(self) -> None:
        newest, first = catalogue().node_type("mood"), catalogue().node_type("mood", 1)
        assert isinstance(newest, Found)
        assert isinstance(first, Found)
        assert (newest.value.pinned, first.value.pinned) == ("mood.v2", "mood.v1")

    def test_what_is_missing_comes_with_what_was_perhaps_meant(self) -> None:
        found = catalogue()
        assert found.node_type("htpp") == Missing("http")
        assert found.node_type("mood", 9) == Missing(versions=(1, 2))
        assert found.policy("releese") == Missing("release")
        assert found.credential("slakc") == Missing("slack")
        assert found.model("smal") == Missing("small")
        assert found.knowledge_base("handbok") == Missing("handbook")
        assert found.workflow("perhasp") == Missing("perhaps")
        assert found.workflow("nothing-like-it") == Missing(None)

    def test_without_a_cluster_nothing_is_known_to_be_missing(self) -> None:
        offline = StaticCatalogue(builtin())
        assert offline.policy("release") == NotLookedUp()
        assert offline.node_type("sentiment") == NotLookedUp()
        assert offline.node_type("http", 9) == NotLookedUp()
        assert isinstance(offline.node_type("http"), Found)


class TestBuiltInTypes:
    def test_the_four_gates_are_the_only_ones_that_the_operator_carries_out(self) -> None:
        gates = {type_.metadata.name: type_.spec.gate for type_ in builtin() if type_.spec.gate}
        assert gates == {
            "approval.v1": Gate.APPROVAL,
            "clarify.v1": Gate.CLARIFICATION,
            "wait.v1": Gate.TIMER,
            "event.v1": Gate.EVENT,
        }

    @TYPES
    def test_their_schemas_are_some(self, type_: NodeType) -> None:
        assert schema.check_form(type_.spec.params) == ()
        assert schema.check_form(type_.spec.output) == ()

    @TYPES
    def test_what_they_give_can_be_read(self, type_: NodeType) -> None:
        names = [name for name in type_.spec.output if not name.startswith("x-")]
        assert "error" not in names
        assert all(re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) for name in names)

    @TYPES
    def test_their_examples_fit(self, type_: NodeType) -> None:
        assert type_.spec.examples
        for example in type_.spec.examples:
            assert schema.check_fields(example.with_, type_.spec.params) == ()
            fixed = {name: one for name, one in type_.spec.output.items() if not name.startswith("x-")}
            if fixed:
                assert schema.check_fields(example.output, fixed) == ()

    @TYPES
    def test_an_output_depends_on_a_parameter_that_there_is(self, type_: NodeType) -> None:
        name, _, version = str(type_.metadata.name).partition(".v")
        for one in dependences(resolve(f"{name}@{version}", StaticCatalogue(builtin()))):
            example = parameter(type_.spec.examples[0].with_, one.keys)
            assert not one.keys or one.keys[0] in type_.spec.params
            assert one.way is Way.TYPE or example is None or isinstance(example, dict)

    @TYPES
    def test_an_image_is_named_for_the_settings_to_replace(self, type_: NodeType) -> None:
        if type_.spec.gate is None:
            assert re.fullmatch(r"headgate/[a-z]+@sha256:0{64}", str(type_.spec.image))
            assert type_.spec.command


def test_offline_objects_are_assumed_to_exist_and_nothing_is_told_of_them() -> None:
    spec = spec_of("""
      nodes:
      - {name: ask, use: approval, with: {policy: nobody-knows, message: "Ok?"}}
      - {name: a, use: sentiment@3, after: {ask: Succeeded}, with: {text: hi, credential: whatever}}
      - {name: b, use: workflow/elsewhere, after: {a: Succeeded}, with: {anything: "${a.mood}"}}
      - {name: c, use: http, onError: Ask, with: {url: "https://c.example/${b.anything}", credential: blog}}
    """)
    assert check(spec, StaticCatalogue(builtin()), name="example").problems == ()
