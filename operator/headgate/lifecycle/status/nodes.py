"""How each node is doing, as the status says it."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from headgate.api.run import Items, NodePhase, NodeStatus, Phase, Usage
from headgate.compiler import loop as loops
from headgate.compiler.graph import Node, Role
from headgate.compiler.known import Instance, Settled
from headgate.lifecycle import moments
from headgate.lifecycle.case import Case
from headgate.lifecycle.clock import span_of
from headgate.lifecycle.entries import Stored, Told
from headgate.lifecycle.facts import Facts
from headgate.lifecycle.observed import Reference
from headgate.lifecycle.outputs import error_of, items_failed
from headgate.lifecycle.status.usage import usage_of
from headgate.lifecycle.tidy import line, word
from headgate_lang.fate import Outcome

_PHASES = {
    Outcome.SUCCEEDED: NodePhase.SUCCEEDED,
    Outcome.SKIPPED: NodePhase.SKIPPED,
    Outcome.FAILED: NodePhase.FAILED,
    Outcome.OMITTED: NodePhase.OMITTED,
}
MAX_NEEDS = 200
MAX_HELD_UP = 300


def node_statuses(case: Case, facts: Facts, claimed: Mapping[Instance, int]) -> dict[str, NodeStatus]:
    """`claimed`: what legs have claimed, those included that are about to be created."""
    running = {instance: since for view in case.views for instance, since in view.running.items()}
    by_node: dict[str, list[Instance]] = {}
    for instance in {**facts.settled, **claimed}:
        by_node.setdefault(instance.node, []).append(instance)
    return {
        node.name: _status(case, facts, node, by_node.get(node.name, []), claimed, running)
        for node in case.graph
        if node.role is not Role.RENDER
    }


def _status(
    case: Case,
    facts: Facts,
    node: Node,
    instances: list[Instance],
    claimed: Mapping[Instance, int],
    running: Mapping[Instance, datetime],
) -> NodeStatus:
    said: dict[str, Any] = {**_kept(case, node), **_asked(facts, node), **_measured(facts, node, instances)}
    mine = [instance for instance in instances if instance in claimed]
    legs = [claimed[instance] for instance in mine if claimed[instance]]
    if legs and "leg" not in said:
        said["leg"] = max(legs)
    if node.loop is not None and node.is_expanded:
        said["items"] = _items(facts, node, instances)
    settled = facts.settled.get(Instance(node.name))
    if settled is not None and not _is_asked(facts, node):
        said.update(_ended(case, facts, node, settled))
    else:
        said.update(_under_way(case, facts, node, mine, running))
    items = said.get("items")
    if items is not None and items.failed and not said.get("message") and said["phase"] is not NodePhase.PENDING:
        said["message"] = line(items_failed(facts, node)) or None
    return NodeStatus(**{key: value for key, value in said.items() if value is not None})


def _kept(case: Case, node: Node) -> dict[str, Any]:
    """What a status has to remember."""
    mark, before = case.mark(node.name), case.status.nodes.get(node.name)
    said: dict[str, Any] = {"since": mark.since or None, "retried": mark.retried or None}
    if before is not None and before.answered:
        said["answered"] = before.answered
    if node.role is Role.CHILD and before is not None:
        said["attempts"] = before.attempts
    return said


def _is_asked(facts: Facts, node: Node) -> bool:
    """A failure that people are asked about has not ended yet."""
    question = facts.questions.get(node.name)
    return question is not None and question.end is None


def _asked(facts: Facts, node: Node) -> dict[str, Any]:
    waiting = facts.questions.get(node.name) or facts.gates.get(node.name)
    said: dict[str, Any] = {}
    if waiting is not None:
        said |= {"request": waiting.request, "request_uid": waiting.request_uid}
        said["started_at"] = moments.spell(waiting.started_at)
        if waiting.end is not None and waiting.end.ended_at is not None:
            said["seconds"] = round(max(0.0, (waiting.end.ended_at - waiting.started_at).total_seconds()), 1)
    child = facts.children.get(Instance(node.name))
    if child is not None:
        said["child"] = child.name
    return said


def _measured(facts: Facts, node: Node, instances: list[Instance]) -> dict[str, Any]:
    """What legs have counted."""
    whole = facts.told.get(Instance(node.name))
    if whole is not None:
        return {**_times([whole]), **_said(whole)}
    parts = [facts.told[one] for one in instances if one in facts.told and not one.prepare]
    if not parts:
        return {}
    return {**_times(parts), "leg": max(told.leg for told in parts) or None, "usage": _usage(parts)}


def _times(parts: Iterable[Told]) -> dict[str, Any]:
    spans = [span for told in parts if (span := span_of(told)) is not None]
    if not spans:
        return {}
    start, end = min(span[0] for span in spans), max(span[1] for span in spans)
    return {"started_at": moments.spell(start), "seconds": round((end - start) / timedelta(seconds=1), 1)}


def _said(told: Told) -> dict[str, Any]:
    entry = told.entry
    counts = entry.counts
    return {
        "leg": told.leg or None,
        "attempts": entry.attempts or None,
        "preview": entry.preview,
        "output": _place(told),
        "usage": _usage([told]),
        "items": Items(total=_count(counts.items), succeeded=_count(counts.succeeded), failed=_count(counts.failed))
        if counts
        else None,
    }


def _count(number: int) -> int:
    return min(max(number, 0), 2**31 - 1)


def _usage(parts: Iterable[Told]) -> Usage | None:
    return usage_of(told.entry.usage for told in parts)


def _place(told: Told) -> str | None:
    if isinstance(told.place, Reference):
        return f"secret/{told.place.secret}/{told.place.key}"
    return f"store/{told.place.key}" if isinstance(told.place, Stored) else None


def _items(facts: Facts, node: Node, instances: list[Instance]) -> Items | None:
    prepared = facts.settled.get(Instance(node.name, prepare=True))
    if node.loop is None or (prepared is None and not isinstance(node.loop.items, list)):
        return None
    if prepared is not None and prepared.outcome is not Outcome.SUCCEEDED:
        return None
    ends = [facts.settled[one].outcome for one in instances if one in facts.settled and one.index is not None]
    total = loops.length_of(node.loop, prepared)
    return Items(total=total, succeeded=ends.count(Outcome.SUCCEEDED), failed=ends.count(Outcome.FAILED))


def _ended(case: Case, facts: Facts, node: Node, settled: Settled) -> dict[str, Any]:
    error = error_of(case, facts, node)
    end = facts.ends.get(Instance(node.name))
    told = facts.told.get(Instance(node.name))
    message = error.message if error else told.entry.message if told else ""
    return {
        "phase": _PHASES[settled.outcome],
        "reason": word(error.reason if error else settled.reason, "") or None,
        "message": line(message) or None,
        "needs": settled.cause,
        "given_by": end.given_by if end else None,
    }


def _under_way(
    case: Case, facts: Facts, node: Node, mine: list[Instance], running: Mapping[Instance, datetime]
) -> dict[str, Any]:
    question = facts.questions.get(node.name) or facts.gates.get(node.name)
    if question is not None and question.end is None:
        return {"phase": NodePhase.WAITING, "message": question.message or None}
    now = [instance for instance in mine if instance in running and not instance.prepare]
    if now:
        since = min(running[instance] for instance in now)
        return {"phase": NodePhase.RUNNING, "message": _silence(case, now), "started_at": moments.spell(since)}
    children = [facts.children[one] for one in mine if one in facts.children]
    if children:
        waits = all(child.run and child.run.status and child.run.status.phase is Phase.WAITING for child in children)
        return {"phase": NodePhase.WAITING if waits else NodePhase.RUNNING}
    needs = [need for need in node.needs if Instance(need) not in facts.settled]
    return {
        "phase": NodePhase.PENDING,
        "needs": line(", ".join(needs), MAX_NEEDS) or None,
        "message": None if needs else _held_up(case, mine) or _silence(case, mine),
    }


def _silence(case: Case, mine: list[Instance]) -> str | None:
    said = (view.silence for view in case.views if view.silence and any(one in view.claimed for one in mine))
    return next(said, None)


def _held_up(case: Case, mine: list[Instance]) -> str | None:
    """Why its pod does not start: no place for it, an image that cannot be pulled."""
    said = (view.held_up[instance] for view in case.views for instance in mine if instance in view.held_up)
    message = next(said, None)
    return f"its pod does not start: {line(message, MAX_HELD_UP)}" if message else None
