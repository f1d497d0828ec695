"""A leg that is there: its pods that have ended are heard, what the others run is still claimed. Asked by `legs`."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from headgate.api.run import LegStatus, NodePhase
from headgate.compiler.known import Instance
from headgate.lifecycle import moments
from headgate.lifecycle.claims import Positions
from headgate.lifecycle.concluding import NOT_RUN, conclude, give_up
from headgate.lifecycle.hearing import DELETED, OVER, Heard, Setting, asked_again_at, hear, is_over
from headgate.lifecycle.legview import Circumstances, LegView
from headgate.lifecycle.observed import ObservedLeg, ObservedPod
from headgate.lifecycle.silence import find_silence
from headgate_lang import durations


@dataclass(slots=True)
class _Sorted:
    """The instances of a leg, by how their pods stand."""

    heard: Heard = field(default_factory=Heard)
    running: dict[Instance, datetime] = field(default_factory=dict)
    placing: list[Instance] = field(default_factory=list)
    """Their pod is there, and waits for a place."""
    overdue: list[Instance] = field(default_factory=list)
    """And has waited too long for it."""
    waiting: list[Instance] = field(default_factory=list)
    """Their pod is not there yet."""
    overdue_at: list[datetime] = field(default_factory=list)
    held_up: dict[Instance, str] = field(default_factory=dict)
    """What keeps their pod from starting, as Kubernetes says it."""
    is_held: bool = False
    """A pod was refused, and another is to be tried in a while."""
    is_one_deleted: bool = False
    open: list[ObservedPod] = field(default_factory=list)
    """Pods that run, or wait for their place."""

    @property
    def is_stuck(self) -> bool:
        """Others of the leg may wait for a pod that Argo still expects to hear of."""
        return self.is_one_deleted and bool(self.waiting)

    @property
    def are_open(self) -> bool:
        return bool(self.running or self.placing or self.overdue or self.waiting)


def view_live(
    leg: LegStatus,
    claimed: tuple[Instance, ...],
    positions: Positions,
    observed: ObservedLeg,
    around: Circumstances,
    setting: Setting,
) -> LegView:
    pods = _sort(positions, observed, around, setting)
    drains = bool(pods.overdue) or pods.is_stuck or leg.number in around.drained
    is_drained = drains and observed.suspended and not pods.running and not pods.placing
    if (observed.has_ended and not pods.is_held) or is_drained or not pods.are_open:
        return conclude(leg, positions, observed, around, setting, () if observed.has_ended else pods.overdue)
    silence = find_silence(leg.number, observed, pods.open)
    too_long = silence.too_long_at(around.observed) if silence else None
    is_too_long = too_long is not None and around.now >= too_long
    if is_too_long and observed.shutdown:
        return give_up(leg, positions, observed, around, setting)
    return LegView(
        leg.number,
        leg.argo,
        NodePhase.RUNNING,
        claimed,
        told=pods.heard.told,
        again=tuple(pods.heard.again),
        claimed=frozenset([*pods.waiting, *pods.placing, *pods.running, *pods.overdue]),
        running=pods.running,
        held_up=pods.held_up,
        observed=observed,
        drains=drains,
        look_at=min([*pods.overdue_at, *([too_long] if too_long and not is_too_long else ())], default=None),
        silence=silence.told if silence and is_too_long else "",
        given_up_at=too_long if observed.shutdown else None,
    )


def _sort(positions: Positions, observed: ObservedLeg, around: Circumstances, setting: Setting) -> _Sorted:
    pods = _Sorted()
    for position, members in enumerate(positions):
        pod = observed.pods.get(position)
        if pod is None:
            pods.waiting += members
        elif is_over(pod) and _is_held(pods, members, pod, around, setting):
            pods.placing += members
        elif is_over(pod):
            pods.is_one_deleted |= not pod.synced and pod.message == DELETED
            why = around.ended_by if observed.shutdown else None
            pods.heard.add(hear(setting, position, members, pod, why))
        elif pod.phase == "Running" or pod.phase in OVER:
            pods.open.append(pod)
            pods.running.update((member, _working_since(member, pod, around)) for member in members)
        elif pod.phase not in NOT_RUN:
            pods.open.append(pod)
            _place(pods, members, pod, around)
    return pods


def _working_since(member: Instance, pod: ObservedPod, around: Circumstances) -> datetime:
    """Argo tells when it made the pod, not when that got its place: waiting for one is no work. The Run's status
    remembers when its node was first seen to work."""
    status = around.observed.run.status
    before = status.nodes.get(member.node) if status else None
    if before is None or before.phase is not NodePhase.RUNNING:
        return around.now
    moments_known = (moments.parse(before.started_at), pod.started_at)
    return max((moment for moment in moments_known if moment is not None), default=around.now)


def _is_held(
    pods: _Sorted, members: Sequence[Instance], pod: ObservedPod, around: Circumstances, setting: Setting
) -> bool:
    moment = asked_again_at(setting, members, pod) if around.ended_by is None else None
    if moment is None or around.now >= moment:
        return False
    pods.held_up.update(dict.fromkeys(members, pod.message))
    pods.overdue_at.append(moment)
    pods.is_held = True
    return True


def _place(pods: _Sorted, members: Sequence[Instance], pod: ObservedPod, around: Circumstances) -> None:
    if pod.message:
        pods.held_up.update(dict.fromkeys(members, pod.message))
    moment = _overdue_at(members[0], pod, around)
    if moment is not None and around.now >= moment:
        pods.overdue += members
        return
    pods.placing += members
    if moment is not None:
        pods.overdue_at.append(moment)


def _overdue_at(member: Instance, pod: ObservedPod, around: Circumstances) -> datetime | None:
    if pod.started_at is None:
        return None
    settings = around.graph[member.node].pod
    written = settings.pending_timeout if settings else None
    seconds = durations.parse(written) if written else around.observed.settings.pending_timeout
    return moments.shift(pod.started_at, seconds)
