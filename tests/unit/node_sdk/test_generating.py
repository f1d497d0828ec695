"""NodeTypes out of node files: what a class says, in the keywords that Headgate takes."""

from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
import yaml
from pydantic import Field

from headgate.api.nodetype import NodeType, Trait
from headgate_lang import schema
from headgate_node import FieldsOf, Json, Output, Params, Ref, SchemaOf, TypeOf
from headgate_node.definition import Trait as NodeTrait
from headgate_node.generating.__main__ import main as generate
from headgate_node.generating.schemas import UnsuitableError, build_form, build_like
from support.bundles import REPOSITORY

TEXT = (REPOSITORY / "charts/headgate/files/nodetypes.yaml").read_text(encoding="utf-8")
TYPES = list(yaml.safe_load_all(TEXT))
each_type = pytest.mark.parametrize("type_", TYPES, ids=lambda type_: str(type_["metadata"]["name"]))


class Part(Params):
    name: Annotated[str, Field(min_length=1)]
    size: float | None = None
    credential: Annotated[str, Ref("Credential", accepts=("apiKey",))] | None = None


class Form(Params):
    """Whatever else."""

    text: str
    way: Literal["up", "down"] = "up"
    part: Part | None = None
    parts: Annotated[list[Part], Field(max_length=3)] = []  # noqa: RUF012 - pydantic copies it
    headers: dict[str, str] | None = None
    any_: Json | None = None
    one_of: int | str = 1
    model: Annotated[str, Ref("Model", accepts=("Generate",))]


PART = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string", "minLength": 1},
        "size": {"type": "number"},
        "credential": {"type": "string", "x-ref": "Credential", "x-accepts": ["apiKey"]},
    },
    "required": ["name"],
}


def test_a_class_is_a_form_of_plain_schemas() -> None:
    assert build_form(Form) == {
        "text": {"type": "string"},
        "way": {"type": "string", "enum": ["up", "down"], "default": "up"},
        "part": {**PART, "optional": True},
        "parts": {"type": "array", "default": [], "items": PART, "maxItems": 3},
        "headers": {"type": "object", "optional": True, "additionalProperties": {"type": "string"}},
        "any": {"optional": True},
        "oneOf": {"type": ["integer", "string"], "default": 1},
        "model": {"type": "string", "x-ref": "Model", "x-accepts": ["Generate"]},
    }


def test_a_class_that_takes_any_field_says_so() -> None:
    class Open(Params, extra="allow"):
        """A value under a name of your own."""

    assert build_form(Open) == {"x-other": {"description": "A value under a name of your own."}}


def test_an_output_may_be_like_a_parameter() -> None:
    class Answer(Output):
        json_: Annotated[Json, SchemaOf("with.schema")] | None = None
        values: Annotated[Json, TypeOf("with.edit")]
        form: Annotated[dict[str, Any], FieldsOf("with.answer")]

    form = build_form(Answer)
    assert form["json"] == {"optional": True, "x-schema-of": "with.schema"}
    assert form["values"] == {"x-type-of": "with.edit"}
    assert form["form"]["x-fields-of"] == "with.answer"
    assert build_like(TypeOf("with")) == {"x-type-of": "with"}


def test_what_no_schema_of_ours_can_say_is_refused_with_its_place() -> None:
    class Pair(Params):
        pair: tuple[int, str]

    with pytest.raises(UnsuitableError, match=r"^Pair\.pair: a tuple"):
        build_form(Pair)


def test_traits_are_called_alike_on_both_sides() -> None:
    assert [trait.value for trait in NodeTrait] == [trait.value for trait in Trait]


@each_type
def test_a_generated_type_is_one(type_: dict[str, Any]) -> None:
    made = NodeType.model_validate(type_)
    assert schema.check_form(made.spec.params) == ()
    assert schema.check_form(made.spec.output) == ()
    assert made.spec.examples


@each_type
def test_every_parameter_and_output_is_described(type_: dict[str, Any]) -> None:
    forms = {**type_["spec"].get("params", {}), **type_["spec"].get("output", {})}
    bare = [name for name, field in forms.items() if isinstance(field, dict) and not field.get("description")]
    assert bare == []


def test_an_image_of_somebody_else_stays_the_build_that_it_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(REPOSITORY / "tests/support/own_node")
    image = f"registry.example/nodes@sha256:{'7' * 64}"
    assert generate(["--types", str(tmp_path / "types.yaml"), f"acme_nodes={image}"]) == 0
    (made,) = yaml.safe_load_all((tmp_path / "types.yaml").read_text(encoding="utf-8"))
    assert NodeType.model_validate(made).spec.image == image
    assert (made["metadata"]["name"], made["spec"]["command"]) == ("mood.v1", ["headgate-node", "acme_nodes"])


def test_lint_and_the_chart_have_the_same_types() -> None:
    assert (REPOSITORY / "operator/headgate/catalogue/nodes.yaml").read_text(encoding="utf-8") == TEXT


def test_what_is_planned_yields_to_what_is_there() -> None:
    planned = yaml.safe_load_all((REPOSITORY / "operator/headgate/catalogue/planned.yaml").read_text(encoding="utf-8"))
    both = {one["metadata"]["name"] for one in planned} & {one["metadata"]["name"] for one in TYPES}
    assert both == set(), "take these out of planned.yaml"


def test_every_node_has_its_section_on_the_page() -> None:
    page = Path(REPOSITORY / "operator/docs/nodes.md").read_text(encoding="utf-8")
    assert [line for line in page.splitlines() if line.startswith("## ")] == [
        f"## {type_['metadata']['name']}" for type_ in TYPES
    ]
