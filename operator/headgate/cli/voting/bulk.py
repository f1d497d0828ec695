"""Several votes at once: one list, one question. Each is cast, and judged by admission, on its own. `vote` asks."""

from collections.abc import Sequence
from textwrap import shorten

from headgate.cli.printing.columns import in_columns
from headgate.cli.printing.paint import safe
from headgate.cli.requests.ballot import Ballot
from headgate.cli.requests.foresight import outlook
from headgate.cli.voting.terminal import Terminal

_QUESTION = 60
_SHOWN = 100


def confirm_all(terminal: Terminal, ballots: Sequence[Ballot]) -> bool:
    """Whether they want all of these cast. One verdict, one person."""
    rows = [
        (
            f"  {ballot.request.metadata.namespace}",
            ballot.request.metadata.name or "",
            shorten(ballot.request.spec.message, _QUESTION, placeholder="…"),
            outlook(ballot.matter, ballot.vote),
        )
        for ballot in ballots[:_SHOWN]
    ]
    terminal.say(*safe(in_columns(("  NAMESPACE", "NAME", "QUESTION", "WHAT YOUR VOTE DOES"), rows)).splitlines())
    if len(ballots) > _SHOWN:
        terminal.say(f"  … and {len(ballots) - _SHOWN} more")
    first = ballots[0]
    typed = terminal.ask(f"{first.verdict} all {len(ballots)} as {first.matter.person.user}? [y/N]")
    return typed.lower() in ("y", "yes")
