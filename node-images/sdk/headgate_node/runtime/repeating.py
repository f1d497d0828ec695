"""Whether and when a failed attempt is repeated (LANGUAGE §3.13). Pure; chance comes in as an argument."""

from typing import Any

from headgate_lang.reasons import Reason
from headgate_lang.task import Retry
from headgate_node.definition import NodeDefinition, Trait
from headgate_node.error import NodeError

LONGEST_WAIT = 300.0
"""Seconds that a server may ask for."""
_TIMES_OUT = "Timeout"
_NEVER_SENT = frozenset({"ConnectFailed", "NameNotResolved"})
"""Nothing has reached the server: such a request may be sent again like one that took too long."""


def may_repeat(error: NodeError, retry: Retry, *, is_idempotent: bool) -> bool:
    """With reasons given, for these. Otherwise for what may pass by itself, and only where repeating is safe."""
    if retry.reasons:
        return error.reason in retry.reasons
    return is_idempotent and _may_pass(error)


def _may_pass(error: NodeError) -> bool:
    if error.status is not None:
        return error.status == 429 or 500 <= error.status < 600
    return error.reason.endswith(_TIMES_OUT) or error.reason == Reason.POD_LOST or error.reason in _NEVER_SENT


def is_idempotent(node: NodeDefinition[Any], params: Any) -> bool:
    """By its trait, or with these parameters."""
    if Trait.IDEMPOTENT in node.traits:
        return True
    if not node.idempotent_when:
        return False
    document = params.model_dump(by_alias=True)
    return all(document.get(name) in values for name, values in node.idempotent_when.items())


def wait_before(retries: int, retry: Retry, retry_after: float | None, chance: float) -> float:
    """Seconds before the retry that follows so many others. `chance` is in [0, 1): it spreads what failed together."""
    delay = min(retry.cap, retry.delay * retry.factor ** min(retries, 100)) * (0.75 + 0.5 * chance)
    return max(min(delay, retry.cap), min(retry_after or 0.0, LONGEST_WAIT))
