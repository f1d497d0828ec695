"""What auditors ask of a span of time: which decisions there were, by whom, what rested on them, and whether anything
in the log does not fit together. Asked by `headgate audit report`."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from headgate.audit.entry import Action, Entry

_YES = frozenset({"Approved", "Answered", "Retry", "Skip", "Stop"})
"""Ends that people have voted for."""
MAX_DOUBTS = 100


@dataclass
class Report:
    """Is told every entry of the log in order, and then which of them are in the span."""

    decisions: Counter[str] = field(default_factory=Counter)
    policies: Counter[str] = field(default_factory=Counter)
    voters: Counter[str] = field(default_factory=Counter)
    by_right: int = 0
    used: int = 0
    credentials: Counter[str] = field(default_factory=Counter)
    changes: Counter[str] = field(default_factory=Counter)
    steered: Counter[str] = field(default_factory=Counter)
    leads: int = 0
    doubts: list[str] = field(default_factory=list)
    _asked: dict[str, Entry] = field(default_factory=dict)
    _votes: defaultdict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    _decided: dict[str, str] = field(default_factory=dict)

    def read(self, entry: Entry, *, counts: bool) -> None:
        """`counts`: it is in the span. The others say what came before."""
        match entry.action:
            case Action.ASKED:
                self._asked[entry.uid] = entry
            case Action.VOTED:
                self._voted(entry, counts=counts)
            case Action.DECIDED:
                self._decide(entry, counts=counts)
            case Action.DECISION_USED:
                self.used += counts
                if counts and entry.uid in self._asked and self._decided.get(entry.uid) != entry.outcome:
                    self._doubt(f"{entry.name}: {entry.outcome} was used, and was not decided before")
            case Action.CREDENTIAL_USED if counts:
                self.credentials[f"{entry.namespace}/{entry.name}"] += 1
            case Action.CHANGED | Action.REMOVED if counts:
                self.changes[f"{entry.kind} {entry.namespace}{'/' if entry.namespace else ''}{entry.name}"] += 1
            case Action.RUN_DECLARED if counts:
                self.steered[entry.who] += 1
            case Action.OPERATOR_LEADS:
                self.leads += counts

    def _voted(self, entry: Entry, *, counts: bool) -> None:
        self._votes[entry.uid][entry.who] = entry.outcome
        if counts:
            self.voters[entry.who] += 1
            self.by_right += entry.detail.get("byRight") is True

    def _decide(self, entry: Entry, *, counts: bool) -> None:
        self._decided[entry.uid] = entry.outcome
        if not counts:
            return
        asked, votes = self._asked.get(entry.uid), self._votes[entry.uid]
        self.decisions[entry.outcome] += 1
        if asked is None:
            return
        self.policies[f"{entry.namespace}/{asked.detail.get('policy')}"] += 1
        if entry.outcome in _YES and not asked.detail.get("corrects") and not votes:
            self._doubt(f"{entry.name}: {entry.outcome}, and nobody voted")
        requester = asked.detail.get("requester")
        if entry.outcome == "Approved" and requester and votes.get(str(requester)) == "Approve":
            self._doubt(f"{entry.name}: {requester} asked for it, and voted on it")

    def _doubt(self, what: str) -> None:
        if len(self.doubts) < MAX_DOUBTS:
            self.doubts.append(what)


def lines_of(report: Report) -> Iterator[str]:
    yield from _counted("decisions", report.decisions, "none")
    yield from _counted("  under policies", report.policies)
    yield from _counted("votes", report.voters, "none")
    if report.by_right:
        yield f"  by a right of RBAC, not named by the policy: {report.by_right}"
    yield f"uses of decisions: {report.used}"
    yield from _counted("uses of credentials", report.credentials, "none")
    yield from _counted("changes of policies, credentials and workflows", report.changes, "none")
    yield from _counted("Runs steered", report.steered, "none")
    yield f"starts of the operator: {report.leads}"
    yield f"does not fit together: {'nothing' if not report.doubts else ''}".rstrip()
    yield from (f"  {doubt}" for doubt in report.doubts)


def _counted(what: str, counts: Counter[str], otherwise: str = "") -> Iterable[str]:
    if counts:
        told = ", ".join(
            f"{number} {name}" for name, number in sorted(counts.items(), key=lambda one: (-one[1], one[0]))
        )
        return [f"{what}: {sum(counts.values())} ({told})"]
    return [f"{what}: {otherwise}"] if otherwise else []
