"""Requests as a table: kubectl's columns, and what is asked, or whom it waits for."""

from collections.abc import Iterable
from textwrap import shorten

from headgate.api.approvalrequest import ApprovalRequest
from headgate.cli.printing.columns import in_columns

_MINE = ("NAME", "TYPE", "VOTES", "REQUESTER", "UNTIL", "QUESTION")
_ALL = ("NAME", "TYPE", "STATUS", "VOTES", "REQUESTER", "UNTIL", "WAITING FOR")
_QUESTION = 60
"""Characters of one that fit into a line."""


def as_table(requests: Iterable[ApprovalRequest], *, mine: bool, with_namespace: bool) -> str:
    """The most urgent first; nothing for no requests. `mine`: all of them wait for whoever reads this."""
    ordered = sorted(requests, key=lambda one: (one.spec.binding.expires_at or "9", one.metadata.name or ""))
    titles = _MINE if mine else _ALL
    if with_namespace:
        titles = ("NAMESPACE", *titles)
    rows = [_cells(request) for request in ordered]
    return in_columns(titles, [[row[title] for title in titles] for row in rows])


def _cells(request: ApprovalRequest) -> dict[str, str]:
    spec, status, metadata = request.spec, request.status, request.metadata
    return {
        "NAMESPACE": metadata.namespace or "",
        "NAME": metadata.name or "",
        "TYPE": str(spec.type),
        "STATUS": str(status.phase) if status and status.phase else "Open",
        "VOTES": (status.votes if status else None) or "",
        "REQUESTER": spec.requester or "",
        "UNTIL": (status.until if status else None) or "",
        "WAITING FOR": (status.waiting_for if status else None) or "",
        "QUESTION": shorten(spec.message, _QUESTION, placeholder="…"),
    }
