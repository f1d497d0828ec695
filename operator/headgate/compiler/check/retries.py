"""Retry and timeout (LANGUAGE §3.13)."""

from collections.abc import Iterator
from typing import Any

from headgate.api.nodetype import NodeTypeSpec, Trait
from headgate.api.workflow import Retry
from headgate.compiler.build.survey import Draft
from headgate.compiler.check.subject import Subject
from headgate.compiler.graph import Role
from headgate.compiler.reasons import ProblemReason
from headgate.errors import SPEC, Item, Path, Problem, Severity
from headgate_lang import durations
from headgate_lang.near import nearest
from headgate_lang.reasons import SAID_NO, Reason
from headgate_lang.schema import with_defaults

_NO_FAILURE = {*SAID_NO, Reason.WHEN_FALSE, Reason.NEED_SKIPPED, Reason.NOT_NEEDED, Reason.SKIPPED_BY_PERSON}
_NO_FAILURE |= {Reason.NEED_FAILED, Reason.STOPPED, Reason.NOT_BEHIND_GATE, Reason.ITEMS_FAILED}
_NO_FAILURE |= {Reason.CREDENTIAL_MISSING, Reason.CREDENTIAL_REFUSED, Reason.MODEL_MISSING, Reason.IMAGE_NOT_TRUSTED}
_RETRIED = sorted(set(Reason) - _NO_FAILURE)
"""What an attempt may fail with. A node type may have words of its own for more."""


def check_retries(subject: Subject) -> Iterator[Problem]:
    defaults, execution = subject.spec.defaults, subject.spec.execution
    if defaults:
        yield from _timeout(SPEC / "defaults" / "timeout", defaults.timeout)
        yield from _reasons(SPEC / "defaults" / "retry", defaults.retry)
    if execution:
        yield from _timeout(SPEC / "execution" / "timeout", execution.timeout)
    for draft in subject.drafts:
        if draft.node.timeout:
            yield from _timeout(draft.at("timeout"), draft.node.timeout)
        if draft.node.retry and draft.use.role is not Role.GATE:
            yield from _reasons(draft.at("retry"), draft.node.retry)
            yield from _repeating(draft, draft.node.retry)


def _timeout(path: Path, written: str | None) -> Iterator[Problem]:
    if written is not None and durations.parse(written) <= 0:
        message, remedy = f"nothing can be done in {written}", "write how long it may take: `30s`, or leave it out"
        yield Problem(path, ProblemReason.INVALID_VALUE, message, remedy)


def _reasons(path: Path, retry: Retry | None) -> Iterator[Problem]:
    for index, reason in enumerate((retry and retry.reasons) or ()):
        at = path / "reasons" / Item(index)
        if reason in _NO_FAILURE:
            message = f"`{reason}` is no failure of an attempt, so nothing is retried for it"
            yield Problem(at, ProblemReason.UNKNOWN_REASON, message, f"take it out; there are {', '.join(_RETRIED)}")
        elif reason not in _RETRIED:
            near = nearest(reason, _RETRIED)
            if near:
                message = f"nothing fails with `{reason}`"
                yield Problem(at, ProblemReason.UNKNOWN_REASON, message, f"did you mean `{near}`?")


def _repeating(draft: Draft, retry: Retry) -> Iterator[Problem]:
    if not retry.limit or draft.use.type is None or may_be_idempotent(draft.use.type, draft):
        return
    if retry.reasons:
        message = f"`{draft.use.name}` may not be safe to repeat: what it does can happen twice"
        remedy = "make sure that the service knows the idempotency key, or take `retry` out"
    else:
        message = f"`{draft.use.name}` may not be safe to repeat, so nothing is retried by itself"
        remedy = "name the `reasons` after which nothing has happened yet, or take `retry` out"
    yield Problem(draft.at("retry"), ProblemReason.NOT_IDEMPOTENT, message, remedy, Severity.WARNING, on_key=True)


def may_be_idempotent(type_: NodeTypeSpec, draft: Draft) -> bool:
    """Whether a node can be repeated, with the parameters that it has. A computed parameter may have any value."""
    if Trait.IDEMPOTENT in type_.traits:
        return True
    params = with_defaults(draft.node.with_, draft.use.params or {})
    return bool(type_.idempotent_when) and all(
        _may_be(params.get(name), allowed) for name, allowed in type_.idempotent_when.items()
    )


def _may_be(value: Any, allowed: Any) -> bool:
    return (isinstance(value, str) and "${" in value) or (isinstance(allowed, list) and value in allowed)
