"""What `use` means: a node type of some version, or another workflow."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from headgate.api.nodetype import NodeTypeSpec
from headgate.api.workflow import WorkflowSpec
from headgate.compiler.build.objects import KINDS
from headgate.compiler.catalogue import Answer, Catalogue, Found, NotLookedUp, TypeVersion
from headgate.compiler.document.repair import UNSAID
from headgate.compiler.graph import Role
from headgate.compiler.sound import sound_form
from headgate_lang.schema.keywords import Fields

_USE = re.compile(r"(?P<type>[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)(?:@(?P<version>[1-9][0-9]{0,3}))?")
_WORKFLOW = re.compile(r"workflow/(?P<name>[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?)")


@dataclass(frozen=True)
class Use:
    """What a node carries out. Without an answer, what stands at `use` says nothing that could be looked up; where
    nothing stands there, `parse` has told so."""

    text: str
    role: Role = Role.WORK
    pinned: str = ""
    """As a revision keeps it: `http.v2`, `workflow/translated-text`."""
    answer: Answer[TypeVersion] | Answer[WorkflowSpec] | None = None

    @cached_property
    def type(self) -> NodeTypeSpec | None:
        found = self.answer
        return found.value.spec if isinstance(found, Found) and isinstance(found.value, TypeVersion) else None

    @cached_property
    def workflow(self) -> WorkflowSpec | None:
        found = self.answer
        return found.value if isinstance(found, Found) and isinstance(found.value, WorkflowSpec) else None

    @property
    def deprecated(self) -> str | None:
        return self.type.deprecated if self.type else None

    @cached_property
    def references(self) -> Mapping[str, Mapping[str, Any]]:
        """The parameters that name objects, with their schemas."""
        params = self.type.params if self.type else {}
        return {name: schema for name, schema in params.items() if _kind_named_by(schema) in KINDS}

    @cached_property
    def params(self) -> Fields | None:
        """What it takes; None where nobody knows."""
        if self.workflow is not None:
            return sound_form(self.workflow.inputs)
        return sound_form(self.type.params) if self.type is not None else None

    @cached_property
    def output(self) -> Fields:
        """What a node type gives. What a workflow gives, only its outputs tell."""
        return sound_form(self.type.output) if self.type is not None else {}

    @property
    def name(self) -> str:
        """What people call it: the type without its version, the workflow without the prefix."""
        return self.text.partition("@")[0].removeprefix("workflow/")


def _kind_named_by(schema: Any) -> str | None:
    kind = schema.get("x-ref") if isinstance(schema, dict) else None
    return kind if isinstance(kind, str) else None


def resolve(text: str, catalogue: Catalogue) -> Use:
    child = _WORKFLOW.fullmatch(text)
    if child is not None:
        return Use(text, Role.CHILD, text, catalogue.workflow(child["name"]))
    version = _USE.fullmatch(text)
    if text == UNSAID:
        return Use(text, answer=NotLookedUp())
    if version is None:
        return Use(text, pinned=text)
    answer = catalogue.node_type(version["type"], int(version["version"]) if version["version"] else None)
    if not isinstance(answer, Found):
        return Use(text, pinned=text, answer=answer)
    return Use(text, Role.GATE if answer.value.spec.gate else Role.WORK, answer.value.pinned, answer)
