"""`headgate audit`: who did what. Lists and searches the log, exports it, verifies it, tells its head."""

import asyncio
from argparse import Namespace
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from headgate.audit.chain import Head, parse_head
from headgate.audit.entry import Action, Entry, MalformedEntryError, decode
from headgate.audit.export import as_csv, as_json
from headgate.audit.report import Report, lines_of
from headgate.audit.search import Search
from headgate.audit.segments import Line
from headgate.audit.verifying import Verified, Verifier
from headgate.cli.arguments import Arguments
from headgate.cli.audit.table import as_table
from headgate.cli.cluster.auditing import fetch_lines, one_by_one, read_file
from headgate.cli.cluster.session import Session, StoppedError, add_flags, carry_out, where
from headgate.cli.command import GOOD, PROBLEMS, Streams, WrongUseError
from headgate.cli.printing.paint import safe
from headgate.lifecycle import moments
from headgate_lang import durations
from headgate_lang.near import did_you_mean

_DESCRIPTION = """\
Read the audit log. `list` (or nothing) shows entries, `verify` says whether the log is the one that was written,
`head` tells its end, to be kept elsewhere, and `report` sums up what was decided."""
_EPILOG = """\
examples:
  headgate audit --since 7d --action Voted,Decided
  headgate audit --object ApprovalRequest/release-notes-7k2xp-review
  headgate audit --who 'ana@*' -n docs -o csv > ana.csv
  headgate audit head                                  128:sha256:…, to be kept where nobody changes it
  headgate audit verify --head 128:sha256:…
  headgate audit -o json > log.json; headgate audit verify -f log.json

A log that was cut, or written anew from some entry on, is known only by a head that was kept elsewhere.
Exit codes of verify: 0 unbroken, 1 flaws.
"""
_VERBS = ("list", "verify", "head", "report")


def run(prog: str, arguments: list[str], streams: Streams) -> int:
    options = _arguments(prog).parse(arguments)
    search, heads = _search(prog, options), _heads(prog, options)

    reader = _Reader(streams, prog)

    async def read(lines: AsyncIterator[Line]) -> int:
        match options.verb:
            case "verify":
                return await reader.verify(lines, heads)
            case "head":
                return await reader.tell_head(lines)
            case "report":
                return await reader.report(lines, search)
            case _:
                return await reader.show(lines, search, options.output)

    async def read_cluster(session: Session) -> int:
        return await read(fetch_lines(session, options.operator_namespace, options.release))

    if options.file is None:
        return carry_out(prog, where(options), streams, read_cluster)
    try:
        return asyncio.run(read(one_by_one(read_file(options.file))))
    except StoppedError as error:
        streams.err.write(f"{prog}: {safe(str(error))}\n")
        return PROBLEMS


@dataclass(frozen=True, slots=True)
class _Reader:
    streams: Streams
    prog: str

    async def show(self, lines: AsyncIterator[Line], search: Search, output: str) -> int:
        found: list[Entry] = []
        unreadable = 0
        async for line in lines:
            try:
                entry = decode(line.text)
            except MalformedEntryError:
                unreadable += 1
                continue
            if search.matches(entry):
                found.append(entry)
        out = self.streams.out
        if output == "table":
            out.write(safe(as_table(found)))
        else:
            out.writelines(as_csv(found) if output == "csv" else as_json(found))
        if not found:
            self.streams.err.write("nothing is recorded of this\n")
        if unreadable:
            self.streams.err.write(f"{unreadable} lines cannot be read: {self.prog} verify\n")
        return GOOD

    async def verify(self, lines: AsyncIterator[Line], heads: list[Head]) -> int:
        verifier = Verifier(heads)
        async for line in lines:
            verifier.read(line.text, line.segment)
        verified = verifier.finish()
        for flaw in verified.flaws:
            self.streams.out.write(f"{safe(str(flaw))}\n")
        for head in verified.unchecked:
            self.streams.err.write(f"entry {head.number} was pruned: nothing can be said of this head\n")
        self.streams.out.write(f"{_told(verified, heads)}\n")
        return PROBLEMS if verified.flaws else GOOD

    async def tell_head(self, lines: AsyncIterator[Line]) -> int:
        verifier = Verifier()
        async for line in lines:
            verifier.read(line.text, line.segment)
        verified = verifier.finish()
        if verified.flaws:
            raise StoppedError(f"the log is not as it was written: see {self.prog} verify")
        self.streams.out.write(f"{verified.head}\n")
        return GOOD

    async def report(self, lines: AsyncIterator[Line], search: Search) -> int:
        verifier, report = Verifier(), Report()
        async for line in lines:
            entry = verifier.read(line.text, line.segment)
            if entry is not None:
                report.read(entry, counts=search.matches(entry))
        verified = verifier.finish()
        out = self.streams.out
        out.write(f"{_told(verified, [])}\n")
        out.write(f"head: {verified.head}\n")
        out.writelines(f"{safe(line)}\n" for line in lines_of(report))
        return PROBLEMS if verified.flaws or report.doubts else GOOD


def _told(verified: Verified, heads: list[Head]) -> str:
    if verified.flaws:
        return f"the log is not as it was written: {len(verified.flaws)} flaws in {verified.count} entries"
    if verified.first is None or verified.last is None:
        return "the log is empty"
    checked = len(heads) - len(verified.unchecked)
    against = (
        f", and as it was at {checked} head{'' if checked == 1 else 's'}"
        if checked
        else "; whether its end was cut, only a head tells that you have kept: --head"
    )
    return f"unbroken from entry {verified.first.number} to {verified.last.number}{against}"


def _search(prog: str, options: Namespace) -> Search:
    actions = [one for text in options.action for one in text.split(",") if one]
    for one in actions:
        if one not in list(Action):
            known = ", ".join(Action)
            raise WrongUseError(f"{prog}: there is no action {one}: {did_you_mean(one, list(Action)) or known}")
    return Search(
        since=_moment(prog, options.since),
        until=_moment(prog, options.until),
        namespace=options.namespace or "",
        who=options.who,
        actions=frozenset(actions),
        run=options.run or "",
        thing=options.object or "",
        text=options.text or "",
    )


def _heads(prog: str, options: Namespace) -> list[Head]:
    heads = []
    for text in options.heads:
        head = parse_head(text)
        if head is None:
            raise WrongUseError(f"{prog}: {text!r} is no head: write it as `{prog} head` prints it, NUMBER:sha256:…")
        heads.append(head)
    return heads


def _moment(prog: str, text: str | None) -> datetime | None:
    """A time, a day, or how long ago."""
    if text is None:
        return None
    try:
        return datetime.now(UTC) - timedelta(seconds=durations.parse(text))
    except (ValueError, OverflowError):
        pass
    moment = moments.parse(text) or moments.parse(f"{text}T00:00:00Z") or moments.parse(f"{text.replace(' ', 'T')}Z")
    if moment is None:
        raise WrongUseError(f"{prog}: {text!r} is no time: write 7d, 12h, 2026-11-25 or 2026-11-25T17:30:00Z")
    return moment


def _arguments(prog: str) -> Arguments:
    arguments = Arguments(prog, _DESCRIPTION, _EPILOG)
    arguments.add_argument("verb", choices=_VERBS, nargs="?", default="list", metavar="list|verify|head|report")
    arguments.add_argument("--since", metavar="TIME", help="a time, a day, or how long ago: 7d")
    arguments.add_argument("--until", metavar="TIME")
    arguments.add_argument("--who", metavar="USER", action="append", default=[], help="`*` stands for anything")
    arguments.add_argument(
        "--action", metavar="ACTION", action="append", default=[], help="one, or several with commas"
    )
    arguments.add_argument("--run", metavar="RUN")
    arguments.add_argument("--object", metavar="KIND/NAME", help="also a name alone, or the beginning of a uid")
    arguments.add_argument("--text", metavar="WORDS", help="anywhere in an entry")
    arguments.add_argument("-o", "--output", choices=("table", "json", "csv"), default="table")
    arguments.add_argument("-f", "--file", metavar="FILE", help="what -o json wrote, in place of the cluster's log")
    arguments.add_argument("--head", dest="heads", metavar="HEAD", action="append", default=[], help="kept elsewhere")
    arguments.add_argument("--operator-namespace", metavar="NAME", default="headgate", help="where the log is")
    arguments.add_argument("--release", metavar="NAME", help="whose log, if there are several")
    add_flags(arguments)
    return arguments
