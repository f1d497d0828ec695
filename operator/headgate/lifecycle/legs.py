"""The legs of a Run, one by one: what each has told, what it still claims, and what is to be done about it.

A leg that has ended and is kept speaks through its Secret. One that runs speaks through its pods. One that was claimed
and is not there was never created, or is lost, by what its status says of it.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

from headgate.api.run import LegStatus, NodePhase
from headgate.compiler.known import Instance
from headgate.lifecycle import claims
from headgate.lifecycle.concluding import close
from headgate.lifecycle.entries import decode, told_by
from headgate.lifecycle.hearing import LOST, Heard, Setting, hear
from headgate.lifecycle.legview import ENDED, Circumstances, LegView, OutputsLostError
from headgate.lifecycle.live import view_live
from headgate.lifecycle.observed import ENTRIES, Kept, ObservedLeg, ObservedPod
from headgate.lifecycle.silence import LOOK_AGAIN, NOT_INSTALLED


def view_legs(legs: Sequence[LegStatus], around: Circumstances) -> tuple[LegView, ...]:
    """Raises NeedsFreshLookError and OutputsLostError."""
    kept = {one.leg: one for one in around.observed.kept}
    there = {one.name: one for one in around.observed.legs}
    lost: Counter[Instance] = Counter()
    views = []
    for leg in legs:
        one = kept.get(leg.number)
        view = _kept(leg, one, there) if one is not None else _unkept(leg, there.get(leg.argo), around, lost)
        lost.update(one for one in view.again if leg.number >= around.rounds.get(one.node, 0))
        views.append(view)
    return tuple(views)


def _kept(leg: LegStatus, kept: Kept, there: Mapping[str, ObservedLeg]) -> LegView:
    entries = decode(kept.data[ENTRIES])
    again = tuple(Instance.parse(path) for path in entries.again)
    return LegView(
        leg.number,
        leg.argo,
        NodePhase(entries.phase),
        told=told_by(kept, entries),
        again=again,
        observed=there.get(leg.argo),
    )


def _unkept(leg: LegStatus, observed: ObservedLeg | None, around: Circumstances, lost: Counter[Instance]) -> LegView:
    if leg.phase in ENDED:
        around.demand_fresh()
        raise OutputsLostError(f"the Secret {around.secret_of(leg)} with what leg {leg.number} left is gone")
    claimed = claims.read(leg.claims)
    setting = _setting(leg, around, lost)
    if observed is None:
        return _absent(leg, claimed, around, setting)
    positions = _positions(observed, claimed, around)
    if positions is None:
        return _foreign(leg, claimed, observed, around, setting)
    return view_live(leg, claimed, positions, observed, around, setting)


def _setting(leg: LegStatus, around: Circumstances, lost: Counter[Instance]) -> Setting:
    prefix = around.observed.settings.platform.store_prefix
    store = None if prefix is None else f"{prefix}/{around.observed.run.metadata.uid}/{leg.number}"
    return Setting(around.graph, leg.number, lost, around.observed.settings.lost_pods, store)


def _positions(observed: ObservedLeg, claimed: tuple[Instance, ...], around: Circumstances) -> claims.Positions | None:
    """Which instances run at which position; None if the object is not the leg that was claimed."""
    if observed.run_uid != around.observed.run.metadata.uid:
        return None
    positions = claims.read_annotation(observed.claims)
    if positions is None or not claims.are_same((member for members in positions for member in members), claimed):
        return None
    return positions


def _absent(leg: LegStatus, claimed: tuple[Instance, ...], around: Circumstances, setting: Setting) -> LegView:
    is_ending = around.ended_by is not None or leg.number in around.drained
    absent = LegView(leg.number, leg.argo, leg.phase, claimed, claimed=frozenset(claimed))
    if not around.observed.has_argo and not is_ending:
        absent.silence, absent.look_at = NOT_INSTALLED, around.now + LOOK_AGAIN
        return absent
    around.demand_fresh()
    if leg.phase is NodePhase.RUNNING:
        return close(leg, hear(setting, 0, claimed, ObservedPod(""), around.ended_by or LOST), None, around)
    if is_ending:
        return close(leg, Heard(), None, around)
    absent.is_uncreated = True
    return absent


def _foreign(
    leg: LegStatus, claimed: tuple[Instance, ...], observed: ObservedLeg, around: Circumstances, setting: Setting
) -> LegView:
    """Another object stands under its name. Before it was seen itself, it was never created."""
    if leg.phase is NodePhase.PENDING:
        heard = Heard(again=list(claimed))
    else:
        heard = hear(setting, 0, claimed, ObservedPod(""), LOST)
    view = close(leg, heard, None, around)
    view.is_foreign = True
    return view
