"""What a local Run needs that only a cluster has, found before anything starts: all of it told at once.

Values of credentials, addresses of models, programs for node types whose images are not started here, other workflows.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from headgate.api.approvalrequest import Question
from headgate.api.nodetype import Gate, NodeTypeSpec
from headgate.api.workflow import OnError, WorkflowSpec
from headgate.cli.local.given import Given
from headgate.cli.local.runtime import PROGRAM
from headgate.compiler.build import build
from headgate.compiler.build.uses import resolve
from headgate.compiler.catalogue import Catalogue, Found
from headgate.compiler.emit import models_named
from headgate.compiler.graph import Graph, Node, Role
from headgate.lifecycle.approvals.recovery import POLICY as RECOVERY
from headgate.lifecycle.pinned import pin

_ASKS: Mapping[Gate | None, Question] = {
    Gate.APPROVAL: Question.APPROVAL,
    Gate.CLARIFICATION: Question.CLARIFICATION,
}


@dataclass
class Needs:
    """What the workflows of one Run name."""

    graphs: dict[str, Graph] = field(default_factory=dict)
    """By workflow."""
    types: dict[str, NodeTypeSpec] = field(default_factory=dict)
    """`http.v1` → the type."""
    policies: set[str] = field(default_factory=set)
    askers: dict[str, set[Question]] = field(default_factory=dict)
    """The nodes that ask people, or may, and what."""
    credentials: dict[str, str] = field(default_factory=dict)
    """Credential → a node that uses it, for people."""
    models: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    @property
    def type_names(self) -> list[str]:
        """Without their versions."""
        return sorted({name.rpartition(".v")[0] for name in self.types})

    def packages(self, commands: Collection[str]) -> list[str]:
        """Those that the runtime must have: of types that nothing else runs."""
        specs = [spec for name, spec in self.types.items() if name.rpartition(".v")[0] not in commands]
        return sorted({spec.command[1] for spec in specs if _is_runtime(spec) and len(spec.command) > 1})


def find_needs(
    name: str, workflow: WorkflowSpec, catalogue: Catalogue, environment: str | None, inputs: Mapping[str, Any]
) -> Needs:
    pinned = pin(name, workflow, catalogue)
    needs = Needs(types=dict(pinned.types))
    for its_name, spec in {name: workflow, **pinned.workflows}.items():
        its_environment = environment if spec.environments else None
        needs.graphs[its_name] = build(spec, catalogue, its_environment).graph
        needs.problems += _missing(its_name, spec, catalogue, name)
        for node in needs.graphs[its_name]:
            _add(needs, node, its_name, inputs if its_name == name else {})
    return needs


def _add(needs: Needs, node: Node, workflow: str, inputs: Mapping[str, Any]) -> None:
    where = f"{node.name} of {workflow}"
    gate = node.type.gate if node.type else None
    if gate in _ASKS:
        needs.askers.setdefault(node.name, set()).add(_ASKS[gate])
    if node.policy:
        needs.policies.add(node.policy)
    if node.on_error is OnError.ASK:
        needs.askers.setdefault(node.name, set()).add(Question.RECOVERY)
        needs.policies.add(RECOVERY)
    for one in node.credentials:
        needs.credentials.setdefault(one, where)
    for one in models_named(node, inputs):
        needs.models.setdefault(one, where)


def _missing(name: str, spec: WorkflowSpec, catalogue: Catalogue, root: str) -> Iterator[str]:
    for node in (*spec.nodes, *spec.finally_):
        use = resolve(node.use, catalogue)
        if use.role is Role.CHILD and use.workflow is None and use.name != root:
            yield f"{node.name} of {name} uses workflow {use.name}: give the file that has it as well"
        elif use.role is not Role.CHILD and use.type is None:
            yield f"{node.name} of {name} uses {node.use}, which is no node type of Headgate: give the file that has it"


def check_needs(needs: Needs, catalogue: Catalogue, given: Given, commands: Mapping[str, Sequence[str]]) -> list[str]:
    """Everything that is lacking, a sentence each."""
    return [
        *needs.problems,
        *_lacking_programs(needs, commands),
        *_lacking_credentials(needs, catalogue, given),
        *_lacking_models(needs, catalogue, given),
    ]


def _is_runtime(spec: NodeTypeSpec) -> bool:
    return bool(spec.command) and spec.command[0] == PROGRAM


def _lacking_programs(needs: Needs, commands: Mapping[str, Sequence[str]]) -> Iterator[str]:
    for name, spec in needs.types.items():
        short = name.rpartition(".v")[0]
        if spec.gate is None and not _is_runtime(spec) and short not in commands:
            runs = " ".join(spec.command) or "its image"
            yield (
                f"{name} runs {runs} in an image, and images are not started here: say what runs in its place with "
                f"--command {short}=COMMAND"
            )


def _lacking_credentials(needs: Needs, catalogue: Catalogue, given: Given) -> Iterator[str]:
    for name, where in needs.credentials.items():
        if name not in given.credentials:
            yield f"{where} uses credential {name}: give its values with --secrets FILE"
        elif given.credentials[name].type is None and not isinstance(catalogue.credential(name), Found):
            yield f"credential {name} is not among the files: say its `type` in --secrets FILE"


def _lacking_models(needs: Needs, catalogue: Catalogue, given: Given) -> Iterator[str]:
    for name, where in needs.models.items():
        said = given.models.get(name)
        if said is not None and said.url is not None:
            continue
        found = catalogue.model(name)
        external = found.value.external if isinstance(found, Found) else None
        if external is None:
            yield f"{where} asks model {name}: say where it answers with --model {name}=URL"
        elif external.key is not None and (said is None or said.key is None):
            yield f"model {name} has a key: give it as models.{name}.key in --secrets FILE"
