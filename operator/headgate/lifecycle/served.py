"""The models that nodes of a leg name, as a pod is told of them. Asked anew for each leg: a key may have moved.

Only endpoints of somebody else's so far: vLLM is not started by anybody yet.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from headgate.api.model import ModelSpec
from headgate.compiler.catalogue import Catalogue, Found
from headgate.compiler.emit import Model, models_named
from headgate.compiler.graph import Node


def models_for(nodes: Iterable[Node], inputs: Mapping[str, Any], catalogue: Catalogue) -> dict[str, Model]:
    """One that is not there is left out, and the node that asks for it says so."""
    names = sorted({name for node in nodes for name in models_named(node, inputs)})
    answers = ((name, catalogue.model(name)) for name in names)
    found = ((name, _told(answer.value)) for name, answer in answers if isinstance(answer, Found))
    return {name: model for name, model in found if model is not None}


def _told(spec: ModelSpec) -> Model | None:
    if spec.external is None:
        return None
    key = spec.external.key
    held = (key.secret, key.key) if key else (None, None)
    return Model(spec.external.url, spec.model, False, *held)
