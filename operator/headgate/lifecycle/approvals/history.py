"""When each vote was first seen: the history of a request, in its status. What counts is decided by these times.

A vote carries no time of its own. The operator notes it when it sees it first, and from then on the note says when:
so a restart changes nothing, and a vote that is first seen after the end does not count.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from headgate.api.approvalrequest import ApprovalRequest, Verdict, Vote
from headgate.lifecycle import moments
from headgate.lifecycle.tidy import line
from headgate_lang import documents

OPERATOR = "headgate"
MAX_CHANGES = 12
"""How often one person may change a vote. To Reject always: that ends it."""
MAX_HISTORY = 380
"""What else there may be, of 500: a no of each of 100, and what the operator says."""
_NEVER = datetime.min.replace(tzinfo=UTC)
_TICK = timedelta(milliseconds=1)
_VOTES = tuple(f"{verdict}, digest " for verdict in Verdict)
"""How lines about votes begin: the operator's own are of other words, if somebody has its name."""
_NO = f"{Verdict.REJECT}, digest "


@dataclass(frozen=True, slots=True)
class Seen:
    vote: Vote
    at: datetime


def short(digest: str) -> str:
    return digest.removeprefix("sha256:")[:8]


def tell(vote: Vote, digest: str) -> str:
    values = f", values {documents.digest(vote.values)}" if vote.values else ""
    reason = f": {vote.reason}" if vote.reason else ""
    return line(f"{vote.verdict}, digest {short(digest)}{values}{reason}", 900)


def note(request: ApprovalRequest, now: datetime) -> tuple[dict[str, str], dict[str, Seen]]:
    """The history with what is new in it, and each vote that counts with its time. Once it is decided, what was not
    noted by then is no part of it."""
    history = dict(request.status.history) if request.status else {}
    digest = request.spec.binding.digest
    seen: dict[str, Seen] = {}
    for user, vote in sorted(request.spec.votes.items()):
        told, mine = tell(vote, digest), _votes_of(history, user)
        last = mine[-1] if mine else None
        at = last.at if last is not None and last.told == told else None
        if at is None:
            is_full = len(mine) >= MAX_CHANGES or len(history) >= MAX_HISTORY
            is_no = vote.verdict is Verdict.REJECT
            if is_no and last is not None and last.told.startswith(_NO) and (is_full or not request.is_open):
                at = last.at or now  # the same no, in other words
            elif not request.is_open or (is_full and not is_no):
                continue
            else:
                at = add(history, now, user, told)
        seen[user] = Seen(vote, at)
    return history, seen


def has_said(request: ApprovalRequest, user: str) -> bool:
    """Whether somebody has voted here, as far as it counts: once it is decided, by what was noted."""
    if request.is_open or request.status is None:
        return user in request.spec.votes
    return bool(_votes_of(request.status.history, user))


def add(history: dict[str, str], now: datetime, who: str, what: str) -> datetime:
    """The last line about somebody is the latest, also of several within a second. When it says that it was: whoever
    reads it back is to see them in the same order."""
    last = max((one.at for one in in_order(history) if one.who == who and one.at is not None), default=_NEVER)
    whole = now.replace(microsecond=0)
    told = moments.spell(whole) if whole > last else moments.spell_exactly(max(now, last + _TICK))
    history[f"{told} {who}"] = line(what, 1000)
    return moments.parse(told) or now


@dataclass(frozen=True, slots=True)
class Noted:
    key: str
    at: datetime | None
    who: str
    told: str


def in_order(history: Mapping[str, str]) -> list[Noted]:
    """By their moments, not their texts: of two in a second, the later has milliseconds, and `.` sorts before `Z`."""
    lines = [Noted(key, moments.parse(moment), who, history[key]) for key in history for moment, who in [_split(key)]]
    return sorted(lines, key=lambda line: (line.at or _NEVER, line.key))


def _votes_of(history: Mapping[str, str], user: str) -> list[Noted]:
    return [line for line in in_order(history) if line.who == user and line.told.startswith(_VOTES)]


def _split(key: str) -> tuple[str, str]:
    moment, _, who = key.partition(" ")
    return moment, who
