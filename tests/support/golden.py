"""Golden files: what comes out is compared with what was stored, and read in review.

`pytest tests/golden --update-golden` stores what comes out now; the difference is then yours to read. CI never does.
"""

import difflib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Golden:
    """What a test asks with; the fixture `golden` makes it."""

    update: bool

    def check(self, path: Path, actual: str) -> None:
        """Fail unless the file holds exactly this text."""
        if self.update:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(actual, encoding="utf-8")
            return
        stored = path.read_text(encoding="utf-8") if path.exists() else ""
        if actual != stored:
            lines = difflib.unified_diff(stored.splitlines(), actual.splitlines(), "stored", "now", lineterm="")
            told = "\n".join(lines)
            raise AssertionError(f"{path.name} is not what is stored (--update-golden stores it):\n{told}")

    def check_folder(self, folder: Path, names: set[str]) -> None:
        """Fail if the folder holds files that no test asks for any more."""
        stale = sorted(path for path in folder.iterdir() if path.name not in names)
        if self.update:
            for path in stale:
                path.unlink()
        elif stale:
            raise AssertionError(f"nothing makes these any more: {', '.join(path.name for path in stale)}")
