"""`headgate approve|reject|answer|withdraw NAME…`: votes, as `kubectl patch apr` would write them.

In three steps: read all that decides, let the person decide, cast. No connection is held while somebody thinks.
"""

from argparse import Namespace
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from headgate.api.approvalrequest import ApprovalRequest, Verdict
from headgate.cli.arguments import Arguments
from headgate.cli.cluster.asking import cast, fetch_course, fetch_request, fetch_requests, wait_noted
from headgate.cli.cluster.people import Lookup, fetch_person
from headgate.cli.cluster.session import Session, Where, add_flags, carry_out, in_words, where
from headgate.cli.command import GOOD, PROBLEMS, Streams, WrongUseError
from headgate.cli.inputs import parse_inputs, read_inputs
from headgate.cli.printing.paint import safe
from headgate.cli.requests.ballot import Ballot, faults, obstacle, result, with_values
from headgate.cli.requests.people import Matter
from headgate.cli.voting.bulk import confirm_all
from headgate.cli.voting.single import confirm
from headgate.cli.voting.terminal import Terminal
from headgate.kube.errors import KubeError, RefusedError

_DESCRIPTIONS = {
    "approve": "Say yes to requests. With values of your own, corrected: then the others are asked about these.",
    "reject": "Say no to requests. One no ends each, and your reason is what people read.",
    "answer": "Answer what a workflow cannot know, or say what to do about a node that failed.",
    "withdraw": "Take your vote back, as long as the request is open.",
}
_EPILOG = """\
At a terminal you read the question and what your vote would lead to, and are asked. Elsewhere, say --yes.

exit codes:
  0  all votes are cast
  1  some are not: refused, or not wanted
  2  wrong use
"""
_VERDICTS = {
    "approve": Verdict.APPROVE,
    "reject": Verdict.REJECT,
    "answer": Verdict.ANSWER,
    "withdraw": Verdict.WITHDRAW,
}
_RECOVERY = {
    "retry": (Verdict.RETRY, "run it again, with your values if you give some"),
    "skip": (Verdict.SKIP, "go on without it; your values are its output"),
    "stop": (Verdict.STOP, "let it fail"),
}


def run(prog: str, arguments: list[str], streams: Streams) -> int:
    verb = prog.rpartition(" ")[2]
    options = _arguments(prog, verb).parse(arguments)
    verdict = _RECOVERY[options.recovery][0] if options.recovery else _VERDICTS[verb]
    poll = _Poll(prog, options, verdict, Terminal(streams), where(options))
    poll.check()
    code = carry_out(prog, poll.where, streams, poll.gather)
    if not poll.ballots:
        return code
    decided = poll.decide()
    if not decided:
        streams.err.write("no vote is cast\n")
        return PROBLEMS
    poll.ballots = decided
    return carry_out(prog, poll.where, streams, poll.cast) or code


_VALUES_FORM = "one map of values: `name: value`"


@dataclass
class _Poll:
    """One call of a command: what is wanted, and the votes that come of it."""

    prog: str
    options: Namespace
    verdict: Verdict
    terminal: Terminal
    where: Where
    given: Mapping[str, Any] = field(default_factory=dict)
    """The values of a file."""
    ballots: Sequence[Ballot] = ()

    @property
    def is_single(self) -> bool:
        return len(self.options.names) == 1

    @property
    def asks(self) -> bool:
        return not self.options.yes and self.verdict is not Verdict.WITHDRAW

    @property
    def wants_editor(self) -> bool:
        return self.options.edit and not self.options.file

    def check(self) -> None:
        """Raises WrongUseError before anything is asked of the cluster."""
        names, selector = self.options.names, self.options.selector
        if bool(names) == bool(selector):
            raise WrongUseError(f"{self.prog}: name requests, or choose them with -l")
        if wrong := next((name for name in names if "=" in name), None):
            raise WrongUseError(f"{self.prog}: values are given as -v {wrong}")
        if self.options.edit and not self.is_single:
            raise WrongUseError(f"{self.prog}: --edit is for one request")
        if self.wants_editor and not (self.asks and self.terminal.is_there):
            raise WrongUseError(f"{self.prog}: --edit asks you at a terminal: without one, give the values with -f")
        if self.asks and not self.terminal.is_there:
            raise WrongUseError(f"{self.prog}: this is no terminal: say --yes to vote without being asked")
        if self.options.file:
            self.given = read_inputs(self.prog, self.options.file, self.terminal.streams, _VALUES_FORM)

    async def gather(self, session: Session) -> int:
        """The votes that can be cast; what keeps others from it is told."""
        lookup = Lookup(session, await fetch_person(session))
        requests = await self._requests(session)
        ballots: list[Ballot] = []
        code = GOOD
        for matter in await lookup.look_all(requests):
            ballot = self._ballot(matter)
            told = obstacle(ballot, session.program, session.home, may_choose=self.asks and self.is_single)
            wrong = [told] if told else [] if self.asks and self.is_single else faults(ballot)
            if wrong:
                self._tell(session, matter.request, "; ".join(wrong))
                code = PROBLEMS
            else:
                ballots.append(ballot)
        if self.is_single and ballots:
            run, graph = await fetch_course(session, ballots[0].request)
            ballots = [replace(ballots[0], run=run, graph=graph)]
        self.ballots = ballots
        return code

    async def _requests(self, session: Session) -> list[ApprovalRequest]:
        if self.options.names:
            return [await fetch_request(session, name) for name in dict.fromkeys(self.options.names)]
        namespace = None if self.options.all_namespaces else session.namespace
        try:
            found, _ = await fetch_requests(session, namespace, self.options.selector)
        except RefusedError as error:
            raise WrongUseError(f"{self.prog}: -l {self.options.selector}: {error}") from None
        chosen = [request for request in found.values() if request.is_open]
        if not chosen:
            session.streams.err.write(f"{self.prog}: no open request has {self.options.selector}\n")
        return chosen

    def _ballot(self, matter: Matter) -> Ballot:
        form = matter.request.spec.binding.form
        said = parse_inputs(self.prog, self.options.values, form, "a value is given as -v name=value")
        ballot = Ballot(matter, self.verdict, self.options.message)
        return replace(ballot, values=with_values(ballot, {**self.given, **said}))

    def _tell(self, session: Session, request: ApprovalRequest, why: str) -> None:
        session.streams.err.write(f"{self.prog}: {safe(f'{self._name(request)}: {why}')}\n")

    def _name(self, request: ApprovalRequest) -> str:
        name = request.metadata.name or ""
        return f"{request.metadata.namespace}/{name}" if self.options.all_namespaces else name

    def decide(self) -> Sequence[Ballot]:
        if not self.asks:
            return self.ballots
        if not self.is_single:
            return self.ballots if confirm_all(self.terminal, self.ballots) else ()
        chosen = confirm(self.terminal, self.ballots[0], edit=self.wants_editor)
        return (chosen,) if chosen else ()

    async def cast(self, session: Session) -> int:
        """Each by itself: one that is refused keeps no other."""
        code = GOOD
        for ballot in self.ballots:
            try:
                stored = await cast(session, ballot)
            except KubeError as error:
                self._tell(session, ballot.request, in_words(error))
                code = PROBLEMS
                continue
            session.streams.out.write(f"{safe(await self._told(session, ballot, stored))}\n")
        return code

    async def _told(self, session: Session, ballot: Ballot, stored: ApprovalRequest) -> str:
        if not (self.asks and self.is_single):
            return f"{self._name(ballot.request)}: {ballot.verdict}, digest {ballot.digest}"
        after = await wait_noted(session, stored, ballot.matter.person.user)
        if after is None:
            return f"{ballot.verdict}, digest {ballot.digest}: it is stored, and the operator has not looked at it yet"
        return result(ballot, after)


def _arguments(prog: str, verb: str) -> Arguments:
    arguments = Arguments(prog, _DESCRIPTIONS[verb], _EPILOG)
    arguments.add_argument("names", metavar="NAME", nargs="*")
    arguments.add_argument("-l", "--selector", metavar="LABELS", help="all open requests with these labels")
    arguments.add_argument("-A", "--all-namespaces", action="store_true", help="with -l: in all of them")
    arguments.add_argument("-m", "--message", metavar="REASON", help="what people read as your reason")
    arguments.add_argument("-y", "--yes", action="store_true", help="do not ask")
    arguments.set_defaults(values=[], file=None, edit=False, recovery=None)
    if verb in ("approve", "answer"):
        arguments.add_argument(
            "-v", "--value", dest="values", action="append", metavar="NAME=VALUE", help="JSON where it is no text"
        )
        arguments.add_argument("-f", "--file", metavar="FILE", help="a YAML file with values; - is standard input")
        arguments.add_argument("--edit", action="store_true", help="the values in your $EDITOR, or those of -f")
    if verb == "answer":
        choice = arguments.add_mutually_exclusive_group()
        for name, (_, does) in _RECOVERY.items():
            choice.add_argument(f"--{name}", dest="recovery", action="store_const", const=name, help=does)
    add_flags(arguments)
    return arguments
