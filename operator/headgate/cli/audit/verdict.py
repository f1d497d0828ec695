"""What is said of a log that was verified, and with which exit code. Asked by `audit verify`, `head` and `report`."""

from collections.abc import Iterator
from dataclasses import dataclass

from headgate.audit.verifying import Fault, Verified

UNREADABLE = 2
"""The exit code where nothing can be said: there is no log, or it cannot be read."""
_HOLES = frozenset({Fault.MISSING, Fault.CUT_AT_START})


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the entries come from."""

    place: str
    """In words: `the log in namespace headgate`, or the name of a file."""
    missing: str
    """What to say where no entry is there."""
    is_file: bool = False
    is_part: bool = False
    """A file that holds what a search found."""


def lacks(verified: Verified, origin: Origin) -> str:
    """Why nothing can be said; empty where something can."""
    if verified.count or (verified.flaws and not origin.is_file):
        return ""
    if any(flaw.fault is Fault.UNREADABLE for flaw in verified.flaws):
        return f"{origin.place} holds no audit log: give what `headgate audit -o json` wrote"
    return "" if verified.flaws else origin.missing


def summary(verified: Verified, origin: Origin, heads: int) -> str:
    """In a line, where nothing lacks. `heads`: how many of them it was held against."""
    if verified.flaws:
        flaws, entries = len(verified.flaws), verified.count
        flawed = f"{flaws} flaw{'' if flaws == 1 else 's'} in {entries} entr{'y' if entries == 1 else 'ies'}"
        return f"{origin.place} is not as it was written: {flawed}"
    assert verified.first is not None
    assert verified.last is not None
    checked = heads - len(verified.unchecked)
    first, last = verified.first.number, verified.last.number
    if origin.is_part:
        against = f", {checked} of them as its head says" if checked else ""
        return (
            f"a part of the log: {verified.count} of entries {first} to {last}, each as it was written{against}; "
            "of what is left out, nothing can be said"
        )
    against = (
        f", and as it was at {checked} head{'' if checked == 1 else 's'}"
        if checked
        else "; whether its end was cut, only a head tells that you have kept: --head"
    )
    return f"unbroken from entry {first} to {last}{against}"


def remarks(verified: Verified, origin: Origin) -> Iterator[str]:
    """What to know beside it, a line each."""
    for head in verified.unchecked:
        why = "is not in this part" if origin.is_part else "was pruned"
        yield f"entry {head.number} {why}: nothing can be said of this head"
    faults = {flaw.fault for flaw in verified.flaws}
    if origin.is_file and not origin.is_part and faults and faults <= _HOLES:
        yield "if it was exported with a search (--who, --since and so on), it is a part of the log: say --part"
