"""The legs, as the status says them. What one claims stands there until it has ended: then its Secret says it."""

from collections.abc import Sequence

from headgate.api.run import LegStatus
from headgate.lifecycle import claims
from headgate.lifecycle.case import Case
from headgate.lifecycle.creating import NewLeg


def leg_statuses(case: Case, new: Sequence[NewLeg]) -> tuple[LegStatus, ...]:
    old = {leg.number: leg for leg in case.status.legs}
    there = []
    for view in case.views:
        before = old[view.number].claims if view.number in old else claims.spell(view.claims)
        claimed = () if view.has_ended else before
        there.append(LegStatus(number=view.number, argo=view.name, phase=view.phase, claims=claimed))
    return (*there, *(one.status(case) for one in new))
