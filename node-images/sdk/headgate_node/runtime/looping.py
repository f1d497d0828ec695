"""The way of a loop: its list, and then its length, its items' parameters, or the items themselves (LANGUAGE §3.5)."""

from collections.abc import Callable
from typing import Any

from headgate_lang.report import MAX_FAILED_ITEMS, Counts, Entry, Error, Failure, Phase
from headgate_lang.task import Loop, Member, Prepare
from headgate_lang.values import ABSENT
from headgate_node.runtime.attempts import Done
from headgate_node.runtime.items import Items, missing_items
from headgate_node.runtime.loops import build_error, build_output, item_schema, why_no_list
from headgate_node.runtime.outputs import ItemOutputs, Place
from headgate_node.runtime.preview import preview_of
from headgate_node.runtime.services import Services

Settle = Callable[[Member, Done, Services, Entry | None], None]
TOLD_EVERY = 50
"""Items, after which a loop that runs tells how far it is."""


async def run_loop(member: Member, at: Services, settle: Settle) -> None:
    """Carry out a member with a list: tell it by `settle`, or each item of its own."""
    loop = member.loop
    assert loop is not None
    listed = await at.resolver.resolve(loop.items)
    error = at.expression_error(listed) if listed.faults else why_no_list(listed.value, at.task.max_items)
    given = listed.value if error is None else []
    error = error or missing_items(loop, given)
    if member.prepare is not None:
        settle(member, Done(error=error) if error else await _prepare(member, given, at), at, _length(given))
    elif loop.only is not None:
        await _run_apart(member, loop, given, error, at)
    elif error is not None:
        settle(member, Done(error=error), at, None)
    else:
        settle(member, *await _run_whole(member, loop, given, at))


def _length(given: list[Any]) -> Entry:
    return Entry(Phase.RUNNING, length=len(given))


async def _prepare(member: Member, given: list[Any], at: Services) -> Done:
    if member.prepare is Prepare.LENGTH:
        return Done(attempts=1)
    owns = [{"item": item, "index": index} for index, item in enumerate(given)]
    parameters = {}
    schema = item_schema(member.loop.items if member.loop else None, at.roots.schema)
    schemas = {"item": schema} if schema is not None else None
    for index, resolved in enumerate(await at.resolver.resolve_each(member.with_, owns, schemas)):
        if resolved.faults:
            error = at.expression_error(resolved)
            return Done(error=Error(error.reason, f"item {index}: {error.message}", 0))
        parameters[str(index)] = at.mask.value({} if resolved.value is ABSENT else resolved.value)
    return Done(parameters, attempts=1)


async def _run_whole(member: Member, loop: Loop, given: list[Any], at: Services) -> tuple[Done, Services, Entry]:
    """All items here, as one instance."""
    node = at.find_node(member.use)
    outputs: dict[int, Any] = {}
    failed: list[Failure] = []
    usage: dict[str, float] = {}

    def counted() -> Entry:
        counts = Counts(len(given), len(outputs), len(failed))
        some = sorted(failed, key=lambda one: one.index)[:MAX_FAILED_ITEMS]
        return Entry(Phase.RUNNING, counts=counts, length=len(given), failed=tuple(some))

    def ended(index: int, item: Any, done: Done) -> bool:
        for what, amount in done.usage.items():
            usage[what] = usage.get(what, 0) + amount
        if done.error is not None:
            failed.append(Failure(index, done.error, at.mask.value(item)))
        else:
            outputs[index] = done.output
        if (len(outputs) + len(failed)) % TOLD_EVERY == 0:
            at.reporter.update(member.node, counted())
        return done.error is not None

    await at.reporter.start(member.node)
    items = Items(member, loop, node, given, at)
    await items.run(ended)
    entry = counted()
    if items.is_lost:
        return Done(error=build_error(entry.failed, len(failed), len(given), loop.tolerate), usage=usage), at, entry
    return Done(build_output(outputs, entry.failed), attempts=1, usage=usage), at, entry


async def _run_apart(member: Member, loop: Loop, given: list[Any], error: Error | None, at: Services) -> None:
    """Some of the items, each an instance of its own; others run elsewhere."""
    outputs = at.outputs.items_of(member)
    at.reporter.before_ends(outputs.write)

    def ended(index: int, item: Any, done: Done) -> bool:
        entry = _item_entry(item, done, outputs, index, member, at)
        at.reporter.settle(f"{member.node}[{index}]", entry)
        return entry.phase is Phase.FAILED

    if error is not None:
        for index in loop.only or ():
            ended(index, None, Done(error=error))
        return
    await Items(member, loop, at.find_node(member.use), given, at).run(ended)


def _item_entry(item: Any, done: Done, outputs: ItemOutputs, index: int, member: Member, at: Services) -> Entry:
    error, size, place, preview = done.error, None, None, None
    if error is None:
        placed = outputs.add(index, done.output)
        size, place = placed.size, placed.place
        error = placed.error(member.limit) if place is None else None
        preview = preview_of(done.output)
    if error is not None:
        masked = at.mask.value(item)
        return Entry(Phase.FAILED, error.reason, error.message, None, error.attempts, usage=done.usage, item=masked)
    return Entry(
        Phase.SUCCEEDED,
        attempts=done.attempts,
        usage=done.usage,
        size=size,
        is_large=place is Place.STORE,
        is_kept=place is not Place.NOWHERE,
        preview=preview,
    )
