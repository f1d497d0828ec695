"""The lock files: they hold what pyproject.toml asks for and nothing else, with hashes and without addresses.

All of it offline. What a locked package itself asks for is read from its installed metadata, so this runs in the
project's own environment, after `make setup`.
"""

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, requires
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version

from checks.tree import Tree
from checks.verdict import Finding

_PIN = re.compile(r"([A-Za-z0-9._-]+)==(\S+)(?: ;.*)? \\")
_HASH = re.compile(r"    --hash=sha256:[0-9a-f]{64}(?: \\)?")
_REMEDY = "`make lock` writes the lock files"

_LANGUAGE, _SDK = "operator/headgate_lang", "node-images/sdk"
_CORE, _CODE = "node-images/core", "node-images/code"
_OURS = {"headgate-lang": _LANGUAGE, "headgate-node": _SDK}


@dataclass(frozen=True)
class Lock:
    """One lock file: each package's version, and the line that pins it."""

    path: str
    versions: Mapping[NormalizedName, Version]
    lines: Mapping[NormalizedName, int] = field(default_factory=dict)

    def place(self, name: NormalizedName) -> str:
        return f"{self.path}:{self.lines.get(name, 1)}"


def check_locks(tree: Tree) -> list[Finding]:
    product, language, core, code = (list(_read_asked(tree, one)) for one in (".", _LANGUAGE, _CORE, _CODE))
    development = [Requirement(one) for one in _read_project(tree, ".")["dependency-groups"]["dev"]]
    wanted = {
        "locks/dev.txt": [*product, *development, *core, *code],
        "locks/operator.txt": product,
        "locks/lang.txt": language,
        "locks/core.txt": core,
        "locks/code.txt": code,
    }
    found: list[Finding] = []
    locks: list[Lock] = []
    for path, requirements in wanted.items():
        text = tree.text(path) if path in tree.files else None
        if text is None:
            found.append(Finding(path, "is missing", _REMEDY))
            continue
        lock, misread = read_lock(path, text)
        locks.append(lock)
        found += misread
        found += check_lock(lock, requirements, asked_by_installed)
    return found + check_agreement(locks)


def _read_project(tree: Tree, folder: str) -> dict[str, Any]:
    return tomllib.loads((tree.root / folder / "pyproject.toml").read_text(encoding="utf-8"))


def _read_asked(tree: Tree, folder: str, extras: Iterable[str] = ()) -> Iterator[Requirement]:
    """What a project of ours asks of others, itself or through others of ours."""
    project = _read_project(tree, folder)["project"]
    asked = [*project["dependencies"]]
    for extra in extras:
        asked += project["optional-dependencies"][extra]
    for one in map(Requirement, asked):
        if one.name in _OURS:
            yield from _read_asked(tree, _OURS[one.name], one.extras)
        else:
            yield one


def read_lock(path: str, text: str) -> tuple[Lock, list[Finding]]:
    """Read a lock file. Only pins, hashes and comments may stand in it."""
    versions: dict[NormalizedName, Version] = {}
    lines: dict[NormalizedName, int] = {}
    found: list[Finding] = []
    hashed: set[NormalizedName] = set()
    name: NormalizedName | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        if pin := _PIN.fullmatch(line):
            name = canonicalize_name(pin[1])
            versions[name], lines[name] = Version(pin[2]), number
        elif name and _HASH.fullmatch(line):
            hashed.add(name)
        elif line.strip() and not line.lstrip().startswith("#"):
            found.append(Finding(f"{path}:{number}", f"`{line.strip()}` is no pin with hashes", _REMEDY))
    lock = Lock(path, versions, lines)
    bare = sorted(set(versions) - hashed)
    return lock, found + [Finding(lock.place(name), f"{name} has no hash", _REMEDY) for name in bare]


def asked_by_installed(name: NormalizedName) -> list[Requirement] | None:
    """What an installed package asks for; None if it is not installed."""
    try:
        return [Requirement(one) for one in requires(name) or []]
    except PackageNotFoundError:
        return None


def check_lock(
    lock: Lock,
    wanted: Iterable[Requirement],
    asked_by: Callable[[NormalizedName], list[Requirement] | None],
) -> list[Finding]:
    """Follow what is asked for: all of it must be locked, in a version that fits, and nothing may be left over."""
    found: list[Finding] = []
    followed: set[tuple[NormalizedName, frozenset[str]]] = set()
    waiting = [("pyproject.toml", requirement) for requirement in wanted]
    while waiting:
        asker, requirement = waiting.pop()
        name, extras = canonicalize_name(requirement.name), frozenset(requirement.extras)
        version = lock.versions.get(name)
        if version is None:
            found.append(Finding(lock.path, f"{asker} asks for {requirement}, which is not locked", _REMEDY))
            continue
        if not requirement.specifier.contains(version, prereleases=True):
            found.append(Finding(lock.place(name), f"{asker} asks for {requirement}, locked is {version}", _REMEDY))
        if (name, extras) in followed:
            continue
        followed.add((name, extras))
        asked = asked_by(name)
        if asked is None:
            found.append(Finding(lock.place(name), f"{name} is not installed", "`make setup` installs it"))
        waiting += [(name, one) for one in asked or [] if _applies(one, extras)]
    left_over = sorted(set(lock.versions) - {name for name, _ in followed})
    return found + [Finding(lock.place(name), f"nothing asks for {name}", _REMEDY) for name in left_over]


def check_agreement(locks: Iterable[Lock]) -> list[Finding]:
    """One version of a package, whichever file it stands in: what was tested is what is shipped."""
    first: dict[NormalizedName, tuple[Lock, Version]] = {}
    found: list[Finding] = []
    for lock in locks:
        for name, version in lock.versions.items():
            other, there = first.setdefault(name, (lock, version))
            if there != version:
                found.append(Finding(lock.place(name), f"{name} is {version}, in {other.path} it is {there}", _REMEDY))
    return found


def _applies(requirement: Requirement, extras: frozenset[str]) -> bool:
    marker = requirement.marker
    return marker is None or any(marker.evaluate({"extra": extra}) for extra in extras or {""})
