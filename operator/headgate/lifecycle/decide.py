"""`decide(observed, now) → Decision`: all that is to be done about one Run now. The heart of the operator.

Whatever has to be known is observed anew each time; nothing is remembered but what the cluster holds. So it does not
matter after which of its actions the operator died.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from headgate.api.run import Run, RunStatus, State
from headgate.compiler.build import build
from headgate.compiler.build.objects import vars_under
from headgate.compiler.emit.identity import leg_name
from headgate.compiler.graph import OUTPUTS
from headgate.compiler.known import Instance
from headgate.lifecycle import claims, clock, granting, moments, pinned
from headgate.lifecycle.acting import involved_in, listed
from headgate.lifecycle.actions import Action, Decision, DeleteLeg, DeleteRun, PinRevision, WriteStatus
from headgate.lifecycle.again import asks_again, next_attempt, run_nodes_again
from headgate.lifecycle.approvals.edits import with_edits
from headgate.lifecycle.approvals.ruling import without_rules_past
from headgate.lifecycle.broken import break_off, refuse, wait_in_queue
from headgate.lifecycle.case import Case, Intent
from headgate.lifecycle.children import FINAL, is_part, stands_in
from headgate.lifecycle.deciding import conclude
from headgate.lifecycle.documents import Library, NeedsReadError
from headgate.lifecycle.ended import after_end
from headgate.lifecycle.ending import comes_last, have_others_ended
from headgate.lifecycle.facts import Facts
from headgate.lifecycle.hearing import Interruption
from headgate.lifecycle.legs import view_legs
from headgate.lifecycle.legview import Circumstances, NeedsFreshLookError, NeedsLooksError, OutputsLostError
from headgate.lifecycle.marks import marks_of
from headgate.lifecycle.observed import Observed, OldRun
from headgate.lifecycle.pinned import Pinned, PinnedCatalogue
from headgate.lifecycle.returning import leaving
from headgate.lifecycle.starting import Queued, Refused, start
from headgate.lifecycle.status import bounds
from headgate.lifecycle.status.conditions import SUCCEEDED, TIMED_OUT, has_condition
from headgate.lifecycle.status.folding import unfold
from headgate.lifecycle.status.story import STOPPING
from headgate.lifecycle.taking import Taken, take
from headgate.lifecycle.working_out import WorkedOut, told_of, work_out
from headgate_lang.reasons import Reason
from headgate_lang.schema import with_defaults
from headgate_lang.strict import MalformedError

_ENDED_BY = {
    Intent.TERMINATE: Interruption(Reason.OUTCOME_UNKNOWN, "the Run was terminated while it ran", is_final=True),
    Intent.TIME_OUT: Interruption(Reason.TIMEOUT, "the Run's time was over while it ran", is_final=True),
}
_INTENTS = {
    State.RUNNING: Intent.GO,
    State.PAUSED: Intent.PAUSE,
    State.STOPPED: Intent.STOP,
    State.TERMINATED: Intent.TERMINATE,
}


def decide(observed: Observed, now: datetime) -> Decision:
    if observed.run.metadata.deletion_timestamp is not None:
        return _go(observed)
    try:
        return _decide(observed, now)
    except NeedsFreshLookError:
        return Decision(refresh=True)
    except NeedsLooksError as missing:
        return Decision(looks=missing.looks)
    except NeedsReadError as missing:
        return Decision(reads=(missing.reference,))
    except bounds.TooLargeStatusError as error:
        return break_off(observed, "StatusTooLarge", str(error), now)
    except OutputsLostError as error:
        return break_off(observed, "OutputsLost", str(error), now)
    except MalformedError as error:
        return break_off(observed, "OutputsLost", f"what was kept of a leg cannot be read: {error}", now)


def _go(observed: Observed) -> Decision:
    """What it owns goes with it; but while a finalizer of somebody's holds it, nothing else would stop its pods."""
    uid = observed.run.metadata.uid or ""
    legs = [DeleteLeg(leg.name, leg.uid) for leg in observed.legs if leg.run_uid == uid and not leg.deleting]
    parts = [
        DeleteRun(one.metadata.name or "", one.metadata.uid or "")
        for one in observed.children
        if one.metadata.is_part_of(uid) and one.metadata.deletion_timestamp is None
    ]
    return Decision((*legs, *parts))


def _decide(observed: Observed, now: datetime) -> Decision:
    run, status = observed.run, _status_of(observed.run)
    if status.phase in FINAL and not asks_again(run.spec.state, run.spec.attempt, status.attempt):
        return after_end(observed, status, now)
    if status.revision is None:
        return _first(observed, now)
    if observed.pinned is None:
        if not observed.is_fresh:
            raise NeedsFreshLookError
        return break_off(observed, "RevisionLost", f"its revision {status.revision} is gone", now)
    return _go_on(observed, status, pinned.read(observed.pinned), now)


def _status_of(run: Run) -> RunStatus:
    name, uid = run.metadata.name or "", run.metadata.uid or ""
    return unfold(run.status or RunStatus(), lambda number: leg_name(name, uid, number))


def _first(observed: Observed, now: datetime) -> Decision:
    """It starts, or cannot, or waits its turn."""
    spec = observed.run.spec
    if spec.state in (State.STOPPED, State.TERMINATED):
        by = f" by {spec.declared_by}" if spec.declared_by else ""
        return refuse(observed, Refused("Stopped", f"stopped{by} before it started"), now, cancelled=True)
    if spec.state is State.PAUSED:
        return wait_in_queue(observed, Queued("paused before it started"), now)
    if spec.from_ is not None and observed.old is None:
        if not observed.is_fresh:
            raise NeedsFreshLookError
        missing = f"there is no Run `{spec.from_.run}` to take over from"
        return refuse(observed, Refused("MissingRun", missing), now)
    started = start(observed, now)
    if isinstance(started, Refused):
        if not observed.is_fresh:
            raise NeedsFreshLookError  # what it lacks may have been created in one breath with it
        return refuse(observed, started, now)
    if isinstance(started, Queued):
        return wait_in_queue(observed, started, now)
    if spec.from_ is not None and not observed.is_fresh:
        raise NeedsFreshLookError  # what lags behind would be taken for what never ran
    status = RunStatus(
        attempt=spec.attempt,
        attempt_from=1,
        revision=started.revision,
        inputs=with_defaults(spec.inputs, started.workflow.inputs),
        started_at=moments.spell(now),
    )
    pin = PinRevision(started.object_name, started.labels, started.content())
    case = _case(_Look(observed, status, started, now, Intent.GO))
    for name, why in granting.untrusted(case):  # nothing of it is to run, and nobody to be asked, for nothing
        return refuse(observed, Refused(why.reason, f"{name}: {why.message}"), now)
    if spec.from_ is None or observed.old is None:
        return conclude(case, work_out(case), (pin,))
    taken = _take(case, observed.old)
    if taken is None:
        lost = f"the revision that Run `{spec.from_.run}` keeps to is gone: nothing of it can be taken over"
        return refuse(observed, Refused("RevisionLost", lost), now)
    acted_by = listed(user for run in (observed.old.run, *observed.old.children) for user in involved_in(run))
    begun = status.model_copy(update={"legs": taken.legs, "attempt_from": taken.next, "acted_by": acted_by})
    version = observed.run.metadata.resource_version or ""
    write = WriteStatus(version, bounds.plain(bounds.bound(begun)), urgent=True)
    actions: tuple[Action, ...] = (pin, *taken.keeps, write)
    return Decision(actions, wake_at=now)


def _take(case: Case, old: OldRun) -> Taken | None:
    if old.run.status is None or old.run.status.revision is None:
        return Taken((), (), 1)
    if old.pinned is None:
        return None
    kept = {one.leg for one in old.kept}
    theirs_said = _status_of(old.run)
    legs = tuple(leg for leg in theirs_said.legs if leg.number in kept)
    status = theirs_said.model_copy(update={"legs": legs})
    observed = replace(
        case.observed, run=old.run, pinned=old.pinned, kept=old.kept, children=old.children, legs=(), requests=()
    )
    theirs = _case(_Look(observed, status, pinned.read(old.pinned), case.now, Intent.GO))
    return take(case, theirs, told_of(theirs))


def _go_on(observed: Observed, status: RunStatus, revision: Pinned, now: datetime) -> Decision:
    look = _Look(observed, status, revision, now, _intent(observed, status))
    case, worked_out = _worked_out(look)
    if look.intent in (Intent.GO, Intent.PAUSE) and status.phase not in FINAL and _is_ending(case, worked_out.facts):
        look = replace(look, intent=Intent.STOP)
        case, worked_out = _worked_out(look)
    if look.intent in (Intent.GO, Intent.PAUSE, Intent.STOP) and _is_over_time(case, worked_out):
        case, worked_out = _worked_out(replace(look, intent=Intent.TIME_OUT))
    while (again := _again(case, worked_out)) is not None:
        case, worked_out = _worked_out(replace(look, status=again, intent=_intent(observed, again)))
    return conclude(case, worked_out)


def _worked_out(look: "_Look") -> tuple[Case, WorkedOut]:
    case = _case(look)
    return case, work_out(case)


def _intent(observed: Observed, status: RunStatus) -> Intent:
    declared = _INTENTS[observed.run.spec.state]
    if declared is not Intent.TERMINATE and has_condition(status, TIMED_OUT):
        return Intent.TIME_OUT
    return declared


def _is_ending(case: Case, facts: Facts) -> bool:
    """Whether it was stopped, and what comes last has begun: it goes on in another attempt, whatever people say now."""
    if not any(one.type == SUCCEEDED and one.reason == STOPPING for one in case.status.conditions):
        return False
    last = {node.name for node in case.graph if comes_last(node)}
    legs = (view.claims for view in case.views if view.claims)
    has_begun = any(Instance(name) in {*facts.settled, *facts.children} for name in last) or any(
        all(one.node in last for one in claimed) for claimed in legs
    )
    return has_begun and not have_others_ended(case.graph, facts)


def _is_over_time(case: Case, worked_out: WorkedOut) -> bool:
    """Whether it has worked for all the time that it has, and is not about to end anyway."""
    if have_others_ended(case.graph, worked_out.facts):
        return False
    spans = clock.work_spans(case.views, case.now, first_leg=case.status.attempt_from or 0)
    return moments.length_of(spans) >= clock.limit_of(case.pinned.workflow, case.settings)


def _again(case: Case, worked_out: WorkedOut) -> RunStatus | None:
    """The status on which something runs again, if people want that and nothing is in the way."""
    spec, facts = case.spec, worked_out.facts
    if worked_out.retries:
        return run_nodes_again(case.status, case.graph, facts, worked_out.retries)
    if spec.attempt <= case.attempt or spec.state is not State.RUNNING:
        return None
    is_busy = any(not view.has_ended for view in case.views) or any(
        child.end is None and child.run is not None for child in facts.children.values()
    )
    return None if is_busy else next_attempt(case.status, case.graph, facts, spec.attempt)


@dataclass(frozen=True, slots=True)
class _Look:
    observed: Observed
    status: RunStatus
    revision: Pinned
    now: datetime
    intent: Intent


def _case(look: _Look) -> Case:
    environment = look.observed.run.spec.environment
    workflow = look.revision.workflow
    built = build(workflow, PinnedCatalogue(look.revision, look.observed.catalogue), environment).graph
    returned = leaving(built, workflow.outputs) if is_part(look.observed.run) else {}
    built = replace(built, around=stands_in(look.observed.run), returned=returned)
    marks = marks_of(look.status)
    edited = with_edits(built, look.observed.requests, look.status.nodes)
    graph = without_rules_past(edited, look.status.nodes, marks)
    ended_by = _ENDED_BY.get(look.intent)
    rounds = {name: mark.round for name, mark in marks.items()}
    around = Circumstances(graph, look.observed, look.now, _drained(look), ended_by, rounds)
    views = view_legs(look.status.legs, around)
    return Case(
        observed=look.observed,
        now=look.now,
        status=look.status,
        pinned=look.revision,
        graph=graph,
        intent=look.intent,
        marks=marks,
        views=views,
        library=Library(look.observed.kept, [view.keep for view in views if view.keep is not None]),
        vars=vars_under(workflow, environment),
    )


def _drained(look: _Look) -> frozenset[int]:
    """Of a Run that stops, the legs that are to start nothing more: all but those of `finally` and of the outputs."""
    if look.intent is not Intent.STOP:
        return frozenset()
    last = {OUTPUTS, *(node.name for node in look.revision.workflow.finally_)}
    return frozenset(
        leg.number for leg in look.status.legs if not all(one.node in last for one in claims.read(leg.claims))
    )
