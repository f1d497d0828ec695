"""Pods without a cluster: a task carried out in this process, or by `headgate-node` as Argo starts it, under a root of
its own. What came of it is read as the operator reads it."""

import asyncio
import json
import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from headgate_lang import documents, report, task
from headgate_lang.report import End, Entry
from headgate_lang.task import Member, Run, Source, Task
from headgate_node.runtime.evaluation import server
from headgate_node.runtime.folders import Folders
from headgate_node.runtime.secrets import read_secrets
from headgate_node.runtime.worker import work

REPOSITORY = Path(__file__).parents[2]
PATH = [str(REPOSITORY / folder) for folder in ("operator", "node-images/sdk", "node-images/core", "tests")]
NODES = "support.pod_nodes"
RUN = Run("hello-7k2xp", "docs", "5f0c2a9e", "hello", "9b1de77c02aa", "2026-11-21T05:30:58Z", requester="ana")
LIMIT = 65_536


@dataclass
class Ran:
    """What a pod left."""

    root: Path
    task: Task
    code: int = 0
    lines: list[Mapping[str, Any]] = field(default_factory=list)

    @property
    def report(self) -> Mapping[str, Entry]:
        text = (self.root / "out/report").read_text()
        assert len(text) <= self.task.report_limit
        instances = [name for member in self.task.members for name in instances_of(member)]
        return report.decode(text, instances).instances

    def entry(self, instance: str) -> Entry:
        return self.report[instance]

    def output(self, node: str) -> Any:
        """The document that others find."""
        (member,) = (one for one in self.task.members if one.node == node)
        return documents.decode((self.root / "out" / member.document).read_text())

    def has(self, file: str) -> bool:
        return (self.root / "out" / file).exists()

    def out(self, file: str) -> str:
        return (self.root / "out" / file).read_text()

    @property
    def ends(self) -> Mapping[str, End]:
        return report.decode_ends(self.out("ends"))

    @property
    def files(self) -> set[str]:
        """All that it left, read as text."""
        return {path.read_text() for path in (self.root / "out").rglob("*") if path.is_file()}


def instances_of(member: Member) -> list[str]:
    if member.prepare is not None:
        return [f"{member.node}/prepare"]
    if member.loop is not None and member.loop.only is not None:
        return [f"{member.node}[{index}]" for index in member.loop.only]
    return [member.node]


def member(node: str, use: str = "echo", **more: Any) -> Member:
    """A member with a document of its own and room for it."""
    return Member(node, f"{use}.v1", f"o-{node.strip('$')}", more.pop("limit", LIMIT), **more)


def task_of(*members: Member, **more: Any) -> Task:
    return Task(task.VERSION, RUN, members, report_limit=more.pop("report_limit", 100_000), **more)


class Pods:
    """Runs tasks, each under a folder of its own."""

    def __init__(self, folder: Path, control: socket.socket) -> None:
        self._folder = folder
        self._control = control
        self._count = 0

    def root(self, files: Mapping[str, Any] | None = None) -> Path:
        """The folders of a pod, with these files in them: paths as the pod sees them → documents, or texts."""
        self._count += 1
        root = self._folder / str(self._count)
        (root / "out").mkdir(parents=True)
        for path, content in (files or {}).items():
            file = root / path.lstrip("/")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content if isinstance(content, str) else documents.encode(content))
        return root

    def run(self, todo: Task, files: Mapping[str, Any] | None = None, package: str = NODES) -> Ran:
        """In this process."""
        ran = Ran(self.root(files), todo)
        folders = Folders(str(ran.root))
        secrets = read_secrets(todo, folders)
        asyncio.run(work(todo, package, folders, secrets, ran.lines.append, self._control.dup()))
        return ran

    def start(
        self, todo: Task, files: Mapping[str, Any] | None = None, package: str = NODES, before: str = ""
    ) -> tuple[Ran, "subprocess.Popen[str]"]:
        """As Argo does. `before`: a statement that comes first, to shorten a time."""
        ran = Ran(self.root(files), todo)
        told = {"HEADGATE_TASK": task.encode(todo), "HEADGATE_ROOT": str(ran.root), "PYTHONPATH": os.pathsep.join(PATH)}
        program = f"{before}\nfrom headgate_node.runtime.main import main; main()"
        process = subprocess.Popen(
            [sys.executable, "-c", program, package],
            env={**os.environ, **told},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        return ran, process

    def run_process(self, todo: Task, files: Mapping[str, Any] | None = None, before: str = "") -> Ran:
        return finish(*self.start(todo, files, before=before))


def finish(ran: Ran, process: "subprocess.Popen[str]") -> Ran:
    printed, _ = process.communicate(timeout=60)
    ran.code = process.returncode
    ran.lines += [json.loads(line) for line in printed.splitlines()]
    return ran


def from_end(end: End, *paths: str) -> Source:
    return Source(end=end, documents=paths)


def fork_server() -> socket.socket:
    """The process that evaluates expressions, as `main` forks it."""
    ours, theirs = socket.socketpair()
    if os.fork() == 0:
        ours.close()
        try:
            server.serve(theirs)
        finally:
            os._exit(0)
    theirs.close()
    return ours
