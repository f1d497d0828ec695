"""The objects that a node names: parameters marked `x-ref`, a literal or a constant each (LANGUAGE §3.9).

So what a workflow can touch is known, in each environment, before it runs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from headgate.api.workflow import WorkflowSpec
from headgate_lang import paths, template

Vars = Mapping[str, Any]

KINDS = frozenset({"ApprovalPolicy", "Credential", "KnowledgeBase", "Model"})
"""What a parameter may name by `x-ref`."""
MODEL = "Model"
"""The one kind that an input may choose, if it says among which."""


@dataclass(frozen=True, slots=True)
class Mention:
    """What a parameter marked `x-ref` says."""

    parameter: str
    kind: str
    schema: Mapping[str, Any]
    written: tuple[Any, ...] | None = None
    """The name; of a Model that an input chooses, each that it may be."""
    constant: str | None = None
    """The constant that has the name. With neither, it is computed some other way."""

    @property
    def is_computed(self) -> bool:
        return self.written is None and self.constant is None

    def names(self, constants: Vars) -> tuple[str, ...]:
        """The objects that are meant. What is no text is told elsewhere."""
        held = (constants.get(self.constant),) if self.constant is not None else self.written or ()
        return tuple(name for name in held if isinstance(name, str))


def vars_under(spec: WorkflowSpec, environment: str | None) -> Vars:
    """The constants as an environment sets them; a name that `vars` does not have is no constant."""
    others = spec.environments.get(environment, {}) if environment is not None else {}
    return {**spec.vars, **{name: value for name, value in others.items() if name in spec.vars}}


def mentions_of(
    params: Mapping[str, Any], references: Mapping[str, Mapping[str, Any]], spec: WorkflowSpec
) -> tuple[Mention, ...]:
    return tuple(
        _mention(parameter, schema, params.get(parameter, schema.get("default")), spec)
        for parameter, schema in references.items()
        if parameter in params or "default" in schema
    )


def _mention(parameter: str, schema: Mapping[str, Any], value: Any, spec: WorkflowSpec) -> Mention:
    kind = str(schema["x-ref"])
    if not isinstance(value, str) or not template.has_expression(value):
        return Mention(parameter, kind, schema, written=(value,))
    whole = template.parse(value).whole
    path = paths.parse(whole.source) if whole else None
    if path is not None and len(path.steps) == 1:
        key = str(path.steps[0].key)
        if path.root == "vars":
            return Mention(parameter, kind, schema, constant=key)
        allowed = spec.inputs.get(key, {}).get("enum") if path.root == "inputs" and kind == MODEL else None
        if isinstance(allowed, list):
            return Mention(parameter, kind, schema, written=tuple(allowed))
    return Mention(parameter, kind, schema)
