"""The way of one member: its needs, then `when`, `forEach`, `with`, then its run, and its output (LANGUAGE §3.7.7).

Whatever goes wrong on it is the error of this member, and of nobody else.
"""

import traceback
from collections.abc import Mapping

from headgate_lang.fate import Fate, Outcome, fate
from headgate_lang.reasons import Reason
from headgate_lang.report import End, Entry, Error, Phase
from headgate_lang.resolve import truth_of
from headgate_lang.task import Member, Prepare
from headgate_lang.values import ExpressionError
from headgate_node.error import NodeError
from headgate_node.runtime.attempts import Done
from headgate_node.runtime.conclusion import end_of, instances_of
from headgate_node.runtime.looping import run_loop
from headgate_node.runtime.outputs import Place
from headgate_node.runtime.preparing import OUTPUTS, prepare
from headgate_node.runtime.preview import preview_of
from headgate_node.runtime.roots import build_error
from headgate_node.runtime.services import Services
from headgate_node.runtime.stopping import Stopped


async def run_member(member: Member, needs: Mapping[str, End], faults: Mapping[str, str], at: Services) -> End | None:
    """Carry a member out whose needs have ended so, and tell of it; None if it is open how it ends.

    `faults`: of needs whose output cannot be read, why.
    """
    verdict, cause = fate(member.needs, {need: end.outcome for need, end in needs.items()})
    if verdict is not Fate.RUN:
        return _not_run(member, verdict, cause, needs, at)
    try:
        at.stopping.check()
        told = [faults[need] for need in member.needs if need in faults]
        if told:
            _settle(member, Done(error=Error(Reason.EXPRESSION_ERROR, "; ".join(told), 0)), at)
        elif await _asks_for_it(member, at):
            await _run(member, at)
    except Stopped:
        return None
    except (ExpressionError, NodeError) as error:
        reason = error.reason if isinstance(error, NodeError) else Reason.EXPRESSION_ERROR
        _settle(member, Done(error=Error(reason, at.mask.text(str(error)), 0)), at)
    except Exception as error:  # noqa: BLE001 - a fault of the runtime's ends this member, and is told
        at.tell({"type": "log", "level": "error", "message": traceback.format_exc(), "node": member.node})
        message = at.mask.text(f"the runtime failed: {type(error).__name__}: {error}")
        _settle(member, Done(error=Error("InternalError", message)), at)
    return _end(member, at)


def _not_run(member: Member, verdict: Fate, cause: str | None, needs: Mapping[str, End], at: Services) -> End | None:
    if verdict is Fate.OMITTED:
        entry = Entry(Phase.OMITTED, Reason.NEED_FAILED, cause=cause)
    else:
        came_well = cause is not None and bool(needs[cause].outcome & Outcome.SUCCEEDED)
        entry = Entry(Phase.SKIPPED, Reason.NOT_NEEDED if came_well else Reason.NEED_SKIPPED, cause=cause)
    return _told_as(member, entry, at)


def _told_as(member: Member, entry: Entry, at: Services) -> End | None:
    """Of items of a loop that do not run there is nothing to say: how the whole ends, the planner derives."""
    if member.loop is not None and member.loop.only is not None:
        return None
    at.reporter.settle(instances_of(member)[0], entry)
    return _end(member, at)


async def _asks_for_it(member: Member, at: Services) -> bool:
    if member.when is None or truth_of(await at.resolver.resolve(member.when)):
        return True
    _told_as(member, Entry(Phase.SKIPPED, Reason.WHEN_FALSE), at)
    return False


async def _run(member: Member, at: Services) -> None:
    if member.prepare is Prepare.PARAMETERS or (member.prepare is None and member.use == OUTPUTS):
        _settle(member, await prepare(member, at), at)
    elif member.loop is not None or member.prepare is not None:
        await run_loop(member, at, _settle)
    else:
        _settle(member, await _run_once(member, at), at)


async def _run_once(member: Member, at: Services) -> Done:
    resolved = await at.resolver.resolve(member.with_)
    if resolved.faults:
        return Done(error=at.expression_error(resolved))
    node = at.find_node(member.use)
    async with at.slot:
        at.stopping.check()
        await at.reporter.start(member.node)
        return await at.attempts.run(member, node, resolved.value, member.node)


def _settle(member: Member, done: Done, at: Services, entry: Entry | None = None) -> None:
    """Write the output, put it where the others read it, and tell how the member ended.

    `entry` has what is to be told beside that, of a loop.
    """
    instance = instances_of(member)[0]
    told = entry or Entry(Phase.FAILED)
    error, size, place, preview = done.error, None, None, None
    if error is None and done.output is not None:
        placed = at.outputs.write(member, done.output)
        size, place = placed.size, placed.place
        if place is None:
            error = placed.error(member.limit)
        else:
            preview = preview_of(done.output)
    at.reporter.settle(
        instance,
        Entry(
            phase=Phase.FAILED if error else Phase.SUCCEEDED,
            reason=error.reason if error else "",
            message=error.message if error else "",
            attempts=error.attempts if error and not size else done.attempts,
            usage=done.usage,
            size=size,
            is_large=place is Place.STORE,
            is_kept=place is not Place.NOWHERE,
            preview=preview,
            length=told.length,
            counts=told.counts,
            failed=told.failed,
        ),
    )
    if member.prepare is None and error is None:
        at.roots.put(member.node, done.output)


def _end(member: Member, at: Services) -> End | None:
    """How it looks to others, who may read its error."""
    if member.prepare is not None:
        return None
    end = end_of(member, at.reporter.entries)
    if end is not None and end.outcome & Outcome.FAILED:
        at.roots.put(member.node, build_error(end))
    return end
