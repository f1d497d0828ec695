"""The end of a leg: each pod judged for the last time, and what is kept of it. Asked by `legs` and `live`."""

from collections.abc import Sequence

from headgate.api.run import LegStatus, NodePhase
from headgate.compiler.known import Instance
from headgate.lifecycle.actions import KeepOutputs
from headgate.lifecycle.claims import Positions
from headgate.lifecycle.entries import Entries, KeptEntry, Live, Stored, Told, encode, told_by
from headgate.lifecycle.hearing import Heard, Setting, hear
from headgate.lifecycle.legview import Circumstances, LegView
from headgate.lifecycle.observed import ENTRIES, Kept, ObservedLeg, ObservedPod
from headgate_lang.report import Entry, Phase

NOT_RUN = frozenset({"Omitted", "Skipped"})
NOT_SCHEDULED = "NotScheduled"
"""Why an instance failed whose pod found no place in time."""


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
