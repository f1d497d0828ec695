"""What a Run would create first, as YAML, with comments about what is inside and what comes after. Pure."""

import base64
import json
from collections.abc import Iterable, Iterator
from typing import Any

import yaml

from headgate.api.run import Run
from headgate.api.workflow import Workflow
from headgate.cli.drawing import words
from headgate.cli.drawing.outline import outline
from headgate.compiler.build.objects import vars_under
from headgate.compiler.catalogue import Catalogue, Found
from headgate.compiler.emit import Context, Platform, emit
from headgate.compiler.graph import Graph
from headgate.compiler.known import Known
from headgate.compiler.leg import Leg, Plan
from headgate.compiler.plan import plan
from headgate.compiler.revision import revision
from headgate.compiler.types import form
from headgate.lifecycle.returning import returned_nodes
from headgate_lang import task
from headgate_lang.schema import with_defaults

_UID = "00000000-0000-0000-0000-000000000000"
_STARTED = "1970-01-01T00:00:00Z"
_NOTHING = Known()


def render(workflow: Workflow, run: Run, graph: Graph, catalogue: Catalogue) -> str:
    due = plan(graph, _NOTHING)
    parts = [_comment(_story(workflow, graph, due))]
    for number, leg in enumerate(due.legs, 1):
        manifest = emit(graph, leg, _context(workflow, run, number, catalogue, graph))
        parts += ["---\n", _yaml(manifest), _comment(_tasks(manifest))]
    return "".join(parts)


def _context(workflow: Workflow, run: Run, number: int, catalogue: Catalogue, graph: Graph) -> Context:
    spec = workflow.spec
    return Context(
        run=task.Run(
            name=run.metadata.name or "",
            namespace=workflow.metadata.namespace or "default",
            uid=_UID,
            workflow=run.spec.workflow,
            revision=revision(spec),
            started_at=_STARTED,
            environment=run.spec.environment,
        ),
        number=number,
        known=_NOTHING,
        platform=_platform(catalogue),
        inputs=with_defaults(run.spec.inputs, spec.inputs),
        vars=vars_under(spec, run.spec.environment),
        schemas={"inputs": form(spec.inputs)},
        returned=returned_nodes(graph, spec.outputs),
    )


def _platform(catalogue: Catalogue) -> Platform:
    """An installation with nothing set: its runtime is what runs `set`."""
    found = catalogue.node_type("set")
    assert isinstance(found, Found)
    runtime = found.value.spec
    return Platform(runtime.image or "", runtime.command, executor_account="headgate-executor")


def _story(workflow: Workflow, graph: Graph, due: Plan) -> Iterator[str]:
    nothing = "" if due.legs else " nothing that needs a pod."
    yield f"What a Run of {workflow.metadata.name} would create first:{nothing}"
    for number, leg in enumerate(due.legs, 1):
        yield from _pods(f"leg {number}, " if len(due.legs) > 1 else "", leg)
    at_once = {instance.node for instance in (*due.gates, *due.children)}
    running = {instance.node for leg in due.legs for instance in leg.instances if not instance.prepare}
    nodes = words.drawn(graph)
    yield from _section("At once, without a pod:", outline(node for node in nodes if node.name in at_once))
    later = outline(node for node in nodes if node.name not in at_once | running)
    yield from _section("Later, when what they need has ended:", later)


def _pods(where: str, leg: Leg) -> Iterator[str]:
    for position, bundle in enumerate(leg.bundles):
        yield f"  {where}pod n{position}: {', '.join(str(member).removeprefix('$') for member in bundle.members)}"


def _tasks(manifest: dict[str, Any]) -> Iterator[str]:
    """The task documents, which stand in the manifest in base64, as people can read them."""
    for template in manifest["spec"]["templates"]:
        for variable in template.get("container", {}).get("env", ()):
            if variable["name"] == task.VARIABLE:
                document = json.loads(base64.b64decode(variable["value"]))
                yield from _section(f"What pod {template['name']} is told:", _yaml(document).splitlines())


def _section(title: str, lines: Iterable[str]) -> Iterator[str]:
    lines = list(lines)
    if lines:
        yield from ("", title, *(f"  {line}" for line in lines))


def _comment(lines: Iterable[str]) -> str:
    return "".join(f"# {line}".rstrip() + "\n" for line in lines)


class _Dumper(yaml.SafeDumper):
    """Without anchors: people read it."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _yaml(document: Any) -> str:
    return yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=200)
