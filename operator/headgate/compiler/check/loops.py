"""Loops (LANGUAGE §3.5): what they run over."""

from collections.abc import Iterator

from headgate.compiler.build.survey import Draft
from headgate.compiler.check.subject import Subject
from headgate.compiler.reasons import ProblemReason
from headgate.errors import Problem
from headgate_lang import template
from headgate_lang.paths import kind_of

MAX_ITEMS = 1000
"""Unless the admin says otherwise; then a longer list fails when it is known."""


def check_loops(subject: Subject) -> Iterator[Problem]:
    for draft in subject.drafts:
        if draft.node.for_each is not None:
            yield from _items(draft, draft.node.for_each.items)


def _items(draft: Draft, items: object) -> Iterator[Problem]:
    path = draft.at("forEach", "in")
    if isinstance(items, list):
        if len(items) > MAX_ITEMS:
            message = f"the list has {len(items):,} items, a loop at most {MAX_ITEMS:,}"
            yield Problem(path, ProblemReason.TOO_MANY_ITEMS, message, "pass a part to each of several loops")
    elif not isinstance(items, str) or not template.has_expression(items):
        message, remedy = f"this is {kind_of(items)}, and a loop runs over a list", "write `[a, b]`, or `${…}`"
        yield Problem(path, ProblemReason.TYPE_MISMATCH, message, remedy)
