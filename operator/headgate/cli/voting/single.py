"""One vote: the letter, what the vote would do, and `[y/N/e/r]`. `vote` asks."""

from dataclasses import replace

from headgate.api.approvalrequest import Verdict
from headgate.cli.printing.paint import safe
from headgate.cli.requests.ballot import Ballot, faults, story, with_values
from headgate.cli.requests.changes import as_diff
from headgate.cli.requests.form import UnreadableError, as_page, read_page
from headgate.cli.requests.letter import question
from headgate.cli.voting.terminal import CannotEditError, Terminal

_WORDS = {
    Verdict.APPROVE: "Approve",
    Verdict.REJECT: "Reject",
    Verdict.ANSWER: "Answer",
    Verdict.RETRY: "Run it again",
    Verdict.SKIP: "Go on without it",
    Verdict.STOP: "Let it fail",
}
_RECOVERY = {"retry": Verdict.RETRY, "skip": Verdict.SKIP, "stop": Verdict.STOP}
_WHY = "Why not? People will read it."
_EDITABLE = (Verdict.APPROVE, Verdict.ANSWER, Verdict.RETRY)


def confirm(terminal: Terminal, ballot: Ballot, *, edit: bool) -> Ballot | None:
    """The vote that they want cast; None: none. `edit`: they want to begin with the editor."""
    terminal.say(*question(ballot.request, terminal.paint, key=": e" if ballot.verdict in _EDITABLE else ""))
    if ballot.is_undecided:
        terminal.say("")
        chosen = terminal.ask("Run it again, go on without it, or let it fail? [retry/skip/stop/N]").lower()
        if chosen not in _RECOVERY:
            return None
        ballot = replace(ballot, verdict=_RECOVERY[chosen])
    may_edit = ballot.verdict in _EDITABLE and bool(ballot.request.spec.binding.form)
    may_reject = ballot.verdict is Verdict.APPROVE
    if edit and may_edit:
        ballot = _edited(terminal, ballot)
    keys = f"[y/N{'/e' if may_edit else ''}{'/r' if may_reject else ''}]"
    while True:
        wrong = _show(terminal, ballot)
        typed = terminal.ask(f"{_WORDS[ballot.verdict]} as {ballot.matter.person.user}? {keys}").lower()
        if typed in ("y", "yes") and not wrong:
            needs_reason = ballot.verdict is Verdict.REJECT and not ballot.reason
            return replace(ballot, reason=terminal.ask(_WHY) or None) if needs_reason else ballot
        if typed in ("y", "yes"):
            terminal.say(f"It cannot be cast so{': e edits the values' if may_edit else ''}.")
        elif typed == "e" and may_edit:
            ballot = _edited(terminal, ballot)
        elif typed == "r" and may_reject:
            if rejection := _rejection(terminal, ballot):
                return rejection
        else:
            return None


def _show(terminal: Terminal, ballot: Ballot) -> list[str]:
    """What the vote says and leads to, or else what is wrong with it, which is given back."""
    if ballot.values:
        shown = ballot.request.spec.values if ballot.verdict is not Verdict.SKIP else {}
        terminal.say(*as_diff(shown, ballot.values, terminal.paint))
    wrong = faults(ballot)
    terminal.say(
        "", *(f"  {terminal.paint.red(safe(fault))}" for fault in wrong) if wrong else map(safe, story(ballot)), ""
    )
    return wrong


def _rejection(terminal: Terminal, ballot: Ballot) -> Ballot | None:
    reason = ballot.reason or terminal.ask(f"{_WHY} Nothing: back to the question.")
    return replace(ballot, verdict=Verdict.REJECT, reason=reason, values={}) if reason else None


def _edited(terminal: Terminal, ballot: Ballot) -> Ballot:
    """As it was, if they leave the editor without a page that can be read."""
    request = ballot.request
    form = request.spec.binding.form
    shown = {name: value for name, value in request.spec.values.items() if name in form}
    page = as_page(request, {**shown, **ballot.values})
    while True:
        try:
            page = terminal.edit(page)
            return replace(ballot, values=with_values(ballot, read_page(page)))
        except CannotEditError as error:
            terminal.say(str(error))
            return ballot
        except UnreadableError as error:
            terminal.say(str(error))
        if terminal.ask("Edit it again? [Y/n]").lower() not in ("", "y", "yes"):
            return ballot
