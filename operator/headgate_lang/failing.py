"""Which items of a loop failed, in a sentence: the same from the pod that ran them all, and from the operator."""

from collections.abc import Sequence

from headgate_lang.report import Failure

MAX_NAMED = 5
MAX_MESSAGE = 300
"""Of what is quoted of the first, in characters."""


def tell_failed(indices: Sequence[int], count: int, length: int, tolerated: int, first: Failure | None = None) -> str:
    """`indices`: of those that are known, in order; `count`: of all that failed."""
    told = f"{count} of {length} item{'' if length == 1 else 's'} failed, {tolerated or 'none'} tolerated"
    if indices:
        told += f": {_names(indices, count)}"
    if first is None:
        return told
    message = first.error.message
    message = message if len(message) <= MAX_MESSAGE else f"{message[: MAX_MESSAGE - 1]}…"
    return f"{told}; item {first.index}: {first.error.reason}{f': {message}' if message else ''}"


def _names(indices: Sequence[int], count: int) -> str:
    named = [str(index) for index in indices[:MAX_NAMED]]
    if count > len(named):
        return f"{', '.join(named)} and {count - len(named)} more"
    return f"{', '.join(named[:-1])} and {named[-1]}" if len(named) > 1 else named[0]
