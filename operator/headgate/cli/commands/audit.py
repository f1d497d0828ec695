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
from headgate.cli.audit.verdict import UNREADABLE, Origin, lacks, remarks, summary
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
  headgate audit --who ana -o json > ana.json; headgate audit verify --part -f ana.json

A log that was cut, or written anew from some entry on, is known only by a head that was kept elsewhere.
Exit codes of verify: 0 unbroken, 1 flaws, 2 there is no log to be read.
"""
_VERBS = ("list", "verify", "head", "report")


def run(prog: str, arguments: list[str], streams: Streams) -> int:
    options = _arguments(prog).parse(arguments)
    search, heads = _search(prog, options), _heads(prog, options)
    _refuse_search(prog, options, search)
    reader = _Reader(streams, prog, _origin(options))
    failed = PROBLEMS if options.verb == "list" else UNREADABLE

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
        return carry_out(prog, where(options), streams, read_cluster, failed=failed)
    try:
        return asyncio.run(read(one_by_one(read_file(options.file))))
    except StoppedError as error:
        streams.err.write(f"{prog}: {safe(str(error))}\n")
        return failed


@dataclass(frozen=True, slots=True)
class _Reader:
    streams: Streams
    prog: str
    origin: Origin

    async def show(self, lines: AsyncIterator[Line], search: Search, output: str) -> int:
        found: list[Entry] = []
        unreadable = left_out = 0
        async for line in lines:
            try:
                entry = decode(line.text)
            except MalformedEntryError:
                unreadable += 1
                continue
            if search.matches(entry):
                found.append(entry)
            else:
                left_out += 1
        if not (found or left_out or unreadable):
            raise StoppedError(self.origin.missing)
        out = self.streams.out
        if output == "table":
            out.write(safe(as_table(found)))
        else:
            out.writelines(as_csv(found) if output == "csv" else as_json(found))
        if not found:
            self.streams.err.write("nothing is recorded of this\n")
        if output != "table" and left_out:
            these = f"{len(found)} of {len(found) + left_out} entries"
            self.streams.err.write(f"{these}: a part of the log, and verified as one: {self.prog} verify --part\n")
        if unreadable:
            self.streams.err.write(f"{unreadable} lines cannot be read: {self.prog} verify\n")
        return GOOD

    async def verify(self, lines: AsyncIterator[Line], heads: list[Head]) -> int:
        verified = await self._verified(lines, Verifier(heads, self.origin.is_part))
        self.streams.out.writelines(f"{safe(str(flaw))}\n" for flaw in verified.flaws)
        self.streams.err.writelines(f"{line}\n" for line in remarks(verified, self.origin))
        self.streams.out.write(f"{safe(summary(verified, self.origin, len(heads)))}\n")
        return PROBLEMS if verified.flaws else GOOD

    async def tell_head(self, lines: AsyncIterator[Line]) -> int:
        verified = await self._verified(lines, Verifier())
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
        verified = self._finished(verifier)
        out = self.streams.out
        out.write(f"{safe(summary(verified, self.origin, 0))}\n")
        out.write(f"head: {verified.head}\n")
        out.writelines(f"{safe(line)}\n" for line in lines_of(report))
        return PROBLEMS if verified.flaws or report.doubts else GOOD

    async def _verified(self, lines: AsyncIterator[Line], verifier: Verifier) -> Verified:
        async for line in lines:
            verifier.read(line.text, line.segment)
        return self._finished(verifier)

    def _finished(self, verifier: Verifier) -> Verified:
        verified = verifier.finish()
        if why := lacks(verified, self.origin):
            raise StoppedError(why)
        return verified


def _origin(options: Namespace) -> Origin:
    if options.file is not None:
        return Origin(options.file, f"{options.file} is empty: no entry is in it", is_file=True, is_part=options.part)
    where_ = f"namespace {options.operator_namespace}"
    whose = f" of {options.release}" if options.release else ""
    missing = f"there is no audit log{whose} in {where_}: --operator-namespace says where the operator is"
    return Origin(f"the log in {where_}", missing)


def _refuse_search(prog: str, options: Namespace, search: Search) -> None:
    """A chain is whole or none: of what a search found, nothing could be said but for a file that says so."""
    if options.verb in ("verify", "head") and not search.asks_for_all:
        told = f"{prog}: {options.verb} reads the whole log, and takes no search (--who, --since, -n and so on)"
        raise WrongUseError(told)
    if options.part and (options.verb != "verify" or options.file is None):
        raise WrongUseError(f"{prog}: --part is said of a file: verify --part -f FILE")


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
    arguments.add_argument("--part", action="store_true", help="verify: FILE holds what a search found, no whole log")
    arguments.add_argument("--head", dest="heads", metavar="HEAD", action="append", default=[], help="kept elsewhere")
    arguments.add_argument("--operator-namespace", metavar="NAME", default="headgate", help="where the log is")
    arguments.add_argument("--release", metavar="NAME", help="whose log, if there are several")
    add_flags(arguments, "what is recorded of one namespace")
    return arguments
