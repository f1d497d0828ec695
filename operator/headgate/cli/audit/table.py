"""Entries as a table, a line each: when, who, what, about which object, with what result."""

from collections.abc import Iterable, Iterator

from headgate.audit.entry import Action, Entry
from headgate.cli.printing.columns import in_columns

_TITLES = ("TIME", "NAMESPACE", "WHO", "ACTION", "OBJECT", "OUTCOME", "MORE")
_LONGEST = (20, 24, 40, 16, 56, 14, 110)
_MORE: dict[str, tuple[str, ...]] = {
    Action.RUN_CREATED: ("workflow", "parent", "from"),
    Action.RUN_DECLARED: ("attempt",),
    Action.RUN_STARTED: ("revision",),
    Action.LEG_STARTED: ("nodes", "decisions"),
    Action.RUN_ENDED: ("reason",),
    Action.RUN_DELETED: ("why",),
    Action.ASKED: ("policy", "node", "digest"),
    Action.VOTED: ("said", "groups"),
    Action.DECIDED: ("said",),
    Action.DECISION_USED: ("leg", "child"),
    Action.CREDENTIAL_USED: ("leg", "node"),
    Action.DEFINED: ("hash",),
    Action.CHANGED: ("before", "hash"),
    Action.OPERATOR_LEADS: ("replica",),
    Action.PRUNED: ("from", "through"),
    Action.CHAIN_BROKEN: ("known", "found"),
}
"""What of an entry's detail is told here; `-o json` has all of it."""
_QUIET = frozenset({"said", "workflow", "reason", "why"})
"""Clear without their names."""


def as_table(entries: Iterable[Entry]) -> str:
    """Nothing for no entries."""
    return in_columns(_TITLES, [_row(entry) for entry in entries])


def _row(entry: Entry) -> list[str]:
    who = entry.who or "(unknown)"
    thing = f"{entry.kind}/{entry.name}"
    row = (entry.at[:19].replace("T", " "), entry.namespace, who, entry.action, thing, entry.outcome, _more(entry))
    return [_cut(cell, most) for cell, most in zip(row, _LONGEST, strict=True)]


def _more(entry: Entry) -> str:
    return "  ".join(_details(entry))


def _details(entry: Entry) -> Iterator[str]:
    for name in _MORE.get(entry.action, ()):
        value = entry.detail.get(name)
        if value in (None, "", []):
            continue
        text = ", ".join(map(str, value)) if isinstance(value, list) else _short(str(value))
        yield text if name in _QUIET else f"{name} {text}"


def _short(text: str) -> str:
    """A digest needs eight letters to be told from another."""
    number, _, hash_ = text.rpartition("sha256:")
    return f"{number}{hash_[:8]}" if hash_ != text else text


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
