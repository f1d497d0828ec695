"""Why a Run is where it is, what waits for what, and what to do about it. LANGUAGE §4.6 shows it.

`explain` asks. Nothing is promised about people: the API server cannot say who is in a group.
"""

from collections.abc import Container, Iterator, Mapping
from datetime import datetime

from headgate.api.approvalrequest import ApprovalRequest
from headgate.api.run import NodePhase, NodeStatus, Phase, Run, State
from headgate.cli.drawing import words
from headgate.cli.printing.paint import safe
from headgate.cli.requests.judging import May, judge
from headgate.cli.requests.letter import how_to_answer
from headgate.cli.requests.people import Matter
from headgate.cli.runs import amounts
from headgate.cli.runs.tree import ENDED, why_failed, why_skipped
from headgate.compiler.graph import Graph, Node
from headgate.compiler.passing import may_be_given
from headgate_lang.fate import Outcome

Matters = Mapping[str, Matter]
"""By the names of the requests that the Run waits for: these, and what is known of the reader's vote on them."""

_ENDS = {
    Phase.SUCCEEDED: "succeeded",
    Phase.FAILED: "failed",
    Phase.CANCELLED: "was cancelled",
    Phase.TIMED_OUT: "ran out of time",
}
_NAMED = 12
"""Nodes of one sort that are listed; of more, only the number is told."""


def explain(run: Run, graph: Graph | None, asked: Matters, now: datetime, program: str, home: str = "") -> str:
    """`home`: the namespace in which commands look that name none."""
    status = run.status
    if status is None or status.phase is None:
        return f"{run.metadata.name} has not been looked at yet: is the operator running? {_ASK_PODS}\n"
    rows = [*_stories(run, graph, asked, now)]
    width = max((len(name) for name, _ in rows), default=0)
    lines = [_first(run, status.phase, now), ""]
    for name, story in rows:
        first, *rest = safe(story).split("\n")
        lines.append(f"  {name:{width}}  {first}")
        lines += [f"  {'':{width}}  {line}" for line in rest]
    mine = [one for one in asked.values() if judge(one).may is May.YES and one.standing is None]
    for one in mine[:1]:
        lines += ["", f"You, {safe(one.person.user)}, may vote:"]
    lines += [f"  {how_to_answer(one.request, program, home)[0]}" for one in mine]
    voted = {one.request.metadata.name for one in mine}
    at = "" if home in ("", run.metadata.namespace) else f" -n {run.metadata.namespace}"
    advice = [(f"{command}{at}", what) for command, what in _advice(run, graph, status.phase, program, voted)]
    if advice:
        wide = max(len(command) for command, _ in advice)
        lines += ["", "To go on:", *(f"  {command:{wide}}  {what}".rstrip() for command, what in advice)]
    return "\n".join(lines).rstrip() + "\n"


_ASK_PODS = "Ask: kubectl get pods -A -l app.kubernetes.io/name=headgate"


def _first(run: Run, phase: Phase, now: datetime) -> str:
    name, status = run.metadata.name, run.status
    assert status is not None
    if phase in _ENDS:
        ago = amounts.until(now, status.ended_at)
        when = f" {amounts.long(ago)} ago" if status.ended_at else ""
        why = f": {status.message}" if phase is not Phase.SUCCEEDED and status.message and not status.nodes else ""
        return f"{name} {_ENDS[phase]}{when}{why}."
    if run.spec.state is not State.RUNNING:
        by = f" by {run.spec.declared_by}" if run.spec.declared_by else ""
        still = f"; {status.message}" if run.spec.state is not State.PAUSED and status.message else ""
        return f"{name} is {str(run.spec.state).lower()}{by}{still}."
    if phase is Phase.WAITING:
        return f"{name} waits{_for_whom(run)}. No pod, no GPU and no Argo Workflow is held."
    if phase is Phase.PENDING:
        return f"{name} has not started: {status.message or 'the operator has not planned it yet'}."
    working = [node for node in status.nodes.values() if node.phase is NodePhase.RUNNING]
    return f"{name} is running: {amounts.count(len(working), 'node')} at work, {status.progress or 'none'} ended."


def _for_whom(run: Run) -> str:
    assert run.status is not None
    waiting = [node for node in run.status.nodes.values() if node.phase is NodePhase.WAITING]
    return " for people" if any(node.request for node in waiting) else ""


def _stories(run: Run, graph: Graph | None, asked: Matters, now: datetime) -> Iterator[tuple[str, str]]:
    """What there is to say of each node that has not simply succeeded; pending ones of a large graph are counted."""
    assert run.status is not None
    known = run.status.nodes
    order = [node.name for node in words.drawn(graph)] if graph else sorted(known)
    quiet: list[str] = []
    for name in order:
        status, node = known.get(name), graph[name] if graph else None
        if status is None or status.phase is NodePhase.PENDING:
            quiet.append(name)
        elif status.phase is not NodePhase.SUCCEEDED:
            yield name, _story(status, node, asked, now)
    for name in quiet[:_NAMED]:
        yield name, _waits(run, known.get(name), graph[name] if graph else None)
    if len(quiet) > _NAMED:
        yield "…", f"and {len(quiet) - _NAMED} more that have not started"


def _story(status: NodeStatus, node: Node | None, asked: Matters, now: datetime) -> str:
    match status.phase:
        case NodePhase.WAITING:
            matter = asked.get(status.request or "")
            return _asked(matter.request, now) if matter else status.message or "waits"
        case NodePhase.FAILED:
            tries = f" ({status.attempts} attempts)" if (status.attempts or 0) > 1 else ""
            return f"{why_failed(status)}{tries}"
        case NodePhase.OMITTED:
            return f"omitted, because {status.needs} failed" if status.needs else f"omitted: {status.message}"
        case NodePhase.SKIPPED:
            return f"skipped: {why_skipped(status)}"
        case _:
            since = amounts.until(now, status.started_at)
            return status.message or (f"runs since {amounts.long(since)}" if status.started_at else "is being started")


def _asked(request: ApprovalRequest, now: datetime) -> str:
    status, binding = request.status, request.spec.binding
    missing = status.waiting_for if status and status.waiting_for else "votes"
    lines = [f"needs {missing}."]
    voted = [f"{user} has voted {vote.verdict}." for user, vote in request.spec.votes.items()]
    if binding.expires_at and status and status.until:
        left = (amounts.moment(binding.expires_at) - now).total_seconds()
        then = binding.policy.on_timeout
        voted.append(f"Until {status.until} ({amounts.long(max(0, left))}), then: {then}.")
    if voted:
        lines.append(" ".join(voted))
    return "\n".join(lines)


def _waits(run: Run, status: NodeStatus | None, node: Node | None) -> str:
    if status and status.message:
        return status.message
    if node is None:
        return f"waits for {status.needs}" if status and status.needs else "has not started"
    if node.final:
        return "runs when everything else has ended"
    known = run.status.nodes if run.status else {}
    ahead = {
        need: accepted for need, accepted in node.needs.items() if need not in known or known[need].phase not in ENDED
    }
    on_failure = [need for need, accepted in ahead.items() if accepted is Outcome.FAILED]
    others = [need for need in ahead if need not in on_failure]
    said = [f"waits for {words.names_of(others)}"] if others else []
    if on_failure:
        said.append(f"waits for {words.names_of(on_failure)}, and runs only if it fails")
    return ", ".join(said) or ("starts when the Run goes on" if run.spec.state is State.PAUSED else "is about to start")


def _advice(
    run: Run, graph: Graph | None, phase: Phase, program: str, told: Container[str | None]
) -> Iterator[tuple[str, str]]:
    """`told`: requests of which that is said already."""
    name = run.metadata.name
    assert run.status is not None
    for node in run.status.nodes.values():
        if node.phase is NodePhase.WAITING and node.request and node.request not in told:
            yield f"{program} approvals show {node.request}", "the question, and how to answer it"
    if phase in (Phase.FAILED, Phase.CANCELLED, Phase.TIMED_OUT):
        yield f"{program} retry {name}", "what failed runs again, then the rest"
        failed = [one for one, node in run.status.nodes.items() if node.phase is NodePhase.FAILED and not node.request]
        for one in failed[:3]:
            if graph is None or may_be_given(graph, one, has_output=False):
                yield f"{program} skip {name} {one}", f"go on without {one}, in a new Run"
            yield f"{program} logs {name} {one}", f"what {one} wrote"
    if run.spec.state is State.PAUSED:
        yield f"{program} resume {name}", "start what is due"
