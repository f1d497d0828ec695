"""One connection to a cluster for one command: whose, to which namespace, and what is said when it does not work."""

import asyncio
import re
from argparse import Namespace
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from headgate.cli.arguments import Arguments
from headgate.cli.command import PROBLEMS, Streams, WrongUseError
from headgate.cli.printing.paint import safe
from headgate.kube.access import NoAccessError, Persona, read_access
from headgate.kube.client import Client, Patience
from headgate.kube.errors import (
    ConflictError,
    ForbiddenError,
    InvalidError,
    KubeError,
    NotFoundError,
    UnauthorizedError,
    UnreachableError,
)

_PATIENCE = Patience(attempts=3, seconds=20.0)


@dataclass(frozen=True, slots=True)
class Session:
    client: Client
    namespace: str
    streams: Streams
    program: str
    """How the person calls us: `headgate`, or `kubectl headgate`."""
    home: str
    """The namespace in which commands look that name none: the context's."""

    @property
    def at(self) -> str:
        """What stands behind a command that people are told, so that it looks where this one did."""
        return "" if self.namespace == self.home else f" -n {self.namespace}"


class StoppedError(Exception):
    """The command ends here, and this is why, in a sentence."""


@dataclass(frozen=True, slots=True)
class Where:
    """The cluster and the namespace that a person chose, and as whom to go there."""

    namespace: str | None
    context: str | None
    kubeconfig: str | None
    user: str | None = None
    groups: tuple[str, ...] = ()


def add_flags(arguments: Arguments, namespace: str = "the context's, unless said") -> None:
    """`namespace`: what is said of `-n`."""
    arguments.add_argument("-n", "--namespace", metavar="NAME", help=namespace)
    arguments.add_argument("--context", metavar="NAME", help="a context of the kubeconfig")
    arguments.add_argument("--kubeconfig", metavar="FILE", help="in place of $KUBECONFIG and ~/.kube/config")
    arguments.add_argument("--as", dest="as_user", metavar="USER", help="act as somebody else")
    arguments.add_argument("--as-group", action="append", default=[], metavar="GROUP", help="with --as: in this group")


def where(options: Namespace) -> Where:
    return Where(options.namespace, options.context, options.kubeconfig, options.as_user, tuple(options.as_group))


def carry_out(
    prog: str, where: Where, streams: Streams, body: Callable[[Session], Awaitable[int]], *, failed: int = PROBLEMS
) -> int:
    """Connect, do it, and tell in a line what went wrong; gives the exit code: `failed`, where it could not be done."""
    try:
        return asyncio.run(_carry_out(prog, where, streams, body))
    except (NoAccessError, StoppedError) as error:
        said = str(error)
    except KubeError as error:
        said = in_words(error)
    streams.err.write(f"{prog}: {safe(said)}\n")
    return failed


def _persona_of(prog: str, where: Where) -> Persona | None:
    """Raises WrongUseError for what could only be a slip: nobody should act as themselves who said otherwise."""
    if where.user is None:
        if where.groups:
            raise WrongUseError(f"{prog}: --as-group is for --as: say as whom, too")
        return None
    for flag, names in (("--as", (where.user,)), ("--as-group", where.groups)):
        if not all(name and name.isprintable() for name in names):
            raise WrongUseError(f"{prog}: {flag} needs a name, without line breaks")
    return Persona(where.user, where.groups)


async def _carry_out(prog: str, where: Where, streams: Streams, body: Callable[[Session], Awaitable[int]]) -> int:
    environment = dict(streams.environment)
    if where.kubeconfig:
        environment["KUBECONFIG"] = where.kubeconfig
    access = read_access(environment, where.context)
    persona = _persona_of(prog, where)
    access = access if persona is None else replace(access, acts_as=persona)
    async with Client(access, agent="headgate-cli", patience=_PATIENCE) as client:
        program, _, _ = prog.rpartition(" ")
        return await body(Session(client, where.namespace or access.namespace, streams, program, access.namespace))


def in_words(error: KubeError) -> str:
    """What the API server said, without what only machines read."""
    match error:
        case UnreachableError():
            return f"the API server cannot be reached ({error.message}): is the cluster up, is the context right?"
        case UnauthorizedError():
            return "the API server does not know who you are: log in again, or look at the kubeconfig"
        case InvalidError() if error.causes:
            return "\n".join(
                ["the API server refused it:", *(f"  * {one.field}: {one.message}" for one in error.causes)]
            )
        case ForbiddenError():
            return _forbidden(error.message)
        case NotFoundError() if error.message.endswith(_UNKNOWN):
            return "this cluster does not know Headgate's kinds: is it installed, is the context right?"
        case ConflictError():
            return "somebody changed it in the same moment: look at it, and try again"
        case _:
            return error.message


_UNKNOWN = ("404 page not found", "the server could not find the requested resource")
_BY_RBAC = re.compile(r'User "(?P<user>[^"]*)" cannot (?P<verb>\S+) resource "(?P<what>[^"]*)"(?P<where>.*)', re.DOTALL)
_NAMESPACE = re.compile(r'in the namespace "([^"]*)"')


def _forbidden(message: str) -> str:
    """An admission policy's own sentence stands at the end, after its name."""
    if sentence := message.partition(" denied request: ")[2]:
        return f"you may not do this: {sentence}"
    if found := _BY_RBAC.search(message):
        namespace = _NAMESPACE.search(found["where"])
        where = f"in namespace {namespace[1]}" if namespace else "in the whole cluster"
        return f"you are {found['user']}, and RBAC does not let you {found['verb']} {found['what']} {where}"
    return f"you may not do this: {message}"
