"""What a vote would do, told before it is cast: by the operator's own count, as it stands now. Pure."""

from headgate.api.approvalrequest import Decision, Verdict, Vote
from headgate.cli.requests.judging import May, judge, who_can
from headgate.cli.requests.people import Matter
from headgate.cli.runs.amounts import count
from headgate_lang.fate import Outcome

_ORDINALS = "first second third fourth fifth sixth seventh eighth ninth tenth".split()
_ENDS = {
    Decision.APPROVED: Outcome.SUCCEEDED,
    Decision.ANSWERED: Outcome.SUCCEEDED,
    Decision.REJECTED: Outcome.FAILED,
    Decision.STOP: Outcome.FAILED,
}
_WISHES = {
    Verdict.APPROVE: Decision.APPROVED,
    Verdict.ANSWER: Decision.ANSWERED,
    Verdict.REJECT: Decision.REJECTED,
    Verdict.RETRY: Decision.RETRY,
    Verdict.SKIP: Decision.SKIP,
    Verdict.STOP: Decision.STOP,
}


def outlook(matter: Matter, vote: Vote) -> str:
    """`Your vote is the second of 2.`"""
    judgement, before, after = judge(matter), matter.foresee(), matter.foresee(vote)
    has, had, needed = sum(after.count.filled), sum(before.count.filled), sum(after.count.needed)
    if judgement.may is May.LATER:
        return "Your vote is taken, and waits until you are called in."
    if after.phase is Decision.REJECTED:
        return "One no ends it."
    if after.phase is Decision.SUPERSEDED:
        return "It is asked again with your values, under a new name, and your vote goes with it."
    if needed == 1 and not after.is_open:
        return "Your vote decides it."
    if has > had or not after.is_open:
        return f"Your vote is the {_ORDINALS[has - 1] if has <= len(_ORDINALS) else f'{has}th'} of {needed}."
    if matter.standing is not None:
        return f"It takes the place of your vote, {matter.standing.verdict}."
    if vote.verdict is not Verdict.APPROVE and had:
        return f"{needed} must say the same, and another answer has {count(had, 'vote')}."
    return f"Your vote does not add to the {had} of {needed} that count. {who_can(matter)}"


def decision_of(verdict: Verdict) -> Decision | None:
    """How a question ends that goes by this vote."""
    return _WISHES.get(verdict)


def end_of(matter: Matter, vote: Vote) -> tuple[Outcome | None, bool]:
    """How the node would end if it went by this vote, and whether it does so with it. None: it runs again."""
    after = matter.foresee(vote)
    wish = _WISHES[vote.verdict]
    if wish is Decision.SKIP:
        return (Outcome.SUCCEEDED if vote.values else Outcome.SKIPPED), after.phase is wish
    return _ENDS.get(wish), after.phase is wish
