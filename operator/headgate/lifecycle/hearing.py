"""What a pod of a leg has told, and what to make of one that told nothing, or lies. Asked for each pod of a leg.

A report is believed only about the instances that its pod ran, and only if each output that it names is there. Of what
had started in a pod that was killed, nobody knows what it did; what had not started may run again without a thought.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter

from headgate.compiler.graph import Graph, Node
from headgate.compiler.known import Instance
from headgate.lifecycle.entries import Live, Place, Stored, Told
from headgate.lifecycle.observed import ObservedPod
from headgate.lifecycle.repeat import may_run_again, silences
from headgate.lifecycle.tidy import line, tidy
from headgate_lang import documents, report, strict
from headgate_lang.reasons import Reason
from headgate_lang.report import Entry, Phase
from headgate_lang.task import REPORT


@dataclass(frozen=True, slots=True)
class Interruption:
    """Why a pod did not get to say everything."""

    reason: Reason
    message: str
    is_final: bool
    """It is the end of whatever ran: not to be repeated, even where that would be safe."""


LOST = Interruption(Reason.POD_LOST, "its pod was lost", is_final=False)


OVER = frozenset({"Succeeded", "Failed", "Error"})
"""Argo's words for a pod that runs no more."""
DELETED = "pod deleted"
"""What Argo says of a pod that is gone. Then it waits ten minutes for what the pod left, and for all that time the leg
neither goes on nor ends."""
THERE_BEFORE = "a pod of this node was there before"
"""What the chart's policy `pods` says to a second pod of the same node: the first may have run before Argo saw it."""
_REFUSALS = (" is forbidden: ", " is invalid: ", " denied the request")
"""Of Kubernetes, to who would create a pod."""
NOT_SCHEDULED = "NotScheduled"
"""Why an instance failed whose pod found no place in time, or was not let in."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What the judgement of a pod depends on, beside the pod."""

    graph: Graph
    leg: int
    lost_before: Mapping[Instance, int]
    """How often an instance was lost in earlier legs."""
    lost_pods: int
    store: str | None
    """Where this leg's large documents go: a prefix, less position and number."""


@dataclass(slots=True)
class Heard:
    told: dict[Instance, Told] = field(default_factory=dict)
    again: list[Instance] = field(default_factory=list)
    """Unclaimed, and counted: their pod has had its turn."""

    def add(self, other: "Heard") -> None:
        self.told.update(other.told)
        self.again += other.again


def hear(
    setting: Setting, position: int, members: Sequence[Instance], pod: ObservedPod, why: Interruption | None = None
) -> Heard:
    """Judge a pod that runs no more. `why`: it was ended from outside."""
    why = why or interruption_of(pod)
    text = pod.outputs.get(REPORT, "")
    if not text and is_refused(pod):
        return _refused(setting, members, pod)
    if not text:
        return _unheard(setting, members, why, never_started=False)
    try:
        instances = report.decode(text, [str(member) for member in members]).instances
    except strict.MalformedError as error:
        wrong = Interruption(Reason.OUTCOME_UNKNOWN, f"its pod reported what cannot be: {error}", is_final=True)
        return _unheard(setting, members, wrong, never_started=False)
    heard = Heard()
    numbers = _numbers(members)
    for member in members:
        entry = instances.get(str(member))
        if entry is None:
            heard.add(_unheard(setting, [member], why, never_started=True))
        elif entry.phase is Phase.RUNNING:
            heard.add(_unheard(setting, [member], why, never_started=False, started=tidy(entry)))
        else:
            heard.told[member] = _told(setting, pod, position, numbers[member], member, tidy(entry))
    return heard


def is_over(pod: ObservedPod) -> bool:
    """Of a pod that failed, Argo may know so before it knows what the pod said: judged then, it would run again."""
    if pod.phase not in OVER:
        return False
    return pod.synced or bool(pod.outputs.get(REPORT)) or pod.message == DELETED


def is_refused(pod: ObservedPod) -> bool:
    """The API server did not let Argo make it: nothing ran. Argo does not ask twice, we do."""
    if pod.phase != "Error" or pod.was_placed or THERE_BEFORE in pod.message:
        return False
    return any(words in pod.message for words in _REFUSALS)


def asked_again_at(setting: Setting, members: Sequence[Instance], pod: ObservedPod) -> datetime | None:
    """When another pod is to be tried in place of one that was refused, each time later: an API server that has just
    started refuses everybody for a while."""
    times = max(setting.lost_before.get(member, 0) for member in members)
    if not is_refused(pod) or pod.ended_at is None or times >= setting.lost_pods:
        return None
    return pod.ended_at + timedelta(seconds=4.0**times)


def _refused(setting: Setting, members: Sequence[Instance], pod: ObservedPod) -> Heard:
    heard = Heard()
    message = f"its pod was refused: {line(pod.message, 300)}"
    for member in members:
        if setting.lost_before.get(member, 0) < setting.lost_pods:
            heard.again.append(member)
        else:
            heard.told[member] = Told(Entry(Phase.FAILED, NOT_SCHEDULED, message), setting.leg)
    return heard


def interruption_of(pod: ObservedPod) -> Interruption:
    """What Argo says of a pod that ended before its report did."""
    message = pod.message
    if "OOMKilled" in message:
        return Interruption(Reason.OUT_OF_MEMORY, "its pod needed more memory than it may have", is_final=True)
    if "DeadlineExceeded" in message or "deadline" in message.lower():
        return Interruption(Reason.TIMEOUT, "its pod was ended at its deadline", is_final=True)
    told = f"its pod was lost: {line(message, 300)}" if message else LOST.message
    return Interruption(Reason.POD_LOST, told, is_final=False)


def _unheard(
    setting: Setting,
    members: Sequence[Instance],
    why: Interruption,
    *,
    never_started: bool,
    started: Entry | None = None,
) -> Heard:
    heard = Heard()
    for member in members:
        node = setting.graph[member.node]
        again = setting.lost_before.get(member, 0) + 1
        most = silences(setting.graph, member.node, setting.lost_pods) if never_started else setting.lost_pods
        may_again = never_started or (not why.is_final and may_run_again(node, member))
        if may_again and again <= most:
            heard.again.append(member)
        else:
            heard.told[member] = Told(_failure(node, member, why, started, silent=never_started), setting.leg)
    return heard


def _failure(node: Node, member: Instance, why: Interruption, started: Entry | None, *, silent: bool) -> Entry:
    if silent:
        reason, message = Reason.OUTCOME_UNKNOWN, "its pods ended again and again without a word about it"
    elif why.reason is Reason.POD_LOST and not may_run_again(node, member):
        reason, message = Reason.OUTCOME_UNKNOWN, f"{why.message}, and nobody knows what it did"
    else:
        reason, message = why.reason, why.message
    at = started.started_at if started else None
    attempts = max(started.attempts, 1) if started else 1
    return Entry(Phase.FAILED, reason, message, attempts=attempts, started_at=at)


def _numbers(members: Sequence[Instance]) -> Mapping[Instance, int]:
    """Which document of its pod an instance has: `emit` gives one to a node, or to all items of it that run there."""
    groups = groupby(members, key=attrgetter("node"))
    return {member: number for number, (_, group) in enumerate(groups) for member in group}


def _told(setting: Setting, pod: ObservedPod, position: int, number: int, member: Instance, entry: Entry) -> Told:
    node = setting.graph[member.node]
    if entry.phase is not Phase.SUCCEEDED:
        return Told(entry, setting.leg)
    if (
        member.prepare
        and node.is_expanded
        and not isinstance(node.loop and node.loop.items, list)
        and (entry.length is None or entry.length < 0)
    ):
        return _lie(setting, entry, "it did not say how long its list is")
    if not entry.is_kept:
        return Told(entry, setting.leg)
    if entry.is_large:
        if setting.store is None:
            return _lie(setting, entry, "its output went to a store that is not there")
        return Told(entry, setting.leg, Stored(f"{setting.store}/n{position}/o{number}"))
    return _with_document(setting, pod, number, member, entry)


def _with_document(setting: Setting, pod: ObservedPod, number: int, member: Instance, entry: Entry) -> Told:
    text = pod.outputs.get(f"o{number}", "null")
    if text == "null" and member.prepare:
        return Told(entry, setting.leg)
    try:
        document = documents.decode(text)
    except documents.DocumentError as error:
        return _lie(setting, entry, f"its output is none: {line(str(error), 200)}")
    if not isinstance(document, dict) or (member.index is not None and str(member.index) not in document):
        return _lie(setting, entry, "it said that it succeeded, and left no output")
    place: Place = Live(text)
    return Told(entry, setting.leg, place)


def _lie(setting: Setting, entry: Entry, message: str) -> Told:
    """It ran, as far as anybody knows, and cannot be trusted with what it says of it."""
    failed = Entry(
        Phase.FAILED, Reason.INVALID_OUTPUT, message, attempts=max(entry.attempts, 1), started_at=entry.started_at
    )
    return Told(failed, setting.leg)
