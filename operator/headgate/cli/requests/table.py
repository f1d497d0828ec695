"""Requests as a table: kubectl's columns, and whom each waits for."""

from collections.abc import Iterable

from headgate.api.approvalrequest import ApprovalRequest

_TITLES = ("NAME", "TYPE", "STATUS", "VOTES", "REQUESTER", "UNTIL", "WAITING FOR")


def as_table(requests: Iterable[ApprovalRequest], *, with_namespace: bool) -> str:
    """Nothing for no requests."""
    rows = [_row(request, with_namespace=with_namespace) for request in requests]
    if not rows:
        return ""
    titles = ("NAMESPACE", *_TITLES) if with_namespace else _TITLES
    widths = [max(len(row[column]) for row in (titles, *rows)) for column in range(len(titles))]
    lines = ("   ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)) for row in (titles, *rows))
    return "".join(f"{line.rstrip()}\n" for line in lines)


def _row(request: ApprovalRequest, *, with_namespace: bool) -> tuple[str, ...]:
    spec, status, metadata = request.spec, request.status, request.metadata
    row = (
        metadata.name or "",
        str(spec.type),
        str(status.phase) if status and status.phase else "Open",
        (status.votes if status else None) or "",
        spec.requester or "",
        (status.until if status else None) or "",
        (status.waiting_for if status else None) or "",
    )
    return (metadata.namespace or "", *row) if with_namespace else row
