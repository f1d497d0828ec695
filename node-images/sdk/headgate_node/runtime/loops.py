"""What comes of a loop, out of what came of its items. Pure.

Asked by `looping` for a loop that runs in one place, by `sources` for one whose items ran elsewhere.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from headgate_lang.failing import tell_failed
from headgate_lang.fate import Outcome
from headgate_lang.paths import Reference, kind_of, parse
from headgate_lang.reasons import Reason
from headgate_lang.report import MAX_FAILED_ITEMS, End, Error, Failure
from headgate_lang.task import Items, Tolerance
from headgate_lang.template import parse as parse_template
from headgate_lang.values import ABSENT, part_of
from headgate_node.runtime.roots import build_failure


def look_of(outcome: Outcome, on_error: str) -> Outcome | None:
    """How an end looks to others; None where people are asked first (`onError: Ask`)."""
    if outcome is not Outcome.FAILED:
        return outcome
    return {"Continue": Outcome.FORGIVEN, "Ask": None}.get(on_error, Outcome.FAILED)


def build_output(outputs: Mapping[int, Any], failed: Sequence[Failure]) -> dict[str, Any]:
    """What others read of a loop that succeeded: outputs in the order of the list."""
    in_order = [outputs[index] for index in sorted(outputs)]
    return {"outputs": in_order, "failed": [build_failure(failure) for failure in failed[:MAX_FAILED_ITEMS]]}


def why_no_list(items: Any, most: int) -> Error | None:
    """Why a loop cannot run over what its `in` is."""
    if not isinstance(items, list):
        kind = "absent" if items is ABSENT else kind_of(items)
        return Error(Reason.NOT_A_LIST, f"`in` is {kind}, and must be a list: write `[x]` for a list of one", 0)
    if len(items) > most:
        message = f"the list has {len(items):,} items, and at most {most:,} are run: divide it, or raise the limit"
        return Error(Reason.TOO_MANY_ITEMS, message, 0)
    return None


def build_error(failed: Sequence[Failure], count: int, length: int, tolerate: Tolerance) -> Error:
    """The error of a loop of which more items failed than are tolerated."""
    indices = [failure.index for failure in failed]
    first = failed[0] if failed else None
    return Error(Reason.ITEMS_FAILED, tell_failed(indices, count, length, tolerate.of(length), first))


def combine(items: Items, ends: Sequence[End], outputs: Mapping[int, Any] | None) -> End | None:
    """How a loop ended whose items ran in several pods of this leg, as these tell it; `outputs` if they are read.

    None if that is open: not every item has ended, or people are asked about the failure first.
    """
    failed = sorted((one for end in ends for one in end.failed), key=lambda one: one.index)
    count = items.length - len(outputs) if outputs is not None else sum(_count(end) for end in ends)
    if count > items.tolerate.of(items.length):
        look = look_of(Outcome.FAILED, items.on_error)
        error = build_error(failed, count, items.length, items.tolerate)
        return None if look is None else End(look, error, tuple(failed[:MAX_FAILED_ITEMS]))
    return End(Outcome.SUCCEEDED, failed=tuple(failed[:MAX_FAILED_ITEMS]))


def _count(end: End) -> int:
    return end.failed_count or len(end.failed)


def item_schema(items: Any, schema_of: Any) -> Any:
    """The schema of `item` where the list is a plain path: it says which numbers are doubles."""
    if not isinstance(items, str):
        return None
    whole = parse_template(items).whole
    path = parse(whole.source) if whole else None
    return None if path is None else _walk(path, schema_of(path.root))


def _walk(path: Reference, schema: Any) -> Any:
    for step in path.steps:
        if schema is None:
            return None
        schema = part_of(schema, step.key) if isinstance(step.key, str) else _items(schema)
    return _items(schema)


def _items(schema: Any) -> Any:
    return schema.get("items") if isinstance(schema, Mapping) else None
