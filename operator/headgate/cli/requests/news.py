"""What became of the requests of a list, a line a change: for `approvals watch`, where there is no terminal. Pure."""

from collections.abc import Iterator, Mapping

from headgate.api.approvalrequest import ApprovalRequest

Listed = Mapping[tuple[str, str], ApprovalRequest]


def news(before: Listed, after: Listed, known: Listed) -> Iterator[str]:
    """`known`: all that there are, those among them that are listed no longer."""
    for key, request in after.items():
        status = request.status
        if key not in before:
            until = f", until {status.until}" if status and status.until else ""
            yield f"{_name(key)} asks: {' '.join(request.spec.message.split())} ({_votes(request)}{until})"
        elif _votes(before[key]) != _votes(request):
            yield f"{_name(key)} {_votes(request)}"
    for key in before:
        if key not in after:
            yield f"{_name(key)} {_gone(known.get(key))}"


def _gone(request: ApprovalRequest | None) -> str:
    if request is None:
        return "is gone with its Run"
    status = request.status
    if request.is_open or status is None:
        return f"waits for others ({_votes(request)})"
    instead = f": see {status.superseded_by}" if status.superseded_by else ""
    return f"{status.phase}{instead}"


def _name(key: tuple[str, str]) -> str:
    return "/".join(key)


def _votes(request: ApprovalRequest) -> str:
    votes = request.status.votes if request.status else None
    return f"{votes} votes" if votes else "no votes yet"
