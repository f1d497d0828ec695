"""Creates a Run, and shows it if that is wanted. `run`, `retry` and `skip` ask."""

from typing import Any

from headgate.cli.cluster.reading import follow_run
from headgate.cli.cluster.session import Session
from headgate.cli.cluster.showing import follow
from headgate.cli.command import GOOD
from headgate.kube.kinds import RUN
from headgate.names import MAX_RUN_NAME, child_name

_ADDED = 6
"""Characters that the API server adds to a `generateName`, the dash before them included."""


async def create_run(session: Session, spec: dict[str, Any], name: str | None = None) -> str:
    """`name`: if a person chose one. Gives the name that it got."""
    prefix = f"{child_name(spec['workflow'], limit=MAX_RUN_NAME - _ADDED)}-"
    metadata = {"name": name} if name else {"generateName": prefix}
    thing = {"apiVersion": RUN.api_version, "kind": RUN.name, "metadata": metadata, "spec": spec}
    made = await session.client.create(RUN, thing, session.namespace)
    return str(made["metadata"]["name"])


async def show_created(session: Session, name: str, *, watch: bool, plain: bool = False) -> int:
    out = session.streams.out
    if watch:
        return await follow(session, follow_run(session, name), plain=plain)
    out.write(f"run.headgate.dev/{name} created\n")
    session.streams.err.write(f"see it with: {session.program} watch {name}{session.at}\n")
    return GOOD
