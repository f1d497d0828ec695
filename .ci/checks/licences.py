"""The licences of everything that is locked, read from installed metadata: only those that a user need not ask about.

Copyleft that reaches into what we ship (GPL, AGPL, LGPL, EPL) is kept out. A package whose metadata says nothing
stands in `exceptions.toml` with the licence that was read in its source.
"""

from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, metadata

from packaging.utils import canonicalize_name

from checks.exceptions import FILE, check_needed, read_allowed
from checks.locks import read_lock
from checks.tree import Tree
from checks.verdict import Finding

ALLOWED = frozenset(
    "0BSD Apache-2.0 BSD-2-Clause BSD-3-Clause ISC MIT MIT-0 MPL-2.0 PSF-2.0 Python-2.0 Unlicense Zlib".split()
)
_SPDX = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD 2-Clause License": "BSD-2-Clause",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}
"""Names that packages give in older metadata, where they are unambiguous."""


_NO_LICENCE = frozenset(["DFSG approved", "OSI Approved"])


def check_licences(tree: Tree) -> list[Finding]:
    allowed = read_allowed(tree, "licence", "package", "licence")
    excepted = {canonicalize_name(one.subject): one for one in allowed}
    lock, _ = read_lock("locks/dev.txt", tree.text("locks/dev.txt") or "")
    found: list[Finding] = []
    used: list[tuple[str, str]] = []
    for name in sorted(lock.versions):
        try:
            licence = read_licence(metadata(name).json)
        except PackageNotFoundError:
            continue  # the check of the lock files tells it
        if is_allowed(licence):
            continue
        if name in excepted:
            used.append((excepted[name].subject, excepted[name].detail))
        else:
            what = f"{name} is under {licence}" if licence else f"{name} does not say its licence"
            found.append(Finding(lock.place(name), what, f"do without it, or say in {FILE} why it is harmless"))
    return found + check_needed(allowed, used)


def is_allowed(expression: str) -> bool:
    """Whether an SPDX expression leaves a choice that is allowed. What it cannot read, it refuses."""
    choices = [choice.split(" AND ") for choice in expression.split(" OR ")]
    return any(all(one.strip() in ALLOWED for one in choice) for choice in choices)


def read_licence(package: Mapping[str, str | list[str]]) -> str:
    """The licence of a package as an SPDX expression: what it says itself, or all that its classifiers say."""
    if expression := package.get("license_expression"):
        return str(expression)
    text = str(package.get("license", ""))
    if (name := _SPDX.get(text, text)) in ALLOWED:
        return name
    classifiers = [one.rpartition(" :: ")[2] for one in package.get("classifier", []) if one.startswith("License ")]
    named = [_SPDX.get(one, one) for one in classifiers if one not in _NO_LICENCE]
    return " AND ".join(named) or text.partition("\n")[0]
