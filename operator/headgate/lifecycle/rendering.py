"""The parameters of what is no pod: a gate, a child Run. Computed in a pod, or plain paths that are copied here."""

from collections.abc import Mapping
from typing import Any

from headgate.compiler.graph import Node
from headgate.compiler.known import Instance
from headgate.lifecycle.case import Case
from headgate.lifecycle.documents import TooLargeToReadError
from headgate.lifecycle.ending import ending_of
from headgate.lifecycle.facts import Facts
from headgate.lifecycle.outputs import value_of
from headgate_lang import strict
from headgate_lang.documents import DocumentError
from headgate_lang.resolve import resolve
from headgate_lang.ruling import detach
from headgate_lang.scope import Scope


class CannotRenderError(Exception):
    """Why there are no parameters."""


def parameters_of(case: Case, facts: Facts, instance: Instance) -> dict[str, Any]:
    """Raises CannotRenderError, and NeedsReadError for what is not at hand."""
    node = case.graph[instance.node]
    try:
        is_computed = node.prepares and not node.asks_anyway
        found = _prepared(case, facts, node, instance) if is_computed else _copied(case, facts, node, instance)
    except TooLargeToReadError:
        raise CannotRenderError("what it shows is too large to be shown: show a part of it") from None
    except DocumentError as error:
        raise CannotRenderError(f"what it reads is no document: {error}") from None
    if not isinstance(found, dict):
        raise CannotRenderError("what was computed for it is no set of parameters")
    return detach(found)[0]


def _prepared(case: Case, facts: Facts, node: Node, instance: Instance) -> Any:
    told = facts.told.get(Instance(node.name, prepare=True))
    if told is None or told.place is None:
        raise CannotRenderError("what was computed for it is not there")
    document = case.library.value(told.place)
    if instance.index is None:
        return document
    return document.get(str(instance.index)) if isinstance(document, dict) else None


def _copied(case: Case, facts: Facts, node: Node, instance: Instance) -> Any:
    resolved = resolve(dict(node.params), scope_of(case, facts, node, instance))
    if resolved.faults:
        raise CannotRenderError(str(resolved.faults[0]))
    return resolved.value


def scope_of(case: Case, facts: Facts, node: Node, instance: Instance | None = None) -> Scope:
    documents: dict[str, Any] = {
        "inputs": case.status.inputs,
        "vars": case.vars,
        "run": run_document(case, *(ending_of(case, facts) if node.final else ())),
    }
    for name in node.reads:
        value = value_of(case, facts, case.graph[name])
        if value is not None:
            documents[name] = value
    if instance is not None and instance.index is not None and node.loop is not None:
        documents.update({"item": node.loop.items[instance.index], "index": instance.index})
    return Scope(documents)


def run_document(case: Case, phase: str | None = None, failed: tuple[str, ...] | None = None) -> Mapping[str, Any]:
    """`phase` and `failed`: of all else, for what stands under `finally`."""
    return {key: value for key, value in strict.encode(case.task_run(phase, failed)).items() if key != "namespace"}
