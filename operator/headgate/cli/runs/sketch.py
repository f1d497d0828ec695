"""A tree as text: the whole for a terminal, and what has changed for a pipe."""

from collections.abc import Iterator
from textwrap import shorten

from headgate.api.run import NodePhase, Phase
from headgate.cli.printing.paint import Paint, safe
from headgate.cli.runs.tree import Row, Tree

_FINALLY = ("⚑", "fin")
_MARKS = {
    NodePhase.SUCCEEDED: ("✓", "ok"),
    NodePhase.FAILED: ("✗", "FAIL"),
    NodePhase.RUNNING: ("●", "run"),
    NodePhase.WAITING: ("◷", "wait"),
    NodePhase.PENDING: ("·", "."),
    NodePhase.OMITTED: ("⊘", "omit"),
    NodePhase.SKIPPED: ("–", "skip"),
}
_ASCII = str.maketrans({"▓": "#", "░": "-", "…": "~"})


def as_text(tree: Tree, paint: Paint, *, width: int = 0, plain: bool = False) -> str:
    """`width`: of the terminal, beyond which lines are cut; 0: none are. `plain`: ASCII only."""
    marks = [_mark(row, plain) for row in tree.rows]
    columns = [
        max((len(mark) for mark in marks), default=0),
        max((len(row.name) for row in tree.rows), default=0),
        max((len(row.use) for row in tree.rows), default=0),
        max((len(row.took) for row in tree.rows), default=0),
    ]
    indent = sum(columns) + len("  ") * 4 + len(" ")
    name, *rest = tree.title
    lines = ["   ".join([paint.bold(safe(name)), _colour(tree.phase, rest[0], paint), *map(safe, rest[1:])]), ""]
    for row, mark in zip(tree.rows, marks, strict=True):
        lines.append(_line(row, mark, columns, paint, width))
        if row.command:
            lines.append(f"{' ' * indent}{row.command}")
    text = "\n".join(lines) + "\n"
    return text.translate(_ASCII) if plain else text


def changed(old: Tree | None, new: Tree) -> Iterator[str]:
    """One line a change: what a log of a pipeline should hold."""
    before = {row.name: row for row in old.rows} if old else {}
    for row in new.rows:
        earlier = before.get(row.name)
        if row.phase is NodePhase.PENDING or (earlier and (earlier.phase, earlier.says) == (row.phase, row.says)):
            continue
        says = safe(row.says).removeprefix(f"{row.phase.lower()}: ")
        said = f": {says}" if says else ""
        yield f"{row.name} {row.phase}{f' ({row.took})' if row.took else ''}{said}"
    if old is None or old.phase is not new.phase:
        yield "   ".join(map(safe, new.title))


def _mark(row: Row, plain: bool) -> str:
    marks = _FINALLY if row.final and row.phase is NodePhase.PENDING else _MARKS[row.phase]
    return marks[1] if plain else marks[0]


def _line(row: Row, mark: str, columns: list[int], paint: Paint, width: int) -> str:
    marked, name, use, took = columns
    left = f"{row.name:{name}}  {row.use:{use}}  {row.took:{took}}  "
    says = safe(row.says)
    room = width - marked - 3 - len(left)
    if width and room > 10:
        says = shorten(says, room, placeholder="…")
    return f"  {_colour_of_row(row, f'{mark:{marked}}', paint)} {left}{says}".rstrip()


def _colour_of_row(row: Row, mark: str, paint: Paint) -> str:
    match row.phase:
        case NodePhase.FAILED:
            return paint.red(mark)
        case NodePhase.WAITING:
            return paint.yellow(mark)
        case NodePhase.RUNNING:
            return paint.blue(mark)
        case _:
            return mark


def _colour(phase: Phase, text: str, paint: Paint) -> str:
    match phase:
        case Phase.FAILED | Phase.TIMED_OUT:
            return paint.red(text)
        case Phase.WAITING | Phase.CANCELLED:
            return paint.yellow(text)
        case Phase.RUNNING:
            return paint.blue(text)
        case _:
            return paint.bold(text)
