"""Runs as a table, with kubectl's columns: one line tells the story of each."""

from collections.abc import Iterable
from datetime import datetime

from headgate.api.run import Run
from headgate.cli.printing.columns import in_columns
from headgate.cli.runs import amounts

_TITLES = ("NAME", "WORKFLOW", "STATUS", "PROGRESS", "MESSAGE", "AGE")


def as_table(runs: Iterable[Run], now: datetime) -> str:
    """The youngest first; nothing for no Runs."""
    ordered = sorted(runs, key=lambda run: run.metadata.creation_timestamp or "", reverse=True)
    return in_columns(_TITLES, [_row(run, now) for run in ordered])


def _row(run: Run, now: datetime) -> tuple[str, ...]:
    status = run.status
    return (
        run.metadata.name or "",
        run.spec.workflow,
        str(status.phase) if status and status.phase else "",
        (status.progress if status else None) or "",
        (status.message if status else None) or "",
        amounts.short(amounts.until(now, run.metadata.creation_timestamp)).replace(".0s", "s"),
    )
