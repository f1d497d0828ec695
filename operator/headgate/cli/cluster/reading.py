"""Reads what commands show: a Run, the graph that it keeps to, the requests that it waits for."""

import asyncio
from collections.abc import AsyncIterator
from typing import TypeVar

from pydantic import ValidationError

from headgate.api.approvalrequest import ApprovalRequest
from headgate.api.common import Resource
from headgate.api.run import NodePhase, Run
from headgate.cli.cluster.session import Session, StoppedError
from headgate.compiler.build import build
from headgate.compiler.catalogue import StaticCatalogue
from headgate.compiler.graph import Graph
from headgate.kube.answers import parse
from headgate.kube.errors import GoneError, KubeError, NotFoundError, TransientError, error_from
from headgate.kube.kinds import APPROVAL_REQUEST, REVISION, RUN, Kind, Object
from headgate.lifecycle.pinned import PinnedCatalogue, read
from headgate.names import child_name
from headgate_lang.near import did_you_mean

Thing = TypeVar("Thing", bound=Resource)

_MOST_REQUESTS = 20
_WATCH_SECONDS = 300
_PAUSE = 1.0
"""After a watch that broke off."""


async def fetch_run(session: Session, name: str) -> Run:
    return as_thing(Run, await fetch(session, RUN, name))


async def fetch(session: Session, kind: Kind, name: str) -> Object:
    """Raises StoppedError with the names that are near, for one that is not there."""
    try:
        return await session.client.get(kind, name, session.namespace)
    except NotFoundError:
        there = await session.client.list_page(kind, session.namespace)
        near = did_you_mean(name, [one["metadata"]["name"] for one in there.items])
        what = f"{kind.plural}.{kind.group}" if kind.group else kind.plural  # `workflows` alone may be Argo's
        remedy = near or f"see kubectl get {what} -n {session.namespace}"
        raise StoppedError(f"there is no {kind.name} {name} in namespace {session.namespace}: {remedy}") from None


def as_thing(model: type[Thing], thing: Object) -> Thing:
    """Raises StoppedError for an object that this version cannot read."""
    try:
        return model.model_validate(thing)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(step) for step in first["loc"])
        what = f"{thing.get('kind') or model.__name__} {thing['metadata']['name']}"
        raise StoppedError(f"{what} is not as this version of headgate knows it: {field}: {first['msg']}") from None


def check_node(run: Run, node: str | None) -> None:
    """Raises StoppedError for a node that the Run does not have."""
    known = run.status.nodes if run.status else {}
    if node is not None and node not in known:
        remedy = did_you_mean(node, known) or f"it has {', '.join(list(known)[:12]) or 'none yet'}"
        raise StoppedError(f"{run.metadata.name} has no node {node}: {remedy}")


async def fetch_graph(session: Session, run: Run) -> Graph | None:
    """What the Run keeps to; None if that cannot be read, or nothing is pinned yet."""
    revision = run.status.revision if run.status else None
    if revision is None:
        return None
    try:
        found = await session.client.find(REVISION, child_name(run.spec.workflow, revision), session.namespace)
        pinned = read(found["data"]) if found else None
    except (KubeError, KeyError, ValueError):
        return None  # what is shown without it is less, and true
    if pinned is None:
        return None
    catalogue = PinnedCatalogue(pinned, StaticCatalogue(()))
    return build(pinned.workflow, catalogue, run.spec.environment).graph


async def fetch_requests(session: Session, run: Run) -> dict[str, ApprovalRequest]:
    """Those that it waits for. One that cannot be read is left out: the Run's own words stay."""
    nodes = run.status.nodes.values() if run.status else ()
    names = [node.request for node in nodes if node.request and node.phase is NodePhase.WAITING]
    found = {}
    for name in names[:_MOST_REQUESTS]:
        try:
            thing = await session.client.find(APPROVAL_REQUEST, name, session.namespace)
            if thing is not None:
                found[name] = ApprovalRequest.model_validate(thing)
        except (KubeError, ValidationError):
            continue
    return found


async def follow_run(session: Session, name: str) -> AsyncIterator[Run]:
    """The Run as it is, and again whenever it changes; ends when it is gone."""
    thing: Object | None = await fetch(session, RUN, name)
    while thing is not None:
        yield as_thing(Run, thing)
        version = thing["metadata"]["resourceVersion"]
        async for changed in _watch(session, name, version):
            if changed is None:
                return
            yield as_thing(Run, changed)
        thing = await session.client.find(RUN, name, session.namespace)


async def _watch(session: Session, name: str, version: str) -> AsyncIterator[Object | None]:
    """None: it is gone. Ends as `events`."""
    async for type_, thing in events(session, RUN, session.namespace, version, fieldSelector=f"metadata.name={name}"):
        yield None if type_ == "DELETED" else thing


async def events(
    session: Session, kind: Kind, namespace: str | None, version: str, *, seconds: int = _WATCH_SECONDS, **more: str
) -> AsyncIterator[tuple[str, Object]]:
    """What happens after a version: type and object. Ends when the API server ends it, or the network: whoever wants
    more reads anew, and hears then whether anybody answers."""
    asked = {"watch": "true", "resourceVersion": version, "timeoutSeconds": str(seconds), **more}
    try:
        async with session.client.stream(kind, kind.path(namespace), asked, seconds=seconds + 10) as lines:
            async for line in lines:
                event = parse(line)
                if event["type"] == "ERROR":
                    raise error_from(f"watch {kind.plural}", int(event["object"].get("code", 500)), event["object"])
                if event["type"] != "BOOKMARK":
                    yield event["type"], event["object"]
    except (GoneError, TimeoutError):
        return
    except TransientError:
        await asyncio.sleep(_PAUSE)
