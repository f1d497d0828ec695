"""Content keys: one hash for a set of files, one for everything an image is made from.

The planner asks whether these differ from last time's; nothing here looks at the clock or at modification times.
"""

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path

IGNORED_NAMES = frozenset({"__pycache__", ".git", ".mypy_cache", ".ruff_cache", ".pytest_cache"})


def is_content(path: Path) -> bool:
    """Whether a file counts: what tools leave behind must not make an image new."""
    return path.suffix != ".pyc" and not IGNORED_NAMES.intersection(path.parts) and path.is_file()


def list_files(folder: Path) -> list[Path]:
    """Every file below a folder that counts, relative to it, in a fixed order."""
    below = (path.relative_to(folder) for path in folder.rglob("*") if is_content(path))
    return sorted(below, key=lambda path: path.as_posix())


def hash_files(root: Path, files: Iterable[Path]) -> str:
    """Hash names, executable bits and contents of files given relative to `root`."""
    total = hashlib.sha256()
    for name in sorted(set(files), key=lambda path: path.as_posix()):
        path = root / name
        executable = bool(path.stat().st_mode & 0o100)
        total.update(f"{name.as_posix()}\0{int(executable)}\0{hash_file(path)}\n".encode())
    return total.hexdigest()


def hash_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def hash_text(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def hash_parts(parts: Mapping[str, str]) -> str:
    """One key out of named parts; the order in which they are given does not matter."""
    return hash_text("\n".join(f"{name}={parts[name]}" for name in sorted(parts)))
