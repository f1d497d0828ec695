"""The files that make up the project: what git tracks, and what it would track next. Every check reads through it."""

import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path


@dataclass(frozen=True)
class Tree:
    """A checkout of the project, and the files in it that git does not ignore."""

    root: Path

    @cached_property
    def files(self) -> tuple[str, ...]:
        """Their paths from the root, sorted; a file deleted but not yet committed is not one of them."""
        listing = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607 - git is on the PATH
            cwd=self.root,
            check=True,
            capture_output=True,
            text=True,
        )
        return tuple(sorted(path for path in set(listing.stdout.split("\0")) if path and (self.root / path).is_file()))

    def named(self, *suffixes: str) -> list[str]:
        return [path for path in self.files if path.endswith(suffixes)]

    def text(self, path: str) -> str | None:
        """Read a file; None if it is no text."""
        content = (self.root / path).read_bytes()
        if b"\0" in content:
            return None
        try:
            return content.decode("utf-8")
        except UnicodeDecodeError:
            return None
