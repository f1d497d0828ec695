"""Which models a leg is told of: those that its nodes name, where somebody serves them."""

from headgate.api.model import Model as ModelObject
from headgate.compiler.build import build
from headgate.compiler.catalogue import StaticCatalogue, builtin
from headgate.compiler.emit import Model
from headgate.lifecycle.served import models_for
from support.workflows import spec_of

WORKFLOW = """
inputs:
  which: {type: string, enum: [small, large]}
nodes:
- {name: a, use: llm, with: {model: small, prompt: hi}}
- {name: b, use: llm, with: {model: "${inputs.which}", prompt: hi}}
- {name: c, use: set, with: {model: other}}
"""


GRAPH = build(spec_of(WORKFLOW), StaticCatalogue(builtin())).graph


def model(name: str, **spec: object) -> ModelObject:
    return ModelObject.model_validate(
        {
            "apiVersion": "headgate.dev/v1alpha1",
            "kind": "Model",
            "metadata": {"name": name},
            "spec": {"engine": "external", "model": f"{name}-served", **spec},
        }
    )


CATALOGUE = StaticCatalogue(
    [
        *builtin(),
        model("small", external={"url": "https://models.example/v1"}),
        model("large", external={"url": "https://m.example/v1", "key": {"secret": "keys", "key": "large"}}),
        model("other", external={"url": "https://o.example/v1"}),
    ]
)


def test_a_model_is_told_of_by_its_name_or_by_the_input_that_chooses_it() -> None:
    assert models_for(GRAPH, {"which": "large"}, CATALOGUE) == {
        "small": Model("https://models.example/v1", "small-served"),
        "large": Model("https://m.example/v1", "large-served", secret="keys", key="large"),
    }
    assert set(models_for(GRAPH, {"which": "small"}, CATALOGUE)) == {"small"}


def test_one_that_is_not_there_or_that_nobody_serves_yet_is_left_out() -> None:
    sleeping = model("small", engine="vllm", vllm={})
    catalogue = StaticCatalogue([*builtin(), sleeping], complete=True)
    assert models_for(GRAPH, {"which": "large"}, catalogue) == {}
