"""The catalogue of a namespace as the caches have it now: what checks and the start of a Run look things up in.

Nothing is read before it is asked for, and each object is parsed once a version.
"""

from collections import OrderedDict
from collections.abc import Iterable
from typing import TypeVar

from headgate.api.approvalpolicy import ApprovalPolicy, ApprovalPolicySpec
from headgate.api.common import Resource
from headgate.api.credential import Credential, CredentialSpec
from headgate.api.knowledgebase import KnowledgeBase, KnowledgeBaseSpec
from headgate.api.model import Model, ModelSpec
from headgate.api.nodetype import NodeType
from headgate.api.workflow import Workflow, WorkflowSpec
from headgate.compiler.catalogue import TYPE_NAME, Answer, Found, Missing, TypeVersion
from headgate.compiler.parse import parse
from headgate.errors import Severity
from headgate.handlers.world import World
from headgate.kube.cache import Cache
from headgate.kube.kinds import Object
from headgate_lang.near import nearest

T = TypeVar("T")
R = TypeVar("R", bound=Resource)

_MOST_PARSED = 2000
_MOST_COMPARED = 2000
"""Names among which the one is looked for that was perhaps meant."""


class Models:
    """Objects as models: the last few thousand that were asked for. Shared by all namespaces."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str, str], tuple[str, Resource | None]] = OrderedDict()

    def read(self, thing: Object) -> Resource | None:
        """None: the object is not what its kind says, as one may be that is older than the CRD's rules."""
        metadata = thing["metadata"]
        identity = (thing.get("kind", ""), metadata["uid"])
        known = self._known.get(identity)
        if known is None or known[0] != metadata["resourceVersion"]:
            parsed = parse(thing)
            wrong = any(problem.severity is Severity.ERROR for problem in parsed.problems)
            known = (metadata["resourceVersion"], None if wrong else parsed.model)
            self._known[identity] = known
        self._known.move_to_end(identity)
        if len(self._known) > _MOST_PARSED:
            self._known.popitem(last=False)
        return known[1]


class LiveCatalogue:
    """One namespace. `changed`: workflows that are being admitted, which the cache does not have yet."""

    def __init__(self, world: World, models: Models, namespace: str) -> None:
        self._world = world
        self._models = models
        self._namespace = namespace

    def node_type(self, name: str, version: int | None = None) -> Answer[TypeVersion]:
        versions = self._versions_of(name)
        if not versions:
            matches = (TYPE_NAME.fullmatch(known) for _, known in self._world.node_types.names)
            return Missing(_near(name, {match["name"] for match in matches if match}))
        wanted = max(versions) if version is None else version
        if wanted not in versions:
            return Missing(f"{name}@{max(versions)}")
        found = self._read(self._world.node_types, "", f"{name}.v{wanted}", NodeType)
        return Missing() if found is None else Found(TypeVersion(name, wanted, found.spec))

    def workflow(self, name: str) -> Answer[WorkflowSpec]:
        found = self._read(self._world.workflows, self._namespace, name, Workflow)
        return Found(found.spec) if found else self._missing(self._world.workflows, name)

    def policy(self, name: str) -> Answer[ApprovalPolicySpec]:
        found = self._read(self._world.policies, self._namespace, name, ApprovalPolicy)
        return Found(found.spec) if found else self._missing(self._world.policies, name)

    def credential(self, name: str) -> Answer[CredentialSpec]:
        found = self._read(self._world.credentials, self._namespace, name, Credential)
        return Found(found.spec) if found else self._missing(self._world.credentials, name)

    def model(self, name: str) -> Answer[ModelSpec]:
        found = self._read(self._world.models, self._namespace, name, Model)
        return Found(found.spec) if found else self._missing(self._world.models, name)

    def knowledge_base(self, name: str) -> Answer[KnowledgeBaseSpec]:
        found = self._read(self._world.knowledge_bases, self._namespace, name, KnowledgeBase)
        return Found(found.spec) if found else self._missing(self._world.knowledge_bases, name)

    def _versions_of(self, name: str) -> list[int]:
        matches = (TYPE_NAME.fullmatch(known) for _, known in self._world.node_types.names)
        return [int(match["version"]) for match in matches if match and match["name"] == name]

    def _read(self, cache: Cache, namespace: str, name: str, kind: type[R]) -> R | None:
        thing = cache.get(namespace, name)
        found = None if thing is None else self._models.read(thing)
        return found if isinstance(found, kind) else None

    def _missing(self, cache: Cache, name: str) -> Missing:
        return Missing(_near(name, {known for namespace, known in cache.names if namespace == self._namespace}))


def _near(name: str, among: Iterable[str]) -> str | None:
    names = sorted(among)
    return nearest(name, names) if len(names) <= _MOST_COMPARED else None
