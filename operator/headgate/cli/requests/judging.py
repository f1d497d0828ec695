"""Whether somebody may vote on a question, why, and who can: `approvals` lists by it, `why` and `explain` tell it.

In the order in which admission asks, and nearly in its words. Nobody can list who is in a group, so groups are named.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from headgate.api.approvalpolicy import Stage
from headgate.api.approvalrequest import Verdict, Vote
from headgate.cli.drawing.words import names_of
from headgate.cli.requests.people import Matter
from headgate.cli.runs.amounts import count
from headgate.lifecycle import moments
from headgate.lifecycle.approvals.people import is_person


class May(StrEnum):
    YES = "Yes"
    LATER = "Not yet"
    """The vote is taken, and waits until it counts."""
    NO = "No"


@dataclass(frozen=True, slots=True)
class Judgement:
    may: May
    why: str
    """Goes on where "you are ana@example.com" ends: `, and in group a, which policy b asks`."""


def judge(matter: Matter) -> Judgement:
    if why := _barred(matter):
        return Judgement(May.NO, why)
    electorate, vote = matter.electorate, matter.stamp(Verdict.WITHDRAW)
    counts = electorate.may_vote(matter.person.user, vote, matter.now, matter.now)
    later = _called_in_later(matter, vote)
    if not counts and not later:
        return Judgement(May.NO, _not_asked(matter))
    if not matter.rights.may_write:
        namespace = matter.request.metadata.namespace
        return Judgement(
            May.NO, f", and {_policy(matter)} asks you, but RBAC lets you write no vote in namespace {namespace}"
        )
    return Judgement(May.YES, _how(matter, vote)) if counts else Judgement(May.LATER, later)


def who_can(matter: Matter) -> str:
    """Whose votes are missing, of a question that is open."""
    counted = matter.foresee().count
    stages = matter.electorate.terms.stages
    missing = [(stage, counted.needed[i] - counted.filled[i]) for i, stage in enumerate(stages)]
    asked = [(stage, votes) for stage, votes in missing if votes]
    if len(stages) == 1 and asked:
        votes = asked[0][1]
        return f"Who can: {_people(matter, asked[0][0])}. {_votes(votes)} {'is' if votes == 1 else 'are'} needed."
    width = max((len(stage.name) for stage, _ in asked), default=0)
    lines = [f"  {stage.name:{width}}  {_people(matter, stage)}: {_votes(votes)}" for stage, votes in asked]
    return "\n".join(["Who can, stage by stage:", *lines])


def _barred(matter: Matter) -> str | None:
    """What keeps this person from voting, whomever the policy asks."""
    request, electorate, user = matter.request, matter.electorate, matter.person.user
    status, expires = request.status, moments.parse(request.spec.binding.expires_at)
    if status is not None and not request.is_open:
        instead = f": vote on {status.superseded_by}" if status.superseded_by else ""
        return f", and this request is closed ({status.phase}){instead}"
    if not is_person(user, electorate.terms):
        return f", a program and no person, which {_policy(matter)} does not list under serviceAccounts"
    if user == "me":
        return ", which everybody writes for themselves: a user of that name cannot vote"
    if user == request.spec.requester and user in electorate.excluded:
        return f", you asked for this Run, and {_policy(matter)} excludes the requester"
    if user in electorate.excluded:
        return f", you acted on this Run, and {_policy(matter)} excludes whoever did"
    if electorate.is_unattributed:
        return f", and no person is known to have asked for this Run, which {_policy(matter)} refuses"
    if expires is not None and matter.now >= expires:
        return f", and the time to vote was over at {moments.tell(expires)} UTC"
    return None


def _called_in_later(matter: Matter, vote: Vote) -> str:
    escalate, moment = matter.electorate.terms.escalate, matter.electorate.escalates_at
    groups = [group for group in escalate.groups if group in vote.groups] if escalate else []
    if moment is None or not groups:
        return ""
    when = f"{moments.tell(moment)} UTC"
    return f", and in {_groups(groups)}, which {_policy(matter)} calls in at {when}: a vote before then waits"


def _not_asked(matter: Matter) -> str:
    terms = matter.electorate.terms
    users = [user for stage in terms.stages for user in stage.users]
    groups = [group for stage in terms.stages for group in stage.groups]
    groups += terms.escalate.groups if terms.escalate else ()
    if not users:
        return f", and not in {_groups(groups)}, which {_policy(matter)} asks"
    nor = f", nor in {_groups(groups)}" if groups else ""
    return f", and not {' or '.join(users)}{nor}: {_policy(matter)} asks nobody else"


def _how(matter: Matter, vote: Vote) -> str:
    electorate, user = matter.electorate, matter.person.user
    stages = electorate.terms.stages
    if vote.by_right:
        return f", and RBAC lets you `approve` {_policy(matter)}, which counts in every stage"
    if any(user in stage.users for stage in stages):
        return f", and {_policy(matter)} asks you"
    asked = [group for stage in stages for group in electorate.groups(stage, matter.now)]
    if groups := [group for group in vote.groups if group in asked]:
        return f", and in {_groups(groups)}, which {_policy(matter)} asks"
    stood_for = {one for stage in stages for one in electorate.principals(stage, user, vote, matter.now, matter.now)}
    return f", and stand in for {names_of(sorted(stood_for))}, whom {_policy(matter)} asks"


def _people(matter: Matter, stage: Stage) -> str:
    """`members of group release-managers other than you`, `lea@example.com, bob@example.com in her place`."""
    electorate = matter.electorate
    said = [*_named(matter, stage)]
    if groups := electorate.groups(stage, matter.now):
        said.append(f"members of {_groups(groups)}{_except(matter)}")
    return " or ".join(said) or "nobody"


def _named(matter: Matter, stage: Stage) -> Iterator[str]:
    electorate = matter.electorate
    for user in stage.users:
        if user in electorate.excluded or not is_person(user, electorate.terms):
            continue
        yield "you" if user == matter.person.user else user
        for one in electorate.terms.delegation:
            until = moments.parse(one.until)
            if one.from_ == user and one.to not in electorate.excluded and until is not None and matter.now < until:
                yield f"{'you' if one.to == matter.person.user else one.to} in their place"


def _except(matter: Matter) -> str:
    excluded = sorted(matter.electorate.excluded)
    names = ["you" if user == matter.person.user else user for user in excluded]
    return f" other than {names_of(names)}" if names else ""


def _policy(matter: Matter) -> str:
    return f"policy {matter.request.spec.binding.policy.name}"


def _groups(groups: tuple[str, ...] | list[str]) -> str:
    return f"group {' or '.join(dict.fromkeys(groups))}"


def _votes(number: int) -> str:
    return count(number, "more vote")
