"""Brings together what a local Run needs: its files, what stands in for a cluster, who is asked. `command` asks.

What is lacking is told before anything starts, all of it at once.
"""

import getpass
import os
import shlex
import shutil
from argparse import Namespace
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from headgate.api.approvalrequest import ApprovalRequest
from headgate.api.common import Resource
from headgate.api.run import Run
from headgate.api.workflow import WorkflowSpec
from headgate.cli.cluster.session import StoppedError
from headgate.cli.command import Streams, WrongUseError
from headgate.cli.local import preparing
from headgate.cli.local.answers import Answers, BadAnswerError, check_answer
from headgate.cli.local.conversation import Conversation
from headgate.cli.local.engine import Wishes
from headgate.cli.local.given import read_given
from headgate.cli.local.ground import Ground
from headgate.cli.local.people import Nobody, People, Prepared
from headgate.cli.local.runtime import check_package, find_runtime
from headgate.cli.local.standins import StandIns, build_catalogue, build_secrets
from headgate.cli.local.terminal import Terminal
from headgate.cli.printing.paint import paint_for
from headgate.compiler.catalogue import Found, StaticCatalogue, builtin
from headgate.compiler.emit import Platform
from headgate.compiler.graph import Graph
from headgate.lifecycle.http_rules import HttpRules
from headgate.lifecycle.observed import Settings, Trusted
from headgate_lang.near import did_you_mean
from headgate_lang.task import Http


@dataclass(frozen=True, slots=True)
class Local:
    """All that was found before anything starts."""

    run: Run
    graph: Graph
    ground: Ground
    wishes: Wishes
    people: People


def prepare(
    prog: str, options: Namespace, objects: Sequence[Resource], spec: WorkflowSpec, wanted: Run, streams: Streams
) -> Local:
    """`spec`: of the workflow that is wanted. Raises WrongUseError and StoppedError."""
    me = _me()
    commands = dict(_command(prog, one) for one in options.command)
    given = read_given(prog, options.secrets, options.model, streams)
    answers = Answers(prog, options.answer)
    plain = StaticCatalogue([*builtin(), *objects])
    needs = preparing.find_needs(wanted.spec.workflow, spec, plain, wanted.spec.environment, wanted.spec.inputs)
    _check_answers(prog, answers, needs)
    runtime = find_runtime(options.runtime, streams.environment)
    lacking = preparing.check_needs(needs, plain, given, commands)
    if not lacking:
        told = ((package, check_package(runtime, package, streams.environment)) for package in needs.packages(commands))
        lacking = [f"the nodes of {package} cannot run here: {why}" for package, why in told if why]
    if lacking:
        raise StoppedError("\n  ".join(["this cannot run here:", *lacking]) if len(lacking) > 1 else lacking[0])
    catalogue = build_catalogue(objects, StandIns(me, runtime, needs.policies, needs.type_names, commands, given))
    near = frozenset(name for name, one in given.models.items() if one.url is not None)
    return Local(
        run=wanted,
        graph=needs.graphs[wanted.spec.workflow],
        ground=Ground(catalogue, _settings(runtime, needs, options.open_address), build_secrets(given)),
        wishes=Wishes(me, options.parallelism, options.skip_waits, near),
        people=Prepared(answers, _others(plain, streams)),
    )


def _check_answers(prog: str, answers: Answers, needs: preparing.Needs) -> None:
    """Before anything runs, and not when the question is asked."""
    for node, text in answers:
        if node not in needs.askers:
            remedy = did_you_mean(node, needs.askers) or _told(needs.askers)
            raise WrongUseError(f"{prog}: there is no gate `{node}`, nor a node with `onError: Ask`: {remedy}")
        try:
            check_answer(node, text, needs.askers[node])
        except BadAnswerError as error:
            raise WrongUseError(f"{prog}: --answer {node}: {error}") from None


def _told(askers: Collection[str]) -> str:
    return f"asked are {', '.join(sorted(askers))}" if askers else "nothing of it asks people"


def _others(catalogue: StaticCatalogue, streams: Streams) -> People:
    """Who is asked about what nobody has answered beforehand."""
    if not streams.stdin.isatty():
        return Nobody()
    paint = paint_for(streams.err, streams.environment)
    terminal = Terminal(streams.stdin, streams.err, streams.environment)
    return Conversation(terminal, paint, lambda request: _stands_in_for(request, catalogue))


def _stands_in_for(request: ApprovalRequest, catalogue: StaticCatalogue) -> str:
    """Whom the person at the terminal answers for."""
    name = request.spec.binding.policy.name
    found = catalogue.policy(name)
    if not isinstance(found, Found):
        return f"Policy {name} is not among the files: you decide alone."
    asked = "; ".join(f"{one.votes} of {', '.join((*one.users, *one.groups))}" for one in found.value.stages)
    return f"On a cluster, policy {name} asks {asked}."


def _settings(runtime: Sequence[str], needs: preparing.Needs, open_addresses: Sequence[str]) -> Settings:
    """As the chart has them, but that there is an artifact store, a folder, and that what was given is trusted."""
    image = next(one.spec.image for one in builtin() if one.metadata.name == "set.v1")
    command = (*runtime, "headgate_core")
    images = tuple({spec.image.partition("@")[0] for spec in needs.types.values() if spec.image})
    return Settings(
        Platform(image or "", command, executor_account="local", store_prefix="store"),
        keep_succeeded=1_000_000,
        keep_failed=1_000_000,
        trusted=Trusted(images, images),
        http=HttpRules(Http(open_addresses=tuple(open_addresses))),
    )


def _me() -> str:
    """Who runs this: the requester of the Run, and whose votes are cast."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        name = str(os.getuid())
    return name if name != "me" else "local-me"


def _command(prog: str, text: str) -> tuple[str, tuple[str, ...]]:
    name, separator, command = text.partition("=")
    words = tuple(shlex.split(command))
    if not separator or not name or not words:
        raise WrongUseError(f"{prog}: a program is given as --command TYPE=COMMAND, not as {text}")
    found = shutil.which(words[0])
    if found is None:
        raise WrongUseError(f"{prog}: there is no program {words[0]}, which is to run {name}")
    return name, (str(Path(found).absolute()), *words[1:])
