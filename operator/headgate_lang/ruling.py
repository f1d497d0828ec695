"""What the rule of a policy (`autoApprove`) came to: found out in a pod, told beside what a gate shows.

The node runtime writes it, and the operator, which evaluates nothing, reads it. It says of what it is true: of this
rule, in this Run, about these values. About anything else it says nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from headgate_lang import documents, strict

KEY = "$rule"
"""Its place among the parameters of a gate: no parameter can be called so."""
MAX_MESSAGE = 600


@dataclass(frozen=True, slots=True)
class Ruling:
    rule: str
    """The digest of its text."""
    run: str
    """The uid of the Run."""
    values: str
    """The digest of the `values` that it read."""
    holds: bool | None = None
    """None: it could not be evaluated, or is neither true nor false."""
    message: str = ""
    """Why."""


def identify(rule: str) -> str:
    return documents.digest(rule)


def attach(parameters: Mapping[str, Any], ruling: Ruling) -> dict[str, Any]:
    return {**parameters, KEY: strict.encode(ruling)}


def detach(parameters: Mapping[str, Any]) -> tuple[dict[str, Any], Ruling | None]:
    """The parameters, and the ruling among them. One that has another shape is none."""
    rest = {name: value for name, value in parameters.items() if name != KEY}
    try:
        return rest, strict.decode(Ruling, parameters[KEY]) if KEY in parameters else None
    except strict.MalformedError:
        return rest, None
