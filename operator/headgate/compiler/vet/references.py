"""Parameters that name objects (LANGUAGE §3.9): of a kind that there is, where the compiler looks for them."""

from collections.abc import Iterator, Mapping
from typing import Any

from headgate.api.model import Task
from headgate.api.nodetype import NodeTypeSpec
from headgate.compiler.build.objects import KINDS
from headgate.compiler.reasons import ProblemReason
from headgate.compiler.vet.marks import ACCEPTS, REF
from headgate.errors import SPEC, Item, Path, Problem
from headgate_lang.near import did_you_mean
from headgate_lang.schema.keywords import is_schema, types_of

_TYPED = ("Credential", "Model")
"""The kinds whose objects are of several types, of which a parameter may accept some."""


def named_kinds(params: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The parameters that name objects, with the kind."""
    for name, schema in params.items():
        if is_schema(schema) and REF in schema:
            yield name, schema[REF]


def check_references(spec: NodeTypeSpec) -> Iterator[Problem]:
    for name, kind in named_kinds(spec.params):
        yield from _reference(SPEC / "params" / name, spec.params[name], kind)
    for name, schema in spec.params.items():
        if is_schema(schema) and ACCEPTS in schema:
            yield from _accepts(SPEC / "params" / name / ACCEPTS, schema)


def _reference(path: Path, schema: Mapping[str, Any], kind: Any) -> Iterator[Problem]:
    if not isinstance(kind, str) or kind not in KINDS:
        remedy = did_you_mean(str(kind), KINDS) or f"write one of {', '.join(sorted(KINDS))}"
        yield _invalid(path / REF, f"no parameter names `{kind}`", remedy)
    if types_of(schema) != ("string",):
        yield _invalid(path / "type", "what names an object is a text", "write `type: string`")


def _accepts(path: Path, schema: Mapping[str, Any]) -> Iterator[Problem]:
    accepted, kind = schema[ACCEPTS], schema.get(REF)
    if kind not in _TYPED:
        message = f"`{ACCEPTS}` is said of a parameter that names a Credential or a Model"
        yield _invalid(path, message, "write `x-ref: Credential` beside it, or take it out")
    if not isinstance(accepted, list) or not accepted or not all(isinstance(one, str) for one in accepted):
        yield _invalid(path, "this is no list of names", "write a list: `[apiKey, bearer]`")
    elif kind == "Model":
        for index, one in enumerate(accepted):
            if one not in tuple(Task):
                remedy = did_you_mean(one, Task) or f"write one of {', '.join(Task)}"
                yield _invalid(path / Item(index), f"no model does `{one}`", remedy)


def _invalid(path: Path, message: str, remedy: str) -> Problem:
    return Problem(path, ProblemReason.INVALID_SCHEMA, message, remedy)
