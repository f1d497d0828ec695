"""Forms in a document: name → JSON Schema. Are they schemas? Those in a Workflow are for `check`, which knows more."""

from collections.abc import Iterator, Mapping
from typing import Any

from headgate.api.approvalrequest import ApprovalRequest
from headgate.api.common import Resource
from headgate.api.nodetype import NodeType
from headgate.compiler.document.places import Location, at, reach
from headgate.compiler.reasons import ProblemReason
from headgate.errors import Problem
from headgate_lang.schema import check_form

_FORMS: Mapping[type[Resource], tuple[Location, ...]] = {
    ApprovalRequest: (("spec", "binding", "form"),),
    NodeType: (("spec", "params"), ("spec", "output")),
}


def schema_problems(kind: type[Resource], document: Mapping[str, Any]) -> Iterator[Problem]:
    """Whatever in the forms of a document is no schema."""
    for location in _FORMS.get(kind, ()):
        form = at(document, location)
        if isinstance(form, Mapping):
            for violation in check_form(form):
                _, path = reach(document, (*location, *violation.path))
                yield Problem(path, ProblemReason.INVALID_SCHEMA, violation.message, violation.remedy)
