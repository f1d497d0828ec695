"""`headgate approvals [list|watch|show NAME|why NAME]`: what waits for me, one question, whether I may answer."""

from argparse import Namespace
from collections.abc import Iterable
from datetime import UTC, datetime

from headgate.api.approvalrequest import ApprovalRequest
from headgate.cli.arguments import Arguments
from headgate.cli.cluster.asking import Requests, choose_scope, fetch_request, fetch_requests, follow_requests
from headgate.cli.cluster.people import Lookup, fetch_person
from headgate.cli.cluster.session import Session, add_flags, carry_out, where
from headgate.cli.command import GOOD, PROBLEMS, Streams, WrongUseError
from headgate.cli.printing.paint import paint_for, safe
from headgate.cli.printing.redraw import Redraw
from headgate.cli.requests.judging import May, judge
from headgate.cli.requests.letter import as_letter
from headgate.cli.requests.news import news
from headgate.cli.requests.table import as_table
from headgate.cli.requests.why import why
from headgate.lifecycle.approvals.question import RUN

_DESCRIPTION = (
    "List what waits for you, in all namespaces; show one question; say whether you may answer it, and who can."
)
_EPILOG = """\
examples:
  headgate approvals                  what waits for your vote
  headgate approvals --all -n docs    every open question of a namespace
  headgate approvals watch            the same list, as it changes
  headgate approvals show NAME        the question, as a letter
  headgate approvals why NAME         whether you may answer, why, and who can; exits with 1 if you may not
"""
_NAMED = ("show", "why")
_VERBS = ("list", "watch", *_NAMED)


def run(prog: str, arguments: list[str], streams: Streams) -> int:
    options = _arguments(prog).parse(arguments)
    if options.verb in _NAMED and options.name is None:
        raise WrongUseError(f"{prog}: say of which request: {prog} {options.verb} NAME")
    if options.verb not in _NAMED and options.name is not None:
        raise WrongUseError(f"{prog}: {options.verb} takes no name: {prog} show {options.name} shows one request")

    async def carry(session: Session) -> int:
        match options.verb:
            case "show":
                return await _show(session, options.name)
            case "why":
                return await _why(session, options.name)
            case "watch":
                return await _watch(session, options)
            case _:
                return await _list(session, options)

    return carry_out(prog, where(options), streams, carry)


async def _show(session: Session, name: str) -> int:
    request = await fetch_request(session, name)
    paint = paint_for(session.streams.out, session.streams.environment)
    session.streams.out.write(as_letter(request, datetime.now(UTC), paint, session.program, session.home))
    return GOOD


async def _why(session: Session, name: str) -> int:
    request = await fetch_request(session, name)
    matter = await Lookup(session, await fetch_person(session)).look(request)
    session.streams.out.write(safe(why(matter, session.program, session.home)))
    return GOOD if judge(matter).may is May.YES else PROBLEMS


async def _list(session: Session, options: Namespace) -> int:
    scope = await choose_scope(session, _namespace(options))
    found, _ = await fetch_requests(session, scope, _labels(options))
    lookup = Lookup(session, await fetch_person(session))
    chosen = await _choose(lookup, found.values(), options)
    session.streams.out.write(safe(_table(chosen, options, scope)))
    if not chosen:
        others = sum(request.is_open for request in found.values())
        whom = "anybody" if _is_for_all(options) else lookup.person.user
        rest = f"; {others} open for others: --all lists them" if others else ""
        place = f" in namespace {scope}" if scope else ""
        session.streams.err.write(safe(f"nothing waits for {whom}{place}{rest}\n"))
    return GOOD


async def _watch(session: Session, options: Namespace) -> int:
    scope = await choose_scope(session, _namespace(options))
    lookup = Lookup(session, await fetch_person(session))
    out, redraw = session.streams.out, Redraw(session.streams.out)
    before: Requests = {}
    known: Requests = {}
    async for found in follow_requests(session, scope, _labels(options)):
        changed = {key: one for key, one in found.items() if key not in known or _version(known[key]) != _version(one)}
        kept = {key: one for key, one in found.items() if key in before and key not in changed}
        chosen = {
            (one.metadata.namespace, one.metadata.name) for one in await _choose(lookup, changed.values(), options)
        }
        listed = {key: one for key, one in found.items() if key in kept or key in chosen}
        if out.isatty():
            table = _table(listed.values(), options, scope) or f"nothing waits for {lookup.person.user}\n"
            redraw.draw([line[: redraw.width] for line in safe(table).splitlines()])
        else:
            out.write("".join(f"{safe(line)}\n" for line in news(before, listed, found)))
            out.flush()
        known, before = found, listed
    return GOOD


def _version(request: ApprovalRequest) -> str | None:
    return request.metadata.resource_version


async def _choose(lookup: Lookup, requests: Iterable[ApprovalRequest], options: Namespace) -> list[ApprovalRequest]:
    """Those that wait for this person: who has voted need not look again."""
    if options.decided:
        return [*requests]
    asked = [request for request in requests if request.is_open]
    if options.all:
        return asked
    matters = await lookup.look_all(asked)
    return [one.request for one in matters if judge(one).may is May.YES and one.standing is None]


def _table(requests: Iterable[ApprovalRequest], options: Namespace, scope: str | None) -> str:
    return as_table(requests, mine=not _is_for_all(options), with_namespace=scope is None)


def _is_for_all(options: Namespace) -> bool:
    return bool(options.all or options.decided)


def _namespace(options: Namespace) -> str | None:
    return None if options.all_namespaces else options.namespace


def _labels(options: Namespace) -> str:
    return ",".join([f"{RUN}={options.run}"] * bool(options.run) + [options.selector] * bool(options.selector))


def _arguments(prog: str) -> Arguments:
    arguments = Arguments(prog, _DESCRIPTION, _EPILOG)
    arguments.add_argument("verb", choices=_VERBS, nargs="?", default="list", metavar="|".join(_VERBS))
    arguments.add_argument("name", metavar="NAME", nargs="?")
    arguments.add_argument("--all", action="store_true", help="every open question, whoever may answer it")
    arguments.add_argument("--decided", action="store_true", help="decided ones too")
    arguments.add_argument("--run", metavar="RUN", help="only those of this Run")
    arguments.add_argument("-l", "--selector", metavar="LABELS", help="only those with these labels")
    arguments.add_argument("-A", "--all-namespaces", action="store_true", help="list all, as without -n")
    add_flags(arguments, "list those of one namespace; with show and why the context's, unless said")
    return arguments
