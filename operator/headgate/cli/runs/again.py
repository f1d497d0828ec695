"""The Run that takes over what is settled in another (`from`): for `retry --restart` and `skip`."""

from collections.abc import Mapping, Sequence
from typing import Any

from headgate.api.run import Run


def build_again(
    old: Run,
    *,
    restart: Sequence[str] = (),
    skip: Mapping[str, Mapping[str, Any] | None] | None = None,
) -> dict[str, Any]:
    """The spec of a new Run. `skip`: node → the output that stands in for it, or None."""
    given = {node: {} if output is None else {"output": dict(output)} for node, output in (skip or {}).items()}
    source: dict[str, Any] = {"run": old.metadata.name}
    if restart:
        source["restart"] = list(restart)
    if given:
        source["skip"] = given
    spec: dict[str, Any] = {"workflow": old.spec.workflow, "from": source}
    if old.spec.inputs:
        spec["inputs"] = dict(old.spec.inputs)
    if old.spec.environment:
        spec["environment"] = old.spec.environment
    return spec
