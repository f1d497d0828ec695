"""`when` must be one expression: texts are never conditions, for there is no truthiness (LANGUAGE §3.7)."""

from collections.abc import Iterator

from headgate.compiler.check.constants import is_literal
from headgate.compiler.check.subject import Subject
from headgate.compiler.reasons import ProblemReason
from headgate.errors import Problem
from headgate_lang import cel


def check_conditions(subject: Subject) -> Iterator[Problem]:
    for draft in subject.drafts:
        when = draft.node.when
        if when is not None and ("${" not in when or is_literal(when)):
            message = "`when` is a text here, and must be an expression"
            remedy = f"write `${{{when}}}`" if _is_expression(when) else "write one `${…}` that is true or false"
            yield Problem(draft.at("when"), ProblemReason.TYPE_MISMATCH, message, remedy)


def _is_expression(text: str) -> bool:
    try:
        cel.references(text)
    except cel.InvalidExpressionError:
        return False
    return True
