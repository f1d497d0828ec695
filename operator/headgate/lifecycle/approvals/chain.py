"""From what is to be asked to how it stands: the request that asks it now, after all that took one another's place.

Read anew each time, from the requests themselves.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from headgate.api.approvalrequest import ApprovalRequest, Decision, Question
from headgate.api.run import NodeStatus
from headgate.lifecycle import moments
from headgate.lifecycle.acting import involved
from headgate.lifecycle.actions import Action, CreateRequest, EventType, RecordEvent, UpdateRequestStatus
from headgate.lifecycle.approvals import telling
from headgate.lifecycle.approvals.finding import MAX_CORRECTIONS, Requests, is_gone, left_behind, policy_of
from headgate.lifecycle.approvals.naming import name_beside
from headgate.lifecycle.approvals.people import Electorate
from headgate.lifecycle.approvals.question import (
    GUARD,
    Asked,
    base_name,
    build_request,
)
from headgate.lifecycle.approvals.ruling import holds
from headgate.lifecycle.approvals.terms import under
from headgate.lifecycle.approvals.voting import Corrector, Outcome, decide_request, read_decided
from headgate.lifecycle.case import Case
from headgate.lifecycle.notices.due import next_moment
from headgate.lifecycle.rendering import CannotRenderError
from headgate.lifecycle.tidy import line
from headgate_lang import documents

MAX_REQUEST = 512 * 1024


@dataclass(frozen=True, slots=True)
class Standing:
    """How a question stands."""

    asked: Asked
    name: str
    request: ApprovalRequest | None = None
    """None: it is about to be asked, or cannot be."""
    outcome: Outcome | None = None
    first: tuple[Action, ...] = ()
    actions: tuple[Action, ...] = ()
    obstacle: str = ""
    """Why nobody can be asked now."""
    replaces: ApprovalRequest | None = None
    """The request whose place it takes."""
    is_gone: bool = False
    """It had been asked, and somebody deleted the request."""
    before: NodeStatus | None = None
    """What the Run's status remembers of it, if it is gone."""

    @property
    def known_uid(self) -> str | None:
        """For the Run's status. Until a request is seen, that of the one whose place it takes: by it, the Run knows all
        that led there."""
        last = self.request or self.replaces
        return last.metadata.uid if last is not None else None


def stand(case: Case, asked: Asked, *, closing: bool = False) -> Standing:
    """`closing`: the Run stops, and what is open is cancelled."""
    passed: set[str] = set()
    standing = _follow(case, asked, passed, closing=closing)
    if standing.request is None and not closing:
        return standing
    left = (action for one in left_behind(case, asked.node, passed) for action in _set_aside(case, one, standing.name))
    return replace(standing, first=(*standing.first, *left))


def _follow(case: Case, asked: Asked, passed: set[str], *, closing: bool) -> Standing:
    """From the first request to the one that counts. `passed`: the names of those on the way are added."""
    if is_gone(case, asked.node):
        before = case.before(asked.node)
        return Standing(asked, before.request or "" if before else "", is_gone=True, before=before)
    requests = Requests(case, asked.node)
    name, corrector = base_name(case, asked.node), None
    first: list[Action] = []
    last = None
    for _ in range(MAX_CORRECTIONS):
        found, request = requests.find(asked, name)
        if found is None:
            obstacle = f"the requests that are there, {name} and others, are not as they were asked"
            return Standing(asked, name, first=tuple(first), obstacle=obstacle)
        name = found
        passed.add(name)
        if request is None:
            return replace(_ask(case, asked, name, tuple(first), closing=closing), replaces=last)
        standing, next_asked, corrector = _look(case, asked, request, corrector, closing=closing)
        first += standing.first
        if next_asked is None:
            return replace(standing, first=tuple(first))
        asked, name, last = next_asked, _name_of(case, next_asked), request
    return Standing(asked, name, obstacle="it was corrected too often")


def _set_aside(case: Case, request: ApprovalRequest, by: str) -> list[Action]:
    outcome = decide_request(request, case.now, involved=involved(case))
    why = f"what is asked has changed: {by} asks it now"
    return _note(case, request, _close(outcome, Decision.SUPERSEDED, why, case.now), by)


def _name_of(case: Case, asked: Asked) -> str:
    return name_beside(base_name(case, asked.node), asked.digest(case))


def _ask(case: Case, asked: Asked, name: str, first: tuple[Action, ...], *, closing: bool) -> Standing:
    if closing:
        return Standing(asked, name, first=first)
    rules = under(case, asked)
    if rules is None:
        return Standing(asked, name, first=first, obstacle=f"there is no ApprovalPolicy {asked.policy}")
    if case.observed.guard is None:
        return Standing(asked, name, first=first, obstacle="the admission policies that guard votes are missing")
    manifest = build_request(case, asked, name, rules.policy, rules.expires_at(case.now))
    create = CreateRequest(name, manifest)
    if holds(_checked(create.manifest)):
        by_rule = f"the rule of policy {asked.policy} holds: nobody is asked"
        return Standing(asked, name, first=first, actions=(create,), obstacle=by_rule)
    electorate = Electorate(rules.policy, case.now, involved(case))
    until = moments.parse(manifest["spec"]["binding"].get("expiresAt"))
    verb = "approve" if asked.type is Question.APPROVAL else "answer"
    event = RecordEvent(EventType.NORMAL, "Asked", f"To answer: kubectl headgate {verb} {name}", request=name)
    return Standing(asked, name, first=first, actions=(create, event), obstacle=telling.asks(electorate, until))


def _checked(manifest: Mapping[str, Any]) -> ApprovalRequest:
    """As the API server would take it. Raises CannotRenderError: what is shown may be anything."""
    try:
        size = documents.size(manifest)
        if size > MAX_REQUEST:
            raise CannotRenderError(f"what is asked is {size // 1024} KiB, and {MAX_REQUEST // 1024} can be: show less")
        return ApprovalRequest.model_validate(manifest)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise CannotRenderError(line(f"{'.'.join(map(str, first['loc']))}: {first['msg']}", 300)) from None
    except documents.DocumentError as error:
        raise CannotRenderError(line(str(error), 300)) from None


def _look(
    case: Case, asked: Asked, request: ApprovalRequest, corrector: Corrector | None, *, closing: bool
) -> tuple[Standing, Asked | None, Corrector | None]:
    """How one request stands; if another takes its place, what that asks."""
    name = request.metadata.name or ""
    decided = read_decided(request, corrector)
    outcome = decided or decide_request(request, case.now, involved=involved(case), corrector=corrector)
    if decided is None and closing and outcome.is_open:
        outcome = _close(outcome, Decision.CANCELLED, "the Run stops", case.now)
    elif decided is None and not outcome.is_open and _unguarded(case, request):
        why = "the admission policies that guard votes have changed since it was asked"
        outcome = _close(outcome, Decision.SUPERSEDED, why, case.now)
    if outcome.is_open:
        wakes = (outcome.wake_at, next_moment(request, policy_of(case.observed, request), case.now))
        outcome = replace(outcome, wake_at=min((at for at in wakes if at is not None), default=None))
    next_asked, next_corrector = _successor(case, asked, request, outcome)
    first: list[Action] = []
    if decided is None:
        superseded_by = None if next_asked is None else _name_of(case, next_asked)
        first += _note(case, request, outcome, superseded_by)
    return Standing(asked, name, request, outcome, tuple(first)), next_asked, next_corrector


def _successor(
    case: Case, asked: Asked, request: ApprovalRequest, outcome: Outcome
) -> tuple[Asked | None, Corrector | None]:
    """What takes its place. A correction is believed as long as the request that was to take its place says the same:
    not if it was set aside for another reason, whatever its votes say."""
    if outcome.phase is not Decision.SUPERSEDED:
        return None, None
    if outcome.by:
        user, corrected = outcome.by[0], asked.corrected(outcome.values, request)
        told = request.status.superseded_by if request.status else None
        if told in (None, _name_of(case, corrected)):
            return corrected, Corrector(user, request.spec.votes[user])
    return asked.again(request), None


def _unguarded(case: Case, request: ApprovalRequest) -> bool:
    return request.metadata.annotations.get(GUARD, "") != (case.observed.guard or "")


def _close(outcome: Outcome, phase: Decision, why: str, now: datetime) -> Outcome:
    history = {**outcome.history, f"{moments.spell_exactly(now)} headgate": f"{phase}: {why}"}
    return Outcome(phase, outcome.count, history, decided_at=now, message=why)


def _note(case: Case, request: ApprovalRequest, outcome: Outcome, superseded_by: str | None) -> list[Action]:
    """The request's status, if that says something new, and an Event for each new vote."""
    metadata = request.metadata
    electorate = electorate_of(case, request)
    policy = policy_of(case.observed, request)
    status = telling.plain(telling.status_of(request, outcome, electorate, case.now, superseded_by, policy))
    old: dict[str, Any] = telling.plain(request.status) if request.status else {}
    if status == old:
        return []
    name = metadata.name or ""
    actions: list[Action] = [UpdateRequestStatus(name, metadata.uid or "", metadata.resource_version or "", status)]
    for key in status["history"].keys() - old.get("history", {}).keys():
        person = key.partition(" ")[2]
        if person != "headgate":
            left = status["waitingFor"] if outcome.is_open else telling.ended(outcome)
            message = f"{person}: {status['history'][key]}. {left}"
            actions.append(RecordEvent(EventType.NORMAL, "Voted", message[:900], request=name))
    if not outcome.is_open:
        actions.append(RecordEvent(EventType.NORMAL, str(outcome.phase), telling.ended(outcome)[:900], request=name))
    return actions


def electorate_of(case: Case, request: ApprovalRequest) -> Electorate:
    opened_at = moments.parse(request.metadata.creation_timestamp) or case.now
    requester = {request.spec.requester} if request.spec.requester else set()
    return Electorate(request.spec.binding.policy, opened_at, involved(case) | requester)
