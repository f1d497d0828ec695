"""What is told of a worker that died: whatever ran in it has failed, and why. Pure."""

import signal
from collections.abc import Mapping
from dataclasses import replace

from headgate_lang.reasons import Reason
from headgate_lang.report import Entry, Phase
from headgate_lang.task import Task
from headgate_node.runtime.conclusion import instances_of

CRASHED = "NodeCrashed"
BLOCKED = "it never let anything else run, until its time was over"
INTERNAL = 70
"""The exit code of a worker that failed by a fault of ours."""


def why_died(status: int, *, was_blocked: bool, ran_out_of_memory: bool) -> tuple[str, str]:
    """Reason and words, for an exit code; below 0, a signal."""
    if was_blocked:
        return Reason.TIMEOUT, BLOCKED
    if ran_out_of_memory:
        return (
            Reason.OUT_OF_MEMORY,
            "the pod ran out of memory: raise its `pod.resources`, or do less at once",
        )
    if status == INTERNAL:
        return "InternalError", "the runtime failed: its log says more"
    if status < 0:
        return CRASHED, f"its process was ended by {signal.Signals(-status).name}"
    return CRASHED, f"its process ended by itself, with exit code {status}"


def bury(task: Task, entries: Mapping[str, Entry], reason: str, words: str, printed: str) -> dict[str, Entry]:
    """The entries with an end for each that ran. If several nodes did, nobody knows which of them it was.

    `printed` is the last that the process said, if it said anything.
    """
    node_of = {instance: member.node for member in task.members for instance in instances_of(member)}
    running = [instance for instance, entry in entries.items() if entry.phase is Phase.RUNNING]
    nodes = sorted({node_of.get(instance, instance) for instance in running})
    if len(nodes) > 1:
        words = f"{words}; {', '.join(nodes)} ran in it, one of which was the cause"
        reason = reason if reason == Reason.OUT_OF_MEMORY else Reason.OUTCOME_UNKNOWN
    message = f"{words}; it printed: {printed}" if printed else words
    ended = {
        instance: replace(entries[instance], phase=Phase.FAILED, reason=reason, message=message, attempts=1)
        for instance in running
    }
    return {**entries, **ended}
