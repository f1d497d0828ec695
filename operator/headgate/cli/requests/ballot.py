"""A vote that somebody is about to cast: whether it can be cast, and what it would lead to. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from headgate.api.approvalrequest import VERDICTS, ApprovalRequest, Decision, Question, Verdict, Vote
from headgate.api.run import Run
from headgate.cli.drawing import words
from headgate.cli.requests import sequel
from headgate.cli.requests.changes import changed
from headgate.cli.requests.foresight import decision_of, end_of, outlook
from headgate.cli.requests.judging import May, judge
from headgate.cli.requests.letter import how_to_answer
from headgate.cli.requests.people import Matter
from headgate.compiler.graph import Graph
from headgate.lifecycle.approvals.voting import misfits
from headgate_lang.near import did_you_mean

_CORRECTS = (Verdict.APPROVE, Verdict.RETRY)
"""Verdicts whose values stand for some of what is shown."""


@dataclass(frozen=True, slots=True)
class Ballot:
    matter: Matter
    verdict: Verdict
    reason: str | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    """Corrections, an answer, edited parameters, or an output: those alone that are not shown already."""
    run: Run | None = None
    graph: Graph | None = None
    """What the Run keeps to; where either cannot be read, less is told."""

    @property
    def request(self) -> ApprovalRequest:
        return self.matter.request

    @property
    def vote(self) -> Vote:
        return self.matter.stamp(self.verdict, self.reason, self.values)

    @property
    def is_undecided(self) -> bool:
        """An answer to a failure, which is Retry, Skip or Stop."""
        return self.verdict is Verdict.ANSWER and self.request.spec.type is Question.RECOVERY

    @property
    def digest(self) -> str:
        return self.request.spec.binding.digest.removeprefix("sha256:")[:8]


def obstacle(ballot: Ballot, program: str, home: str, *, may_choose: bool = False) -> str | None:
    """Why this vote would not be taken, or never count: what the API server would say, in as few words.

    `may_choose`: what to do about a failure can still be asked.
    """
    request, judgement = ballot.request, judge(ballot.matter)
    if ballot.verdict is Verdict.WITHDRAW and request.is_open:
        return None if ballot.matter.standing else f"you are {ballot.matter.person.user}, and have not voted"
    if judgement.may is May.NO:
        return f"you are {ballot.matter.person.user}{judgement.why}"
    if ballot.verdict not in VERDICTS[request.spec.type] and not (may_choose and ballot.is_undecided):
        return f"it asks for {request.spec.type}: {' or '.join(how_to_answer(request, program, home))}"
    return None


def faults(ballot: Ballot) -> list[str]:
    """What is wrong with the values."""
    form = ballot.request.spec.binding.form
    unknown = [name for name in ballot.values if name not in form] if ballot.verdict in _CORRECTS else []
    said = [f"{name} cannot be changed here: {did_you_mean(name, form) or _only(form)}" for name in unknown]
    return said or [str(one) for one in misfits(ballot.request, ballot.vote)]


def _only(form: Mapping[str, Any]) -> str:
    return f"only {words.names_of([*form])} can" if form else "nothing can"


def with_values(ballot: Ballot, values: Mapping[str, Any]) -> dict[str, Any]:
    """What of these values belongs into the vote: of what is shown, only what was changed."""
    if ballot.verdict in _CORRECTS:
        return changed(ballot.request.spec.values, values)
    return dict(values)


def story(ballot: Ballot) -> Iterator[str]:
    """What comes of it: `Your vote is the second of 2. Then at once:`, and the nodes."""
    said = outlook(ballot.matter, ballot.vote)
    end, is_decided = end_of(ballot.matter, ballot.vote)
    node = ballot.request.spec.node
    if end is None:
        yield f"{said} {'Then' if is_decided else 'Once it is decided so,'} {node} runs again."
        return
    if ballot.graph is None or ballot.run is None or node not in ballot.graph.by_name:
        yield said
        return
    told = sequel.lines(sequel.sequel(ballot.graph, ballot.run, node, end))
    then = "Then at once:" if is_decided else "Once it is decided so:"
    yield f"{said} {then if told else 'No other node waits for that.'}"
    yield from told


def result(ballot: Ballot, after: ApprovalRequest) -> str:
    """How it stands once the operator has taken note: `Approved, digest 91c2f0a6. publish starts.`"""
    status = after.status
    phase = status.phase if status else None
    if status is None or phase in (None, Decision.OPEN):
        needs = f" It needs {status.waiting_for}." if status and status.waiting_for else ""
        return f"{ballot.verdict}, digest {ballot.digest}: {status.votes if status else '0'} votes.{needs}"
    if phase is Decision.SUPERSEDED:
        return f"Corrected, and asked again as {status.superseded_by}."
    starts = f" {_starting(ballot)}".rstrip() if phase is decision_of(ballot.verdict) else ""
    return f"{phase}, digest {ballot.digest}.{starts}"


def _starting(ballot: Ballot) -> str:
    """`publish starts.`, if it was decided as voted; empty where nothing does."""
    end, _ = end_of(ballot.matter, ballot.vote)
    node = ballot.request.spec.node
    if end is None:
        return f"{node} runs again."
    if ballot.graph is None or ballot.run is None or node not in ballot.graph.by_name:
        return ""
    names = [one.name for one in sequel.sequel(ballot.graph, ballot.run, node, end).at_once]
    return f"{words.names_of(names)} start{'s' if len(names) == 1 else ''}." if names else ""
