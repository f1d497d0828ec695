"""The small graph of a pod: each member starts as soon as all that it needs has ended, in this pod or before it."""

import asyncio
from collections.abc import Mapping

from headgate_lang.report import End
from headgate_lang.task import Member
from headgate_node.runtime.member import run_member
from headgate_node.runtime.services import Services
from headgate_node.runtime.sources import Outside


async def run_bundle(outside: Outside, at: Services) -> None:
    """Carry out all members. What cannot be decided here is left out of the report."""
    for node, document in outside.documents.items():
        at.roots.put(node, document)
    inside: dict[str, asyncio.Task[End | None]] = {}
    running: list[asyncio.Task[End | None]] = []
    for member in at.task.members:  # in topological order: what one needs has its task before it
        needed = {need: inside[need] for need in member.needs if need in inside}
        task = asyncio.ensure_future(_run_in_turn(member, needed, outside, at))
        running.append(task)
        if member.prepare is None:
            inside[member.node] = task
    try:
        await asyncio.gather(*running)
    except asyncio.CancelledError:
        await asyncio.gather(*running, return_exceptions=True)
        raise


async def _run_in_turn(
    member: Member, inside: Mapping[str, asyncio.Task[End | None]], outside: Outside, at: Services
) -> End | None:
    ends: dict[str, End] = {}
    is_open = False
    for need in member.needs:
        end = await asyncio.shield(inside[need]) if need in inside else outside.ends.get(need)
        if end is None:
            is_open = True  # and yet it waits for the others, so that it is never timing that decides
        else:
            ends[need] = end
    return None if is_open else await run_member(member, ends, outside.faults, at)
