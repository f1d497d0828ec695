"""`finally` (LANGUAGE §3.14): begins when everything else has ended, and waits for nobody."""

from collections.abc import Iterator

from headgate.compiler.check.subject import Subject
from headgate.compiler.reasons import ProblemReason
from headgate.errors import Problem


def check_finals(subject: Subject) -> Iterator[Problem]:
    for draft in subject.drafts:
        if draft.final and draft.node.after:
            message = "everything has ended before `finally` begins, so there is nothing to wait for"
            remedy = "write `when: \"${run.phase == 'Failed'}\"` for a condition, or take it out"
            yield Problem(draft.at("after"), ProblemReason.AFTER_IN_FINALLY, message, remedy, on_key=True)
