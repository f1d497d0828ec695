"""The end of a leg: each pod judged for the last time, and what is kept of it. Asked by `legs` and `live`."""

from collections.abc import Container, Sequence

from headgate.api.run import LegStatus, NodePhase
from headgate.compiler.graph import Graph
from headgate.compiler.known import Instance
from headgate.lifecycle.actions import KeepOutputs
from headgate.lifecycle.claims import Positions
from headgate.lifecycle.entries import Entries, KeptEntry, Live, Stored, Told, encode, told_by
from headgate.lifecycle.hearing import NOT_SCHEDULED, Heard, Setting, hear, is_over
from headgate.lifecycle.legview import Circumstances, LegView
from headgate.lifecycle.observed import ENTRIES, Kept, ObservedLeg, ObservedPod
from headgate.lifecycle.silence import GIVEN_UP
from headgate_lang.report import Entry, Phase

NOT_RUN = frozenset({"Omitted", "Skipped"})


def conclude(
    leg: LegStatus,
    positions: Positions,
    observed: ObservedLeg,
    around: Circumstances,
    setting: Setting,
    overdue: Sequence[Instance] = (),
) -> LegView:
    """A pod that never started says nothing: what was to run there is planned again."""
    heard = Heard()
    for position, members in enumerate(positions):
        pod = observed.pods.get(position)
        if pod is None or pod.phase in NOT_RUN:
            continue
        if members[0] in overdue:
            entry = Entry(Phase.FAILED, NOT_SCHEDULED, _waited(pod))
            heard.told.update(dict.fromkeys(members, Told(entry, leg.number)))
        elif pod.phase != "Pending" or pod.outputs:
            heard.add(hear(setting, position, members, pod, around.ended_by if observed.shutdown else None))
    return close(leg, heard, observed, around)


def give_up(
    leg: LegStatus, positions: Positions, observed: ObservedLeg, around: Circumstances, setting: Setting
) -> LegView:
    """Argo was to end it, and says nothing. Whatever may have started by now has an end that nobody knows: also a pod
    that Argo has not told of, unless it waits for another that is still open."""
    heard = Heard()
    pods = {position: observed.pods.get(position, ObservedPod("")) for position in range(len(positions))}
    open_ = {position for position, pod in pods.items() if not is_over(pod) and pod.phase not in NOT_RUN}
    unsaid = {member.node for position in open_ for member in positions[position]}
    for position, members in enumerate(positions):
        pod = pods[position]
        if position not in open_ and pod.phase not in NOT_RUN:
            heard.add(hear(setting, position, members, pod, around.ended_by))
        elif position in open_ and (position in observed.pods or not _waits(setting.graph, members, unsaid)):
            heard.add(hear(setting, position, members, pod, GIVEN_UP))
    view = close(leg, heard, observed, around)
    view.is_given_up = True
    return view


def _waits(graph: Graph, members: Sequence[Instance], unsaid: Container[str]) -> bool:
    """Whether a pod cannot have started: something that it needs, and does not run itself, has no end yet."""
    own = {member.node for member in members}
    return any(need in unsaid and need not in own for name in own for need in graph[name].needs)


def _waited(pod: ObservedPod) -> str:
    return f"its pod found no place in time: {pod.message}" if pod.message else "its pod found no place in time"


def close(leg: LegStatus, heard: Heard, observed: ObservedLeg | None, around: Circumstances) -> LegView:
    """A leg that is over, and what it leaves."""
    bad = any(one.entry.phase is Phase.FAILED for one in heard.told.values()) or bool(heard.again)
    phase = NodePhase.FAILED if bad else NodePhase.SUCCEEDED
    kept: dict[str, KeptEntry] = {}
    data: dict[str, str] = {}
    for instance, told in heard.told.items():
        key = store = None
        if isinstance(told.place, Live):
            key = _key(told.place.text, data)
        elif isinstance(told.place, Stored):
            store = told.place.key
        kept[str(instance)] = KeptEntry(told.entry, key, store)
    entries = Entries(phase.value, kept, tuple(str(instance) for instance in heard.again))
    name = around.secret_of(leg)
    texts = {ENTRIES: encode(entries), **data}
    return LegView(
        leg.number,
        leg.argo,
        phase,
        told=told_by(Kept(name, leg.number, texts), entries),
        again=tuple(heard.again),
        observed=observed,
        keep=KeepOutputs(name, around.labels_of(leg.number), texts),
    )


def _key(text: str, data: dict[str, str]) -> str:
    """Items of a loop that ran in one pod share a document: it is kept once."""
    for key, held in data.items():
        if held is text:
            return key
    data[f"d{len(data)}"] = text
    return f"d{len(data) - 1}"
