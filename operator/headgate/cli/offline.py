"""The catalogue of the files that were given, without a cluster. It notes what it could not look up."""

from collections.abc import Iterable
from typing import TypeVar

from headgate.api.approvalpolicy import ApprovalPolicySpec
from headgate.api.common import Resource
from headgate.api.credential import CredentialSpec
from headgate.api.knowledgebase import KnowledgeBaseSpec
from headgate.api.model import ModelSpec
from headgate.api.workflow import WorkflowSpec
from headgate.compiler.catalogue import Answer, NotLookedUp, StaticCatalogue, TypeVersion, builtin

T = TypeVar("T")

_ORDER = ("policy", "model", "knowledge base", "credential", "node type", "workflow")


class OfflineCatalogue(StaticCatalogue):
    def __init__(self, objects: Iterable[Resource]) -> None:
        super().__init__([*builtin(), *objects])
        self._unseen: set[tuple[str, str]] = set()

    @property
    def note(self) -> str:
        """What was assumed to exist, in one sentence; empty if nothing was."""
        names = [
            f"{kind} {name}" for kind, name in sorted(self._unseen, key=lambda one: (_ORDER.index(one[0]), one[1]))
        ]
        return f"{', '.join(names)} {'was' if len(names) == 1 else 'were'} not looked up (no cluster)" if names else ""

    def node_type(self, name: str, version: int | None = None) -> Answer[TypeVersion]:
        used = name if version is None else f"{name}@{version}"
        return self._noted("node type", used, super().node_type(name, version))

    def workflow(self, name: str) -> Answer[WorkflowSpec]:
        return self._noted("workflow", name, super().workflow(name))

    def policy(self, name: str) -> Answer[ApprovalPolicySpec]:
        return self._noted("policy", name, super().policy(name))

    def credential(self, name: str) -> Answer[CredentialSpec]:
        return self._noted("credential", name, super().credential(name))

    def model(self, name: str) -> Answer[ModelSpec]:
        return self._noted("model", name, super().model(name))

    def knowledge_base(self, name: str) -> Answer[KnowledgeBaseSpec]:
        return self._noted("knowledge base", name, super().knowledge_base(name))

    def _noted(self, kind: str, name: str, answer: Answer[T]) -> Answer[T]:
        if isinstance(answer, NotLookedUp):
            self._unseen.add((kind, name))
        return answer
