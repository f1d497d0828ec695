"""Figures: what was measured, beside what it should be. Tests and benchmarks record them, `make figures` prints them.

A figure is one file, `.figures/NAME.json`. Its goal is a text with its direction, `<= 45` or `>= 200`; a plain number
is read as `<=`. A figure that misses its goal is told, not hidden: a bound that must hold is asserted by its test.
"""

import json
import operator
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

FIGURES = Path(__file__).resolve().parents[2] / ".figures"

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_GOAL = re.compile(r"(<=|>=|==)? *(-?\d+(?:\.\d+)?)")
_HOLDS = {"<=": operator.le, ">=": operator.ge, "==": operator.eq}


@dataclass(frozen=True)
class Figure:
    """One measured value. `n` is how often it was measured; `ours` and `other` are the two sides of a comparison."""

    name: str
    value: float
    goal: str
    unit: str
    n: int = 1
    ours: float | None = None
    other: float | None = None
    note: str = ""

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ValueError(f"{self.name!r} is no name of a figure: write it like `cluster_warm_s`")
        if not _GOAL.fullmatch(self.goal):
            raise ValueError(f"{self.goal!r} is no goal of {self.name}: write `<= 45`, `>= 200` or `== 0`")

    @property
    def is_met(self) -> bool:
        match = _GOAL.fullmatch(self.goal)
        assert match is not None
        return bool(_HOLDS[match[1] or "<="](self.value, float(match[2])))


def record(
    name: str,
    value: float,
    goal: str | float,
    unit: str,
    *,
    n: int = 1,
    ours: float | None = None,
    other: float | None = None,
    note: str = "",
    folder: Path = FIGURES,
) -> Figure:
    """Keep a figure in the place of an earlier one of the same name."""
    figure = Figure(name, value, _with_direction(goal), unit, n, ours, other, note)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps(asdict(figure), indent=2) + "\n", encoding="utf-8")
    return figure


def read_all(folder: Path = FIGURES) -> list[Figure]:
    found = (json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json")))
    return [Figure(**{**one, "goal": _with_direction(one["goal"])}) for one in found]


def build_table(figures: Iterable[Figure]) -> str:
    """Lay the figures out as people read them: `ok` or `MISSED` first."""
    rows = [
        ("ok" if one.is_met else "MISSED", one.name, f"{one.value:g} {one.unit}".strip(), one.goal, _remark(one))
        for one in figures
    ]
    widths = [max(len(row[column]) for row in rows) if rows else 0 for column in range(4)]
    return "\n".join("  ".join([*map(str.ljust, row, widths), row[4]]).rstrip() for row in rows)


def _with_direction(goal: str | float) -> str:
    return goal if isinstance(goal, str) else f"<= {goal:g}"


def _remark(figure: Figure) -> str:
    """What the value was made of: how many measurements, the two sides of a comparison, a note."""
    parts = [f"n={figure.n}"] if figure.n > 1 else []
    parts += [f"ours {figure.ours:g}"] if figure.ours is not None else []
    parts += [f"other {figure.other:g}"] if figure.other is not None else []
    return ", ".join([*parts, figure.note] if figure.note else parts)


if __name__ == "__main__":
    figures = read_all()
    print(build_table(figures) or "No figures yet: `make test` and `make bench` write them.")
    missed = sum(not figure.is_met for figure in figures)
    print(f"{len(figures)} figures, {missed} missed")
