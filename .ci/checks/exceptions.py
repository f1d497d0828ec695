"""What the checks let through, and why: `exceptions.toml` beside this file. An entry that nothing needs is refused."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass

from checks.tree import Tree
from checks.verdict import Finding

FILE = ".ci/checks/exceptions.toml"


@dataclass(frozen=True, slots=True)
class Allowed:
    """One thing that is let through: what it is about, what exactly, and the reason."""

    subject: str
    detail: str
    reason: str


def read_allowed(tree: Tree, table: str, subject: str, detail: str) -> list[Allowed]:
    """Read one table of the file, whose entries name their subject and detail by these keys."""
    entries = tomllib.loads((tree.root / FILE).read_text(encoding="utf-8")).get(table, [])
    return [Allowed(entry[subject], entry[detail], entry["reason"]) for entry in entries]


def check_needed(allowed: Iterable[Allowed], used: Iterable[tuple[str, str]]) -> list[Finding]:
    """Refuse what is let through for nothing, or for no reason."""
    needed = set(used)
    found: list[Finding] = []
    for one in allowed:
        if (one.subject, one.detail) not in needed:
            found.append(Finding(FILE, f"nothing needs the entry {one.subject} {one.detail}", "take it out"))
        if not one.reason.strip():
            found.append(
                Finding(FILE, f"the entry {one.subject} {one.detail} gives no reason", "say why it is harmless")
            )
    return found
