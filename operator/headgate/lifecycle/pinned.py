"""The revision that a Run keeps to: the workflow, those that it uses, the node types with their images, the planner.

Content is found again by its hash. What admins tighten meanwhile (policies, credentials, models) is not pinned.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from headgate.api.approvalpolicy import ApprovalPolicySpec
from headgate.api.credential import CredentialSpec
from headgate.api.knowledgebase import KnowledgeBaseSpec
from headgate.api.model import ModelSpec
from headgate.api.nodetype import NodeTypeSpec
from headgate.api.workflow import WorkflowSpec
from headgate.compiler.build.uses import resolve
from headgate.compiler.catalogue import TYPE_NAME, Answer, Catalogue, Found, Missing, StaticCatalogue, TypeVersion
from headgate.compiler.revision import content_hash
from headgate.names import GROUP, child_name, label_of
from headgate_lang import documents

PLANNER = 1
"""Grows when the same content would be planned in another way."""
REVISION = f"{GROUP}/revision"
WORKFLOW = f"{GROUP}/workflow"


@dataclass(frozen=True)
class Pinned:
    name: str
    """Of the workflow."""
    workflow: WorkflowSpec
    workflows: Mapping[str, WorkflowSpec]
    """Those that it uses, and those that they use."""
    types: Mapping[str, NodeTypeSpec]
    """Such as `http.v2`."""
    planner: int
    """Under which it was pinned: whatever upgrades there were since, it stays the same revision."""

    @cached_property
    def digest(self) -> str:
        return documents.digest(
            {
                "planner": self.planner,
                "workflow": content_hash(self.workflow),
                "workflows": {name: content_hash(spec) for name, spec in self.workflows.items()},
                "types": {name: content_hash(spec) for name, spec in self.types.items()},
            }
        )

    @property
    def revision(self) -> str:
        """As people read it."""
        return self.digest.removeprefix("sha256:")[:12]

    @property
    def object_name(self) -> str:
        return child_name(self.name, self.revision)

    @property
    def labels(self) -> Mapping[str, str]:
        return {REVISION: self.revision, WORKFLOW: label_of(self.name)}

    def content(self) -> dict[str, Any]:
        return {
            "planner": self.planner,
            "name": self.name,
            "workflow": _plain(self.workflow),
            "workflows": {name: _plain(spec) for name, spec in self.workflows.items()},
            "types": {name: _plain(spec) for name, spec in self.types.items()},
        }

    def of_child(self, name: str) -> "Pinned":
        """What a Run of a workflow that this one uses keeps to."""
        catalogue = PinnedCatalogue(self, _NOTHING)
        return replace(pin(name, self.workflows[name], catalogue), planner=self.planner)


def read(content: Mapping[str, Any]) -> Pinned:
    """Raises ValueError (pydantic's) or KeyError for what `content` never wrote."""
    return Pinned(
        content["name"],
        WorkflowSpec.model_validate(content["workflow"]),
        {name: WorkflowSpec.model_validate(spec) for name, spec in content["workflows"].items()},
        {name: NodeTypeSpec.model_validate(spec) for name, spec in content["types"].items()},
        content["planner"],
    )


def pin(name: str, workflow: WorkflowSpec, catalogue: Catalogue) -> Pinned:
    """What is there now; what is missing is left out, and told by the check."""
    workflows: dict[str, WorkflowSpec] = {}
    types: dict[str, NodeTypeSpec] = {}
    waiting = [workflow]
    while waiting:
        for text in _uses(waiting.pop()):
            use = resolve(text, catalogue)
            if use.workflow is not None and use.name not in workflows and use.name != name:
                workflows[use.name] = use.workflow
                waiting.append(use.workflow)
            elif use.type is not None:
                types[use.pinned] = use.type
    return Pinned(name, workflow, dict(sorted(workflows.items())), dict(sorted(types.items())), PLANNER)


def _uses(workflow: WorkflowSpec) -> Iterator[str]:
    yield from (node.use for node in (*workflow.nodes, *workflow.finally_))


def _plain(spec: WorkflowSpec | NodeTypeSpec) -> dict[str, Any]:
    return spec.model_dump(mode="json", by_alias=True, exclude_unset=True)


class PinnedCatalogue:
    """Workflows and node types as they were pinned, and all else as it is now."""

    def __init__(self, pinned: Pinned, live: Catalogue) -> None:
        self._pinned = pinned
        self._live = live
        self._types: dict[str, dict[int, TypeVersion]] = {}
        for name, spec in pinned.types.items():
            match = TYPE_NAME.fullmatch(name)
            if match is not None:
                one = TypeVersion(match["name"], int(match["version"]), spec)
                self._types.setdefault(one.name, {})[one.version] = one

    def node_type(self, name: str, version: int | None = None) -> Answer[TypeVersion]:
        versions = self._types.get(name, {})
        wanted = max(versions, default=0) if version is None else version
        return Found(versions[wanted]) if wanted in versions else Missing()

    def workflow(self, name: str) -> Answer[WorkflowSpec]:
        spec = self._pinned.workflows.get(name)
        return Missing() if spec is None else Found(spec)

    def policy(self, name: str) -> Answer[ApprovalPolicySpec]:
        return self._live.policy(name)

    def credential(self, name: str) -> Answer[CredentialSpec]:
        return self._live.credential(name)

    def model(self, name: str) -> Answer[ModelSpec]:
        return self._live.model(name)

    def knowledge_base(self, name: str) -> Answer[KnowledgeBaseSpec]:
        return self._live.knowledge_base(name)


_NOTHING = StaticCatalogue((), complete=True)
