"""What applies to a node: its own word, else the workflow's default, else its type's, else Headgate's (LANGUAGE §3.12).

A field replaces the whole field; nothing is merged. What the defaults say of timeouts and of asking passes gates by.
"""

import math
from dataclasses import dataclass

from headgate.api.pod import Pod
from headgate.api.workflow import Backoff, Defaults, ForEach, Node, OnError
from headgate.compiler.build.uses import Use
from headgate.compiler.graph import Loop, Role
from headgate_lang import durations
from headgate_lang.task import Retry, Tolerance

TIMEOUT = 60.0
PARALLELISM = 10
"""How many items of a loop run at a time, unless the loop says otherwise."""


@dataclass(frozen=True, slots=True)
class Settings:
    timeout: float
    retry: Retry
    on_error: OnError
    pod: Pod | None


class Settled:
    """The settings of a workflow's nodes. Most nodes of a type say nothing of their own, and share theirs."""

    def __init__(self, defaults: Defaults | None) -> None:
        self._defaults = defaults or Defaults()
        self._shared: dict[str, Settings] = {}

    def of(self, node: Node, use: Use) -> Settings:
        if node.timeout or node.retry or node.on_error or node.pod:
            return self._settle(node, use)
        shared = self._shared.get(use.text)
        if shared is None:
            shared = self._shared[use.text] = self._settle(node, use)
        return shared

    def _settle(self, node: Node, use: Use) -> Settings:
        defaults = self._defaults
        return Settings(
            _timeout(node, use, defaults),
            _retry(node, use, defaults),
            _on_error(node, use, defaults),
            (node.pod or defaults.pod) if use.role is Role.WORK else None,
        )


def _timeout(node: Node, use: Use, defaults: Defaults) -> float:
    """Seconds. A gate has its policy's; a workflow its own, unless the node sets a bound."""
    if use.role is Role.GATE:
        return math.inf
    written = node.timeout or defaults.timeout or (use.type.timeout if use.type else None)
    if written is None:
        return math.inf if use.role is Role.CHILD else TIMEOUT
    return durations.parse(written)


def _retry(node: Node, use: Use, defaults: Defaults) -> Retry:
    written = node.retry or defaults.retry or (use.type.retry if use.type else None)
    if written is None or use.role is Role.GATE:
        return _NO_RETRY
    backoff = written.backoff or Backoff()
    return Retry(
        limit=written.limit,
        reasons=written.reasons or (),
        delay=_NO_RETRY.delay if backoff.delay is None else durations.parse(backoff.delay),
        factor=_NO_RETRY.factor if backoff.factor is None else backoff.factor,
        cap=_NO_RETRY.cap if backoff.cap is None else durations.parse(backoff.cap),
    )


_NO_RETRY = Retry()


def _on_error(node: Node, use: Use, defaults: Defaults) -> OnError:
    if node.on_error is not None:
        return node.on_error
    by_default = defaults.on_error or OnError.FAIL
    return OnError.FAIL if use.role is Role.GATE and by_default is OnError.ASK else by_default


def loop_of(written: ForEach) -> Loop:
    tolerate = written.tolerate
    if isinstance(tolerate, str):
        tolerance = Tolerance(percent=float(tolerate.removesuffix("%")))
    else:
        tolerance = Tolerance(count=tolerate)
    return Loop(written.items, written.parallelism or PARALLELISM, tolerance)
