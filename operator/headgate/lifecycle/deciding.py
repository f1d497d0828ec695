"""One decision about a Run under way: what has become of it, what is due, and what its status says then."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from headgate.api.run import MAX_LEGS, NodeStatus, Phase, RunStatus
from headgate.compiler.bundle import bundle
from headgate.compiler.emit.identity import leg_name
from headgate.compiler.graph import OUTPUTS
from headgate.compiler.known import Instance
from headgate.compiler.leg import Leg
from headgate.compiler.verdict import verdict_of
from headgate.lifecycle import clock, creating, granting, moments
from headgate.lifecycle.acting import acted_on, listed
from headgate.lifecycle.actions import (
    Action,
    Decision,
    DeclareChildState,
    DeleteLeg,
    ResumeLeg,
    ShutDownLeg,
    SuspendLeg,
    UpdateRequestStatus,
    WriteStatus,
)
from headgate.lifecycle.approvals.cancelling import cancel
from headgate.lifecycle.approvals.finding import policy_of
from headgate.lifecycle.case import Case, Intent
from headgate.lifecycle.creating import NewLeg
from headgate.lifecycle.ending import comes_last, ending_phase
from headgate.lifecycle.events import events_of
from headgate.lifecycle.facts import Facts
from headgate.lifecycle.legview import LegView, NeedsFreshLookError
from headgate.lifecycle.marks import next_number
from headgate.lifecycle.observed import ObservedLeg
from headgate.lifecycle.returning import TooLargeOutputsError, outputs_of
from headgate.lifecycle.status import bounds
from headgate.lifecycle.status.conditions import conditions_of
from headgate.lifecycle.status.legs import leg_statuses
from headgate.lifecycle.status.nodes import node_statuses
from headgate.lifecycle.status.story import Story, progress_of, story_ended, story_under_way
from headgate.lifecycle.status.usage import usage_of
from headgate.lifecycle.working_out import WorkedOut
from headgate_lang.reasons import Reason


def conclude(case: Case, worked_out: WorkedOut, before: Sequence[Action] = ()) -> Decision:
    """`before`: what has to be done first, such as to pin the revision."""
    return _Conclusion(case, worked_out).decide(before)


@dataclass
class _Conclusion:
    case: Case
    worked_out: WorkedOut
    new: list[NewLeg] = field(default_factory=list)
    wakes: list[datetime] = field(default_factory=list)

    @property
    def facts(self) -> Facts:
        return self.worked_out.facts

    def decide(self, before: Sequence[Action]) -> Decision:
        case = self.case
        self.new = self._new_legs()
        status = self._bounded_status()
        old = case.run.status or RunStatus()
        waiting = [*self.facts.gates.values(), *self.facts.questions.values()]
        children = [action for child in self.facts.children.values() for action in child.actions]
        handed = [one for one in children if isinstance(one, DeclareChildState) and one.attempt is None]
        actions: list[Action] = [
            *before,
            *(view.keep for view in case.views if view.keep is not None),
            *(action for one in waiting for action in one.first),
            *handed,
            *self._left_open(status),
            *self._write(old, status),
            *self._creates(),
            *self._steer(),
            *(action for one in waiting for action in one.actions),
            *(action for action in children if action not in handed),
            *self._deletes(),
        ]
        if status.phase is not old.phase or self._says_new(old, status):
            actions += events_of(case, self.facts, old, status)
        self._wake(status)
        return Decision(tuple(actions), min(self.wakes, default=None))

    # -- legs ---------------------------------------------------------------------------------------------------

    def _new_legs(self) -> list[NewLeg]:
        case = self.case
        if case.intent in (Intent.PAUSE, Intent.TERMINATE):
            return []
        is_busy = any(not view.has_ended for view in case.views)
        legs = self.worked_out.due.legs[: None if case.graph.parallelism is None else 1]
        if case.graph.parallelism is not None and is_busy:
            legs = ()  # a leg keeps to the parallelism by itself; two of them would not
        unapproved = self._unapproved()
        if unapproved:
            legs = (*legs, Leg(bundle(case.graph, unapproved)))
        first = next_number((view.number for view in case.views), case.marks)
        return [NewLeg(first + place, leg) for place, leg in enumerate(legs)]

    def _unapproved(self) -> list[Instance]:
        """What the planner refused for want of an approval: kept like any end, so that it stays one."""
        facts = self.facts
        return [
            instance
            for instance, end in facts.settled.items()
            if end.reason == Reason.NOT_BEHIND_GATE and instance not in facts.told and instance not in facts.ends
        ]

    def _creates(self) -> Iterator[Action]:
        case = self.case
        again = [creating.again(case, view.number, view.claims) for view in case.views if view.is_uncreated]
        for leg in (*again, *self.new):
            refused = granting.refused(case, self.facts, leg.leg.instances)
            if refused:
                yield creating.refuse(case, leg, refused)
            else:
                yield from creating.create(case, self.facts, leg)

    def _steer(self) -> Iterator[Action]:
        """Suspend, resume or shut down what runs."""
        case = self.case
        for view in case.views:
            leg = view.observed
            if leg is None or view.has_ended or leg.deleting or leg.has_ended:
                continue
            is_last = all(comes_last(case.graph[claimed.node]) for claimed in view.claims)
            if case.intent is Intent.TERMINATE or (case.intent is Intent.TIME_OUT and not is_last):
                if not leg.shutdown or leg.shut_down_at is None:
                    yield ShutDownLeg(leg.name, leg.uid, case.now)
            elif case.intent is Intent.PAUSE or view.drains:
                if not leg.suspended:
                    yield SuspendLeg(leg.name, leg.uid)
            elif leg.suspended:
                yield ResumeLeg(leg.name, leg.uid, case.now)

    def _deletes(self) -> Iterator[Action]:
        case = self.case
        names = {view.name for view in case.views}
        for view in case.views:
            leg = view.observed
            if leg is None or not view.has_ended or leg.deleting or leg.run_uid != case.uid:
                continue
            due = moments.shift(leg.ended_at or case.now, case.settings.keep_legs)
            if due <= case.now or not leg.has_ended:  # of one that was cut off, pods may still run
                yield DeleteLeg(leg.name, leg.uid)
            else:
                self.wakes.append(due)
        for leg in case.observed.legs:
            if leg.name not in names and leg.run_uid == case.uid and not leg.deleting and self._is_ours(leg):
                if not case.observed.is_fresh:
                    raise NeedsFreshLookError
                yield DeleteLeg(leg.name, leg.uid)

    def _is_ours(self, leg: ObservedLeg) -> bool:
        """Under a name that one of our legs would have: made by an operator that had been replaced meanwhile."""
        return leg.run_uid == self.case.uid and leg.name == leg_name(self.case.name, self.case.uid, leg.number)

    def _left_open(self, status: RunStatus) -> Iterator[Action]:
        """Once it has ended, no question of it is open: also none that it does not ask any more."""
        case = self.case
        if status.ended_at is None:
            return
        waiting = (*self.facts.gates.values(), *self.facts.questions.values())
        noted = {action.name for one in waiting for action in one.first if isinstance(action, UpdateRequestStatus)}
        for request in case.observed.requests:
            if request.metadata.is_part_of(case.uid) and request.metadata.name not in noted:
                policy = policy_of(case.observed, request)
                if (cancelled := cancel(request, "the Run has ended", case.now, policy)) is not None:
                    yield cancelled

    # -- status -------------------------------------------------------------------------------------------------

    def _status(self) -> RunStatus:
        case, facts = self.case, self.facts
        claimed = dict(facts.claimed)
        for new in self.new:
            claimed.update(dict.fromkeys(new.leg.instances, new.number))
        nodes = node_statuses(case, facts, claimed)
        own = self._own()
        work = clock.work_spans(own, case.now)
        work_seconds = round(moments.length_of(work), 1)
        usage = usage_of(told.entry.usage for view in own for told in view.told.values())
        said: dict[str, Any] = {}
        phase = self._ended(claimed)
        if phase is None:
            works = any(not view.has_ended for view in case.views) or bool(self.new)
            story = story_under_way(case, facts, nodes, works=works)
        else:
            story = story_ended(case, facts, phase, work_seconds, usage)
            story, said["outputs"] = self._returned(story)
            said["ended_at"] = moments.spell(case.now)
        wait = moments.length_of(clock.wait_spans(facts), without=work)
        return bounds.bound(
            RunStatus(
                phase=story.phase,
                message=story.message,
                progress=progress_of(case.graph, facts),
                attempt=case.attempt,
                attempt_from=case.status.attempt_from,
                revision=case.status.revision,
                inputs=case.status.inputs,
                started_at=case.status.started_at,
                work_seconds=work_seconds,
                wait_seconds=round(wait, 1),
                usage=usage,
                nodes=nodes,
                legs=leg_statuses(case, self.new),
                acted_by=listed(acted_on(case).difference(case.spec.acted_by)),
                conditions=conditions_of(case.run, case.status, story, case.intent, case.now),
                **said,
            )
        )

    def _bounded_status(self) -> RunStatus:
        """With as many of the new legs as it can hold: the others are planned again when these have ended."""
        wanted, legs = len(self.new), len(self.case.views)
        self.new = self.new[: max(0, MAX_LEGS - legs)]
        status = self._status()
        while self.new and not bounds.fits(status):
            self.new = self.new[: len(self.new) // 2]
            status = self._status()
        waits = any(not view.has_ended for view in self.case.views)
        if not bounds.fits(status) or (wanted and not self.new and not waits):
            raise bounds.TooLargeStatusError(
                "its status cannot hold what has to be remembered of "
                f"{len(self.case.graph.nodes):,} nodes and {legs:,} legs: divide it, with `use: workflow/NAME`"
            )
        return status

    def _own(self) -> list[LegView]:
        """The legs that it made, and did not take over: what those cost was another Run's."""
        case = self.case
        return [view for view in case.views if view.name == leg_name(case.name, case.uid, view.number)]

    def _ended(self, claimed: dict[Instance, int]) -> str | None:
        """The Run's last phase, once nothing is open and nothing more can start."""
        case, facts = self.case, self.facts
        if claimed or any(one.end is None for one in facts.questions.values()):
            return None
        verdict = verdict_of(case.graph, facts.known)
        if verdict is None:
            return None
        is_rendered = OUTPUTS not in case.graph.by_name or Instance(OUTPUTS) in facts.settled
        if not is_rendered and case.intent is not Intent.TERMINATE:
            return None
        return ending_phase(case, verdict)

    def _returned(self, story: Story) -> tuple[Story, dict[str, Any]]:
        try:
            return story, outputs_of(self.case, self.facts)
        except TooLargeOutputsError as error:
            if story.phase is Phase.SUCCEEDED:
                story = Story(Phase.FAILED, "OutputTooLarge", str(error))
            return story, {}

    def _write(self, old: RunStatus, new: RunStatus) -> Iterator[Action]:
        if self._says_new(old, new):
            version = self.case.run.metadata.resource_version or ""
            yield WriteStatus(version, bounds.plain(new), self._is_urgent(old, new))

    def _says_new(self, old: RunStatus, new: RunStatus) -> bool:
        """Time alone is nothing new."""
        return _timeless(old) != _timeless(new)

    def _is_urgent(self, old: RunStatus, new: RunStatus) -> bool:
        """One that tells no end, claim or question may wait for more; what is to be created after it would wait too."""
        facts = self.facts
        waiting = (*facts.gates.values(), *facts.questions.values())
        creates = any(one.actions for one in waiting) or any(child.run is None for child in facts.children.values())
        gates = (*facts.gates, *facts.questions)
        moved = any(_phase(old.nodes.get(name)) != _phase(new.nodes.get(name)) for name in gates)
        return bool(self.new) or creates or moved or old.phase is not new.phase or old.attempt != new.attempt

    def _wake(self, status: RunStatus) -> None:
        case = self.case
        if status.ended_at is not None:
            self.wakes.append(case.now)
            return
        for waiting in (*self.facts.gates.values(), *self.facts.questions.values()):
            if waiting.end is None and waiting.until is not None:
                self.wakes.append(waiting.until)
        self.wakes += [view.look_at for view in case.views if view.look_at is not None and not view.has_ended]
        if clock.is_working(case.views) and case.intent not in (Intent.TERMINATE, Intent.TIME_OUT):
            spans = clock.work_spans(case.views, case.now, first_leg=case.status.attempt_from or 0)
            left = clock.limit_of(case.pinned.workflow, case.settings) - moments.length_of(spans)
            self.wakes.append(moments.shift(case.now, max(left, 1.0)))


def _timeless(status: RunStatus) -> dict[str, Any]:
    said = bounds.plain(status)
    for name in ("workSeconds", "waitSeconds"):
        said.pop(name, None)
    return said


def _phase(node: NodeStatus | None) -> Any:
    return None if node is None else (node.phase, node.request, node.request_uid)
