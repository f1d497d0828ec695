"""Random valid objects of our kinds, as documents: hypothesis strategies read off the pydantic models.

What a model cannot say (one of two fields, which verdict answers which question) stands in `_MENDED`, a line a shape.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from hypothesis import strategies as st
from pydantic.fields import FieldInfo

from headgate.api.approvalpolicy import Stage
from headgate.api.approvalrequest import VERDICTS, ApprovalRequestSpec, Binding, Question, Verdict
from headgate.api.common import Resource, Shape
from headgate.api.credential import CredentialSpec
from headgate.api.model import ModelSpec
from headgate.api.nodetype import NodeType, NodeTypeSpec
from headgate.api.trigger import TriggerSpec
from headgate.api.workflow import WorkflowSpec
from headgate.names import API_VERSION

Document = dict[str, Any]

_characters = st.characters(exclude_categories=["Cs"])
texts = st.text(_characters, max_size=12)
json_values = st.recursive(
    st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)
"""Whatever may stand where a kind leaves the shape open. The literal null may not."""


forms = st.dictionaries(
    st.sampled_from(["city", "credential", "days", "notes"]),
    st.sampled_from([{"type": "string"}, {"type": "integer", "default": 3}, {"optional": True}]),
    max_size=3,
)
"""Inputs, parameters, outputs, answers: name → JSON Schema."""


def objects(kind: type[Resource], *, status: bool = True) -> st.SearchStrategy[Document]:
    """Whole objects of a kind, with a name and, perhaps, a status."""
    name = st.just("thing.v1" if kind is NodeType else "thing")
    hints = get_type_hints(kind, include_extras=True)
    parts: dict[str, st.SearchStrategy[Any]] = {
        "apiVersion": st.just(API_VERSION),
        "kind": st.just(kind.__name__),
        "metadata": st.fixed_dictionaries({"name": name}),
        "spec": of_type(hints["spec"]),
    }
    optional = {"status": of_type(_without_none(hints["status"]))} if status else {}
    return st.fixed_dictionaries(parts, optional=optional)


@cache
def of_type(annotation: Any) -> st.SearchStrategy[Any]:
    """Values that may stand where the models have this type."""
    base, notes = _unannotated(annotation)
    origin = get_origin(base)
    if base is Any:
        return json_values
    if origin in (Union, UnionType):
        return st.one_of([of_type(option) for option in get_args(base) if option is not type(None)])
    if origin is Literal:
        return st.sampled_from(get_args(base))
    if origin is tuple:
        return _lists(of_type(get_args(base)[0]), notes)
    if origin is dict:
        key, value = get_args(base)
        sizes = {"min_size": notes.get("min_length", 0), "max_size": min(3, notes.get("max_length", 3))}
        return st.dictionaries(of_type(key), of_type(value), **sizes)
    if issubclass(base, Shape):
        return st.deferred(lambda: shapes(base))
    return _scalars(base, notes)


@cache
def shapes(shape: type[Shape]) -> st.SearchStrategy[Document]:
    """Documents of one shape: what is required, and some of the rest."""
    hints = get_type_hints(shape, include_extras=True)
    required: dict[str, st.SearchStrategy[Any]] = {}
    optional: dict[str, st.SearchStrategy[Any]] = {}
    for name, field in shape.model_fields.items():
        values = forms if (shape, name) in _FORMS else of_type(_without_none(hints[name]))
        (required if field.is_required() else optional)[field.alias or name] = values
    found = st.fixed_dictionaries(required, optional=optional)
    mended = _MENDED.get(shape)
    return found.map(mended) if mended else found


def _scalars(base: type, notes: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    if issubclass(base, StrEnum):
        return st.sampled_from([str(member) for member in base])
    if base is bool:
        return st.booleans()
    if base is int:
        return st.integers(notes.get("ge", -(2**31)), notes.get("le", 2**31 - 1))
    if base is float:
        return st.floats(notes.get("ge", -1e6), notes.get("le", 1e6))
    if "pattern" in notes:
        longest = notes.get("max_length", 253)
        return st.from_regex(notes["pattern"], fullmatch=True).filter(lambda text: len(text) <= longest)
    return st.text(_characters, min_size=notes.get("min_length", 0), max_size=12)


def _lists(items: st.SearchStrategy[Any], notes: Mapping[str, Any]) -> st.SearchStrategy[list[Any]]:
    sizes = {"min_size": notes.get("min_length", 0), "max_size": min(3, notes.get("max_length", 3))}
    keys = notes.get("x-kubernetes-list-map-keys")
    if keys:
        return st.lists(items, unique_by=lambda item: tuple(item[key] for key in keys), **sizes)
    return st.lists(items, unique=notes.get("x-kubernetes-list-type") == "set", **sizes)


def _unannotated(annotation: Any) -> tuple[Any, dict[str, Any]]:
    """A type, and everything that the models note about it, by name."""
    notes: dict[str, Any] = {}
    while get_origin(annotation) is Annotated:
        for note in annotation.__metadata__:
            for part in [note, *note.metadata] if isinstance(note, FieldInfo) else [note]:
                for name in ("pattern", "max_length", "min_length", "ge", "le"):
                    if (value := getattr(part, name, None)) is not None:
                        notes[name] = value
                extra = getattr(part, "json_schema_extra", None)
                notes |= extra if isinstance(extra, dict) else {}
        annotation = annotation.__origin__
    return annotation, notes


def _without_none(annotation: Any) -> Any:
    options = [option for option in get_args(annotation) if option is not type(None)]
    if get_origin(annotation) in (Union, UnionType) and len(options) == 1:
        return options[0]
    return annotation


@dataclass(frozen=True)
class _OneOf:
    """Keeps one of several fields that exclude each other, and gives one where none is."""

    fields: tuple[str, ...]
    fallback: Document

    def __call__(self, document: Document) -> Document:
        given = [field for field in self.fields if field in document]
        return {key: value for key, value in document.items() if key not in given[1:]} | (
            {} if given else self.fallback
        )


def _answer(document: Document) -> Document:
    never_skipped = document["binding"].get("maySkip") == "Never"
    asked = VERDICTS[Question(document["type"])]
    verdicts = [verdict for verdict in asked if not (never_skipped and verdict is Verdict.SKIP)]
    for number, vote in enumerate(document.get("votes", {}).values()):
        vote["verdict"] = str(verdicts[number % len(verdicts)])
    return document


def _serve(document: Document) -> Document:
    engine, other = document["engine"], {"vllm": "external", "external": "vllm"}[document["engine"]]
    served = {"vllm": {}, "external": {"url": "https://models.example/v1"}}[engine]
    return {engine: served} | {key: value for key, value in document.items() if key != other}


_FORMS = {(Binding, "form"), (NodeTypeSpec, "output"), (NodeTypeSpec, "params"), (WorkflowSpec, "inputs")}


def _hold(credential: Document) -> Document:
    held = _OneOf(("secret", "sealed"), {"secret": "token"})(credential)
    return held if "secret" in held else {name: value for name, value in held.items() if name != "fields"}


_MENDED: Mapping[type[Shape], Callable[[Document], Document]] = {
    ApprovalRequestSpec: _answer,
    CredentialSpec: _hold,
    ModelSpec: _serve,
    NodeTypeSpec: _OneOf(("image", "gate"), {"gate": "Timer"}),
    Stage: lambda stage: stage if stage.get("users") else stage | {"users": ["ana@example.com"]},
    TriggerSpec: _OneOf(("schedule", "webhook", "event"), {"event": {"type": "com.example.pushed"}}),
}
