"""`headgate approve|reject|answer NAME`: a vote, as `kubectl patch apr` would write it."""

from headgate.api.approvalrequest import VERDICTS, ApprovalRequest, Verdict
from headgate.cli.arguments import Arguments
from headgate.cli.cluster.asking import fetch_request, is_open, vote
from headgate.cli.cluster.session import Session, StoppedError, add_flags, carry_out, where
from headgate.cli.command import GOOD, Streams
from headgate.cli.inputs import parse_inputs
from headgate.cli.requests.letter import how_to_answer

_DESCRIPTIONS = {
    "approve": "Say yes to a request; with FIELD=VALUE, corrected: then the others are asked about your text.",
    "reject": "Say no to a request. One no ends it, and your reason is what people read.",
    "answer": "Answer what a workflow cannot know, or say what to do about a node that failed.",
}
_RECOVERY = {"retry": Verdict.RETRY, "skip": Verdict.SKIP, "stop": Verdict.STOP}


def run(prog: str, arguments: list[str], streams: Streams) -> int:
    verb = prog.rpartition(" ")[2]
    options = _arguments(prog, verb).parse(arguments)

    async def cast(session: Session) -> int:
        request = await fetch_request(session, options.name)
        verdict = _VERBS[verb] if verb != "answer" or not options.recovery else _RECOVERY[options.recovery]
        _check(request, verdict, session.program)
        values = parse_inputs(prog, options.values, request.spec.binding.form)
        await vote(session, options.name, verdict, options.message, values)
        digest = request.spec.binding.digest.removeprefix("sha256:")[:8]
        streams.out.write(f"{options.name}: {verdict}, digest {digest}\n")
        return GOOD

    return carry_out(prog, where(options), streams, cast)


_VERBS = {"approve": Verdict.APPROVE, "reject": Verdict.REJECT, "answer": Verdict.ANSWER}


def _check(request: ApprovalRequest, verdict: Verdict, program: str) -> None:
    """What the API server would refuse as well, in fewer words."""
    name, phase = request.metadata.name, request.status.phase if request.status else None
    if not is_open(request):
        instead = f": vote on {request.status.superseded_by}" if request.status and request.status.superseded_by else ""
        raise StoppedError(f"{name} is closed ({phase}){instead}")
    if verdict not in VERDICTS[request.spec.type]:
        commands = " or ".join(how_to_answer(request, program))
        raise StoppedError(f"{name} asks for {request.spec.type}: {commands}")


def _arguments(prog: str, verb: str) -> Arguments:
    arguments = Arguments(prog, _DESCRIPTIONS[verb])
    arguments.add_argument("name", metavar="NAME")
    if verb == "reject":
        arguments.set_defaults(values=[])
    else:
        arguments.add_argument("values", metavar="FIELD=VALUE", nargs="*", help="JSON where the field is no text")
    if verb == "answer":
        choice = arguments.add_mutually_exclusive_group()
        for name, does in (("retry", "run it again"), ("skip", "go on without it"), ("stop", "let it fail")):
            choice.add_argument(f"--{name}", dest="recovery", action="store_const", const=name, help=does)
    arguments.add_argument("-m", "--message", metavar="REASON", help="what people read as your reason")
    add_flags(arguments)
    return arguments
