"""Local Runs in tests: with the runtime of this working tree as it would be installed, and without a command line."""

import asyncio
import os
import stat
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from headgate.api.approvalrequest import ApprovalRequest
from headgate.api.common import Resource
from headgate.api.nodetype import NodeType
from headgate.api.run import Run
from headgate.cli.local.answers import Vote
from headgate.cli.local.clock import Clock
from headgate.cli.local.course import Course
from headgate.cli.local.engine import Engine, Wishes
from headgate.cli.local.ground import Ground
from headgate.cli.local.people import People
from headgate.cli.local.pods import Pods
from headgate.cli.local.standins import StandIns, build_catalogue
from headgate.compiler.emit import Platform
from headgate.lifecycle.observed import Settings, Trusted
from support.bundles import REPOSITORY
from support.graphs import CODE, CORE

NODES = "support.local_nodes"
TRAITS = {"calc": ("Instant", "Idempotent"), "call": ("Light", "Internet"), "heavy": (), "code": ("UserCode",)}
_FOLDERS = ("operator", "node-images/sdk", "node-images/core", "node-images/code", "tests")
PATH = [str(REPOSITORY / folder) for folder in _FOLDERS]


def install_runtime(folder: Path) -> Path:
    """`headgate-node`, as a program of its own."""
    program = folder / "headgate-node"
    path = os.pathsep.join(PATH)
    started = "from headgate_node.runtime.main import main; main()"
    program.write_text(f"#!/bin/sh\nPYTHONPATH='{path}' exec {sys.executable} -c '{started}' \"$@\"\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return program


def types() -> list[Resource]:
    """The nodes of `support.local_nodes`."""
    return [_type(name, traits) for name, traits in TRAITS.items()]


def _type(name: str, traits: tuple[str, ...]) -> Resource:
    spec = {
        "description": "Made for a test.",
        "image": CODE if name == "code" else CORE,
        "command": ["headgate-node", NODES],
        "params": {"good": {"type": "boolean", "default": True}},
        "output": {"value": {"type": "string"}},
        "traits": list(traits),
    }
    head = {"apiVersion": "headgate.dev/v1alpha1", "kind": "NodeType", "metadata": {"name": f"{name}.v1"}}
    return NodeType.model_validate({**head, "spec": spec})


class Told:
    """People who say what a test wants them to."""

    def __init__(self, votes: dict[str, Vote]) -> None:
        self.votes = votes
        self.asked: list[str] = []

    async def answer(self, request: ApprovalRequest) -> Vote:
        self.asked.append(request.spec.node)
        return self.votes[request.spec.node]


def settings(runtime: Sequence[str]) -> Settings:
    trusted = Trusted(network=("registry.example/*",))
    return Settings(Platform(CORE, (*runtime, NODES), "local", store_prefix="store"), trusted=trusted)


def run_here(
    objects: Iterable[Resource],
    folder: Path,
    runtime: Path,
    people: People,
    *,
    policies: Sequence[str] = ("release", "recovery"),
    skip_waits: bool = True,
) -> tuple[Run, Ground]:
    """The Run `r` of the workflow `example`, to its end, with real processes."""
    command = [str(runtime)]
    catalogue = build_catalogue([*types(), *objects], StandIns("ana", command, policies))
    clock, ground = Clock(), Ground(catalogue, settings(command))
    course = Course(ground, clock)
    wishes = Wishes("ana", most_pods=4, skip_waits=skip_waits)

    async def run() -> Run:
        pods = Pods(folder, os.environ, lambda _line: None)
        engine = Engine(course, clock, pods, people, wishes, lambda _run, _asking: None)
        ground.submit({"metadata": {"name": "r"}, "spec": {"workflow": "example", "requester": "ana"}}, clock.now())
        return await engine.run("r")

    return asyncio.run(run()), ground
