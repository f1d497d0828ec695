"""Who answers what a local Run asks: what was said beforehand, or whoever sits at the terminal. `engine` asks."""

from typing import Protocol

from headgate.api.approvalrequest import ApprovalRequest
from headgate.cli.cluster.session import StoppedError
from headgate.cli.local.answers import Answers, BadAnswerError, Vote, how_to_answer


class NobodyThereError(StoppedError):
    """It asks people, and there are none."""


class People(Protocol):
    async def answer(self, request: ApprovalRequest) -> Vote:
        """Raises NobodyThereError."""
        ...


class Nobody:
    """Neither a terminal nor an answer."""

    async def answer(self, request: ApprovalRequest) -> Vote:
        node, run = request.spec.node, request.spec.run
        raise NobodyThereError(f"{node} of {run} asks people, and this is no terminal: say {how_to_answer(request)}")


class Prepared:
    """What was said on the command line; about all else, others are asked."""

    def __init__(self, answers: Answers, others: People) -> None:
        self._answers = answers
        self._others = others

    async def answer(self, request: ApprovalRequest) -> Vote:
        try:
            found = self._answers.take(request)
        except BadAnswerError as error:
            raise NobodyThereError(f"--answer {request.spec.node}: {error}") from None
        return await self._others.answer(request) if found is None else found
