"""The task document of a pod: its members, what they read, what the pod must tell."""

from collections.abc import Mapping
from typing import Any

from headgate.compiler import loop as loops
from headgate.compiler import sizes
from headgate.compiler.emit.context import Context
from headgate.compiler.emit.doubles import find_doubles
from headgate.compiler.emit.files import Files
from headgate.compiler.emit.limits import Limit
from headgate.compiler.emit.secrets import build_credentials, build_models
from headgate.compiler.emit.wiring import Part, Pod
from headgate.compiler.graph import Graph, Node, Role
from headgate.compiler.known import Instance
from headgate.compiler.plan import seen
from headgate_lang.fate import Outcome
from headgate_lang.report import End
from headgate_lang.task import VERSION, Items, Loop, Member, Prepare, Source, Task


def build_task(graph: Graph, pod: Pod, files: Files, limit: Limit, context: Context) -> Task:
    inputs = {name for part in pod.parts for name in part.node.inputs}
    if any(part.rule is not None for part in pod.parts):
        inputs = set(context.inputs)  # a policy may read any of them
    return Task(
        version=VERSION,
        run=context.run,
        members=tuple([_member(pod, number, limit) for number in range(len(pod.parts))]),
        inputs={name: value for name, value in context.inputs.items() if name in inputs},
        vars=context.vars,
        schemas=_schemas(pod, context) if context.schemas else {},
        sources={need: _source(graph[need], bool(places), files, context) for need, places in pod.needs.items()},
        tells=tuple(pod.tells),
        go={f"go-n{position}": followers for position, followers in pod.go.items()},
        credentials=build_credentials(pod, context),
        models=build_models(pod, context),
        http=context.http,
        parallelism=graph.parallelism,
        max_items=context.max_items,
        report_limit=sizes.report_limit(pod.instances),
        has_store=context.platform.store_prefix is not None,
    )


def _member(pod: Pod, number: int, limit: Limit) -> Member:
    part = pod.parts[number]
    node = part.node
    return Member(
        node=node.name,
        use=node.use,
        document=f"o{number}",
        limit=limit(pod, number),
        is_read=part.is_read,
        needs=node.needs,
        when=None if part.only else node.when,
        with_=node.params,
        loop=_loop(pod, part),
        prepare=_prepare(node) if part.prepares else None,
        rule=part.rule,
        timeout=part.timeout,
        retry=part.retry,
        on_error=node.on_error,
    )


def _loop(pod: Pod, part: Part) -> Loop | None:
    loop = part.node.loop
    if loop is None:
        return None
    return Loop(loop.items, pod.at_once or loop.parallelism, loop.tolerate, part.only)


def _prepare(node: Node) -> Prepare:
    if node.role is Role.WORK:
        return Prepare.LENGTH
    return Prepare.PARAMETERS if node.loop is None else Prepare.ITEMS


def _source(node: Node, runs_in_leg: bool, files: Files, context: Context) -> Source:
    return Source(
        end=None if runs_in_leg else _end(node, context),
        ends=files.ends.get(node.name, ()),
        documents=files.documents.get(node.name, ()),
        items=_items(node, runs_in_leg, context),
    )


def _end(node: Node, context: Context) -> End:
    settled = context.known.settled[Instance(node.name)]
    return End(seen(node, settled.outcome), context.errors.get(node.name), context.failed_items.get(node.name, ()))


def _items(node: Node, runs_in_leg: bool, context: Context) -> Items | None:
    """Of a loop whose items ended one by one. What a person gave in its place is whole."""
    if node.loop is None or not node.is_expanded or Instance(node.name) in context.documents:
        return None
    settled = context.known.settled
    if not runs_in_leg and not settled[Instance(node.name)].outcome & Outcome.SUCCEEDED:
        return None
    length = loops.length_of(node.loop, settled.get(Instance(node.name, prepare=True)))
    return Items(length, node.loop.tolerate, node.on_error)


def _schemas(pod: Pod, context: Context) -> Mapping[str, Any]:
    roots = {"inputs", *(name for part in pod.parts for name in part.node.reads)}
    found = ((root, find_doubles(context.schemas.get(root))) for root in sorted(roots))
    return {root: doubles for root, doubles in found if doubles}
