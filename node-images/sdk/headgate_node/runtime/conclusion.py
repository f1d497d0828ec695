"""What a pod tells the later pods of its leg: how its nodes ended, and which of those pods need not start. Pure.

It follows from the task and the entries of the report, so that the supervisor can tell it too where the worker died.
"""

from collections.abc import Mapping, Sequence

from headgate_lang.fate import Outcome
from headgate_lang.report import MAX_FAILED_ITEMS, End, Entry, Error, Failure, Phase
from headgate_lang.sieve import can_run
from headgate_lang.task import Member, Task
from headgate_node.runtime.loops import look_of

_OUTCOMES = {
    Phase.SUCCEEDED: Outcome.SUCCEEDED,
    Phase.SKIPPED: Outcome.SKIPPED,
    Phase.FAILED: Outcome.FAILED,
    Phase.OMITTED: Outcome.OMITTED,
}


def instances_of(member: Member) -> Sequence[str]:
    if member.prepare is not None:
        return [f"{member.node}/prepare"]
    if member.loop is not None and member.loop.only is not None:
        return [f"{member.node}[{index}]" for index in member.loop.only]
    return [member.node]


def build_ends(task: Task, entries: Mapping[str, Entry]) -> dict[str, End]:
    """Node → how it ended, as it looks to others. Of what is open there is no answer."""
    ends = {}
    for member in task.members:
        end = None if member.prepare is not None else end_of(member, entries)
        if end is not None:
            ends[member.node] = end
    return ends


def build_go(task: Task, ends: Mapping[str, End]) -> dict[str, bool]:
    """File → whether the later pod can have anything to run."""
    ended = {node: end.outcome for node, end in ends.items()}
    return {name: can_run(followers, ended) for name, followers in task.go.items()}


def end_of(member: Member, entries: Mapping[str, Entry]) -> End | None:
    if member.loop is not None and member.loop.only is not None:
        return _end_of_items(member, member.loop.only, entries)
    entry = entries.get(member.node)
    outcome = _OUTCOMES.get(entry.phase) if entry else None
    look = look_of(outcome, member.on_error) if outcome is not None else None
    if entry is None or look is None:
        return None
    count = entry.counts.failed if entry.counts else 0
    return End(look, error_of(entry), entry.failed, count if count > len(entry.failed) else 0)


def error_of(entry: Entry) -> Error | None:
    return Error(entry.reason, entry.message, entry.attempts) if entry.phase is Phase.FAILED else None


def _end_of_items(member: Member, only: Sequence[int], entries: Mapping[str, Entry]) -> End | None:
    """Of some items of a loop: that they have ended, and which of them failed. Whoever has all answers counts them."""
    found = [(index, entries.get(f"{member.node}[{index}]")) for index in only]
    failed = []
    for index, entry in found:
        if entry is None or entry.phase is Phase.RUNNING:
            return None
        if error := error_of(entry):
            failed.append(Failure(index, error, entry.item))
    count = len(failed) if len(failed) > MAX_FAILED_ITEMS else 0
    return End(Outcome.SUCCEEDED, failed=tuple(failed[:MAX_FAILED_ITEMS]), failed_count=count)
