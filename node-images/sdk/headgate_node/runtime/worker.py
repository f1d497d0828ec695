"""The process in which nodes run. What it knows at its end is in files: the supervisor needs nothing else of it."""

import asyncio
import signal
import socket
from collections.abc import Callable
from contextlib import AsyncExitStack
from functools import partial
from typing import TYPE_CHECKING

from headgate_lang.task import Http, Task
from headgate_node.context import Surroundings, Tell
from headgate_node.runtime.attempts import Attempts
from headgate_node.runtime.bundle import run_bundle
from headgate_node.runtime.evaluation.client import Evaluation
from headgate_node.runtime.finding import find_used
from headgate_node.runtime.folders import Folders
from headgate_node.runtime.leaving import leave
from headgate_node.runtime.mask import Mask
from headgate_node.runtime.outputs import Outputs
from headgate_node.runtime.reporter import Reporter
from headgate_node.runtime.resolving import Resolver
from headgate_node.runtime.roots import Roots
from headgate_node.runtime.secrets import Secrets
from headgate_node.runtime.services import Services
from headgate_node.runtime.sources import read_sources
from headgate_node.runtime.stopping import Stopping

if TYPE_CHECKING:
    from headgate_node.http import GuardedClient

TO_FINISH = 10.0
"""Seconds that running nodes have to finish after SIGTERM, before they are cancelled."""
TICK = 0.5
"""How often the worker shows that its loop still turns."""


async def work(  # noqa: PLR0913, PLR0917 - what a pod has
    task: Task,
    package: str,
    folders: Folders,
    secrets: Secrets,
    tell: Tell,
    control: socket.socket | None = None,
    alive: Callable[[], None] = lambda: None,
) -> None:
    """Carry out a task, and leave the files that it asks for. `control` leads to the server of evaluators."""
    stopping, mask, roots = Stopping(), Mask(secrets.values), Roots(task)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    reporter = Reporter(folders, task.report_limit)
    async with AsyncExitStack() as stack:
        evaluation = Evaluation(control, roots)
        stack.callback(evaluation.close)
        stack.callback(asyncio.ensure_future(_beat(alive)).cancel)
        client = Client(task.http, stack)
        surroundings = Surroundings(task.run, tell, client.get, secrets.credentials, secrets.models)
        services = Services(
            task=task,
            find_node=partial(find_used, package),
            roots=roots,
            resolver=Resolver(roots, evaluation),
            attempts=Attempts(surroundings, stopping, mask),
            reporter=reporter,
            outputs=Outputs(folders, has_store=task.has_store),
            stopping=stopping,
            mask=mask,
            tell=tell,
            slots=asyncio.Semaphore(task.parallelism) if task.parallelism else None,
        )
        await _until_stopped(asyncio.ensure_future(run_bundle(read_sources(task, folders), services)), stopping)
        reporter.write()
        leave(task, reporter.entries, folders)


async def _until_stopped(bundle: "asyncio.Task[None]", stopping: Stopping) -> None:
    """Let the members end, after SIGTERM only for a while."""
    stopped = asyncio.ensure_future(stopping.wait())
    await asyncio.wait({bundle, stopped}, return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if not bundle.done():
        await asyncio.wait({bundle}, timeout=TO_FINISH)
    if not bundle.done():
        bundle.cancel()
        await asyncio.wait({bundle})
    if not bundle.cancelled():
        bundle.result()


async def _beat(alive: Callable[[], None]) -> None:
    while True:
        alive()
        await asyncio.sleep(TICK)


class Client:
    """The guarded client of the pod, made when a node first asks for it."""

    def __init__(self, rules: Http, stack: AsyncExitStack) -> None:
        self._rules = rules
        self._stack = stack
        self._made: GuardedClient | None = None

    def get(self) -> "GuardedClient":
        if self._made is None:
            from headgate_node.http import GuardedClient, HttpSettings  # noqa: PLC0415 - few pods need it

            rules = self._rules
            caps = {"max_body_bytes": rules.max_body_bytes, "max_redirects": rules.max_redirects}
            settings = HttpSettings.model_validate(
                {
                    "cluster_addresses": rules.cluster_addresses,
                    "deny_addresses": rules.deny_addresses,
                    "deny_hosts": rules.deny_hosts,
                    "open_addresses": rules.open_addresses,
                    "only_hosts": rules.only_hosts,
                    "insecure_hosts": rules.insecure_hosts,
                    "timeouts": rules.timeouts,
                    **{name: cap for name, cap in caps.items() if cap is not None},
                }
            )
            self._made = GuardedClient(settings)
            self._stack.push_async_callback(self._made.aclose)
        return self._made
