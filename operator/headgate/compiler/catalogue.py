"""What checks may look up: node types, and the objects that a workflow names. Answers are values, never exceptions.

Admission and the start of a Run look among the cluster's objects, lint among the files it was given: each is a
`Catalogue`. Asked by `build` and `check`.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Generic, Protocol, TypeVar

import yaml

from headgate.api.approvalpolicy import ApprovalPolicy, ApprovalPolicySpec
from headgate.api.common import Resource
from headgate.api.credential import Credential, CredentialSpec
from headgate.api.knowledgebase import KnowledgeBase, KnowledgeBaseSpec
from headgate.api.model import Model, ModelSpec
from headgate.api.nodetype import NodeType, NodeTypeSpec
from headgate.api.workflow import Workflow, WorkflowSpec
from headgate.compiler.suggestions import Suggestions

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    value: T


@dataclass(frozen=True, slots=True)
class Missing:
    near: str | None = None
    """What was perhaps meant."""
    versions: tuple[int, ...] = ()
    """Of a node type that is there, but not in the version asked for: those that there are."""


@dataclass(frozen=True, slots=True)
class NotLookedUp:
    """It may well exist: nobody looked, for there is no cluster to look in."""


Answer = Found[T] | Missing | NotLookedUp


@dataclass(frozen=True, slots=True)
class TypeVersion:
    """One version of a node type: `http@2`, an object named `http.v2`."""

    name: str
    version: int
    spec: NodeTypeSpec

    @property
    def pinned(self) -> str:
        return f"{self.name}.v{self.version}"


class Catalogue(Protocol):
    def node_type(self, name: str, version: int | None = None) -> Answer[TypeVersion]:
        """The version asked for, or the newest."""
        ...

    def workflow(self, name: str) -> Answer[WorkflowSpec]: ...

    def policy(self, name: str) -> Answer[ApprovalPolicySpec]: ...

    def credential(self, name: str) -> Answer[CredentialSpec]: ...

    def model(self, name: str) -> Answer[ModelSpec]: ...

    def knowledge_base(self, name: str) -> Answer[KnowledgeBaseSpec]: ...


class StaticCatalogue:
    """A catalogue of objects that are at hand. `complete`: what is not among them does not exist."""

    def __init__(self, objects: Iterable[Resource], *, complete: bool = False) -> None:
        self._complete = complete
        self._types: dict[str, dict[int, TypeVersion]] = {}
        self._workflows: dict[str, WorkflowSpec] = {}
        self._policies: dict[str, ApprovalPolicySpec] = {}
        self._credentials: dict[str, CredentialSpec] = {}
        self._models: dict[str, ModelSpec] = {}
        self._knowledge_bases: dict[str, KnowledgeBaseSpec] = {}
        self._suggestions: dict[int, Suggestions] = {}
        for thing in objects:
            self._add(thing.metadata.name or "", thing)

    def node_type(self, name: str, version: int | None = None) -> Answer[TypeVersion]:
        versions = self._types.get(name)
        if versions is None:
            return self._absent(name, self._types)
        wanted = max(versions) if version is None else version
        if wanted in versions:
            return Found(versions[wanted])
        return Missing(versions=tuple(sorted(versions))) if self._complete else NotLookedUp()

    def workflow(self, name: str) -> Answer[WorkflowSpec]:
        return self._look(name, self._workflows)

    def policy(self, name: str) -> Answer[ApprovalPolicySpec]:
        return self._look(name, self._policies)

    def credential(self, name: str) -> Answer[CredentialSpec]:
        return self._look(name, self._credentials)

    def model(self, name: str) -> Answer[ModelSpec]:
        return self._look(name, self._models)

    def knowledge_base(self, name: str) -> Answer[KnowledgeBaseSpec]:
        return self._look(name, self._knowledge_bases)

    def _add(self, name: str, thing: Resource) -> None:
        match thing:
            case NodeType():
                version = TYPE_NAME.fullmatch(name)
                if version is not None:
                    one = TypeVersion(version["name"], int(version["version"]), thing.spec)
                    self._types.setdefault(one.name, {})[one.version] = one
            case Workflow():
                self._workflows[name] = thing.spec
            case ApprovalPolicy():
                self._policies[name] = thing.spec
            case Credential():
                self._credentials[name] = thing.spec
            case Model():
                self._models[name] = thing.spec
            case KnowledgeBase():
                self._knowledge_bases[name] = thing.spec

    def _look(self, name: str, among: Mapping[str, T]) -> Answer[T]:
        found = among.get(name)
        return self._absent(name, among) if found is None else Found(found)

    def _absent(self, name: str, among: Collection[str]) -> Missing | NotLookedUp:
        if not self._complete:
            return NotLookedUp()
        known = self._suggestions.setdefault(id(among), Suggestions(among))
        return Missing(known.nearest(name))


TYPE_NAME = re.compile(r"(?P<name>[a-z0-9]([-a-z0-9]*[a-z0-9])?)\.v(?P<version>[1-9][0-9]{0,3})")


@cache
def builtin() -> tuple[NodeType, ...]:
    """The node types that come with Headgate: the gates, those of the node library, and those that are planned."""
    folder = resources.files("headgate") / "catalogue"
    types: dict[str | None, NodeType] = {}
    for name in ("gates.yaml", "nodes.yaml", "planned.yaml"):
        for document in yaml.load_all((folder / name).read_text(encoding="utf-8"), _SAFE):
            one = NodeType.model_validate(document)
            types.setdefault(one.metadata.name, one)
    return tuple(types.values())


_SAFE = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The safe loader in C, where it was built: the other takes a tenth of a second for this."""
