"""What nodes gave, put together from wherever it lies: for those who read it, in pods or in the operator itself."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from headgate.compiler import loop as loops
from headgate.compiler.emit import Document, Inline
from headgate.compiler.graph import Node, Role
from headgate.compiler.known import Instance
from headgate.compiler.plan import approvals_lacking
from headgate.lifecycle.case import Case
from headgate.lifecycle.entries import outcome_of
from headgate.lifecycle.facts import Facts
from headgate_lang.failing import tell_failed
from headgate_lang.fate import Outcome
from headgate_lang.reasons import Reason
from headgate_lang.report import MAX_FAILED_ITEMS, Error, Failure, Phase


def error_of(case: Case, facts: Facts, node: Node) -> Error | None:
    """Why a node failed; None if it did not."""
    whole = Instance(node.name)
    settled = facts.settled.get(whole)
    if settled is None or settled.outcome is not Outcome.FAILED:
        return None
    end = facts.ends.get(whole)
    if end is not None and end.error is not None:
        return end.error
    told = facts.told.get(whole) or facts.told.get(Instance(node.name, prepare=True))
    if told is not None and outcome_of(told.entry) is Outcome.FAILED:
        return Error(told.entry.reason, told.entry.message, max(told.entry.attempts, 1))
    return Error(settled.reason, _derived(case, facts, node, settled.reason))


def _derived(case: Case, facts: Facts, node: Node, reason: str) -> str:
    """What the planner found out by itself."""
    if reason == Reason.ITEMS_FAILED:
        return items_failed(facts, node)
    if reason == Reason.NOT_BEHIND_GATE:
        return not_behind(approvals_lacking(case.graph, facts.known, node))
    if reason == Reason.TOO_MANY_ITEMS:
        return f"its list has more than {case.settings.max_items} items"
    return ""


def not_behind(policies: Iterable[str]) -> str:
    return f"its credential demands an approval under {', '.join(sorted(policies))}, and there was none"


def items_failed(facts: Facts, node: Node) -> str:
    """Which items of a loop failed so far; empty if none did."""
    if node.loop is None:
        return ""
    failed = list(failures(facts, node))
    first = failed[0] if failed else None
    whole = facts.told.get(Instance(node.name))
    if whole is not None and whole.entry.counts is not None:
        counts = whole.entry.counts
        indices, count, length = [one.index for one in failed], counts.failed, counts.items
    else:
        indices = [item.index or 0 for item in _bad_items(facts, node)]
        count = len(indices)
        length = loops.length_of(node.loop, facts.settled.get(Instance(node.name, prepare=True))) if count else 0
    return tell_failed(indices, count, length, node.loop.tolerate.of(length), first) if count else ""


def failures(facts: Facts, node: Node) -> Iterator[Failure]:
    """The items of a loop that failed, at most as many as expressions can read."""
    whole = facts.told.get(Instance(node.name))
    if whole is not None:
        yield from whole.entry.failed
        return
    for item in _bad_items(facts, node)[:MAX_FAILED_ITEMS]:
        told, end = facts.told.get(item), facts.ends.get(item)
        if told is not None:
            error = Error(told.entry.reason, told.entry.message, max(told.entry.attempts, 1))
            yield Failure(item.index or 0, error, told.entry.item)
        elif end is not None and end.error is not None:
            yield Failure(item.index or 0, end.error)


def _bad_items(facts: Facts, node: Node) -> list[Instance]:
    return _items(facts, node, Outcome.FAILED)


def documents_of(case: Case, facts: Facts, node: Node) -> Mapping[Instance, Document]:
    """Where the output of a node lies. Of items that ran as child Runs, all in one document."""
    whole = Instance(node.name)
    end = facts.ends.get(whole)
    if end is not None:
        return {} if end.output is None else {whole: Inline(end.output)}
    found: dict[Instance, Document] = {}
    if whole in facts.told:
        place = facts.told[whole].place
        return {} if place is None else {whole: case.library.document(place)}
    if node.loop is None or not node.is_expanded:
        return {}
    if node.role is Role.CHILD:
        outputs = {item: facts.ends[item].output for item in _good_items(facts, node) if item in facts.ends}
        together = Inline({str(item.index): output for item, output in outputs.items()})
        taken = {item for item in _good_items(facts, node) if item in facts.told}
        found.update(dict.fromkeys(outputs, together))
        places = {item: facts.told[item].place for item in taken}
    else:
        places = {item: facts.told[item].place for item in _good_items(facts, node)}
    shared: dict[Any, Document] = {}
    for item, place in places.items():
        if place is not None:
            found[item] = shared.setdefault(place, case.library.document(place))
    return found


def lost_outputs(facts: Facts) -> frozenset[str]:
    """The nodes that succeeded and whose output is nowhere: too large to travel, and read by nobody outside the pod."""
    told = ((where, one.entry) for where, one in facts.told.items() if where not in facts.ends)
    return frozenset(where.node for where, one in told if one.phase is Phase.SUCCEEDED and not one.is_kept)


def _good_items(facts: Facts, node: Node) -> list[Instance]:
    return _items(facts, node, Outcome.SUCCEEDED)


def _items(facts: Facts, node: Node, outcome: Outcome) -> list[Instance]:
    return sorted(
        item
        for item, end in facts.settled.items()
        if item.node == node.name and item.index is not None and end.outcome is outcome
    )


def value_of(case: Case, facts: Facts, node: Node) -> Any:
    """What expressions read under the name of a node that has ended; None if there is nothing to read.

    Raises NeedsReadError, TooLargeToReadError.
    """
    whole = Instance(node.name)
    settled = facts.settled[whole]
    error = error_of(case, facts, node)
    if error is not None:
        told = {"reason": error.reason, "message": error.message, "attempts": error.attempts}
        if node.loop is not None:
            told["items"] = [_failed(one) for one in failures(facts, node)]
        return {"error": told}
    if settled.outcome is not Outcome.SUCCEEDED:
        return None
    end = facts.ends.get(whole)
    if end is not None:
        return end.output
    if whole in facts.told:
        place = facts.told[whole].place
        return {} if place is None else case.library.value(place)
    outputs = [item_value(case, facts, item) for item in _good_items(facts, node)]
    return {"outputs": outputs, "failed": [_failed(one) for one in failures(facts, node)]}


def item_value(case: Case, facts: Facts, item: Instance) -> Any:
    end = facts.ends.get(item)
    if end is not None:
        return end.output
    place = facts.told[item].place
    return None if place is None else case.library.value(place)[str(item.index)]


def _failed(failure: Failure) -> dict[str, Any]:
    error = failure.error
    told = {"reason": error.reason, "message": error.message, "attempts": error.attempts}
    return {"index": failure.index, "item": failure.item, "error": told}
