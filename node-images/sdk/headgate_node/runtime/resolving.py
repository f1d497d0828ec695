"""Values with `${…}` in them, computed: plain paths here, everything else by an evaluator, a batch at a time."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from headgate_lang.resolve import Evaluate, Resolved, evaluate, find_computed, resolve
from headgate_lang.scope import Scope
from headgate_lang.values import ExpressionError
from headgate_node.runtime.evaluation.client import Evaluation
from headgate_node.runtime.evaluation.wire import Answer, Job
from headgate_node.runtime.roots import Roots

Own = Mapping[str, Any]


class Resolver:
    def __init__(self, roots: Roots, evaluation: Evaluation) -> None:
        self._roots = roots
        self._evaluation = evaluation

    async def resolve(self, value: Any) -> Resolved:
        (resolved,) = await self.resolve_each(value, [{}])
        return resolved

    async def resolve_each(self, value: Any, owns: Sequence[Own], schemas: Own | None = None) -> list[Resolved]:
        """The value once for each of these sets of documents, such as `item` and `index`."""
        computed = find_computed(value)
        names = [frozenset(_NAME.findall(source)) for source in computed]
        jobs = [
            Job(source, _own(own, read), schemas) for own in owns for source, read in zip(computed, names, strict=True)
        ]
        answers = iter(await self._evaluation.answer(jobs))
        scope = self._roots.scope
        return [
            resolve(value, scope.having(own) if own else scope, _by({source: next(answers) for source in computed}))
            for own in owns
        ]


_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def _own(own: Own, read: frozenset[str]) -> Own | None:
    return {root: document for root, document in own.items() if root in read} or None


def _by(answers: Mapping[str, Answer]) -> Evaluate:
    def by(source: str, scope: Scope) -> Any:
        answer = answers.get(source)
        if answer is None:
            return evaluate(source, scope)
        if answer.message is not None:
            raise ExpressionError(answer.message, answer.remedy)
        return answer.value

    return by
