"""Bounds on one node: how much it waits for, and how much it is handed.

Better a friendly refusal now than a strange one from Argo or a pod later.
"""

import json
from collections.abc import Iterator
from typing import Any

from headgate.compiler.check.subject import Subject
from headgate.compiler.reasons import ProblemReason
from headgate.compiler.sizes import KIB, MAX_MEMBERS_BYTES
from headgate.errors import Problem

MAX_NEEDS = 1000
_WORTH_MEASURING = MAX_MEMBERS_BYTES // 12
"""In JSON, a character takes 12 bytes at most."""


def check_bounds(subject: Subject) -> Iterator[Problem]:
    for draft in subject.drafts:
        if len(draft.needs) > MAX_NEEDS:
            message = f"it waits for {len(draft.needs):,} nodes directly, at most {MAX_NEEDS:,} can be"
            remedy = "put nodes in between that gather some of them, or use a loop"
            yield Problem(draft.path, ProblemReason.TOO_MANY_NEEDS, message, remedy)
        if _weigh(draft.node.with_, _WORTH_MEASURING) < 0:
            size = len(json.dumps(draft.node.with_))
            if size > MAX_MEMBERS_BYTES:
                message = (
                    f"the parameters are {size // KIB} KiB, and a pod can be handed {MAX_MEMBERS_BYTES // KIB} KiB"
                )
                remedy = "keep what is large in an object store or a knowledge base, and pass its name"
                yield Problem(draft.at("with"), ProblemReason.TOO_LARGE, message, remedy)


def _weigh(value: Any, left: int) -> int:
    """What is left of a weight, at least: below zero, once it is used up."""
    if isinstance(value, str):
        return left - len(value)
    if isinstance(value, dict):
        for key, held in value.items():
            left -= len(key) + 8
            left = left - len(held) if isinstance(held, str) else _weigh(held, left)
    elif isinstance(value, list):
        for held in value:
            left = _weigh(held, left - 8)
    return left
