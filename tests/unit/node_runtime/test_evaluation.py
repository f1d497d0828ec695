"""Expressions are bounded from outside: the kernel ends a process that computes for too long, and another goes on."""

import asyncio
import socket
import time
from collections.abc import Sequence
from typing import Any

from headgate_lang.values import ABSENT
from headgate_node.runtime.evaluation.client import Evaluation
from headgate_node.runtime.evaluation.wire import Answer, Job

LONG = f"[{','.join(['1'] * 200)}].map(x, a.big.matches('(x+x+)+y'))"
"""Takes far longer than a tenth of a second."""


class Documents:
    def find(self, root: str) -> tuple[Any, Any] | None:
        return ({"n": 4, "big": "x" * 500_000, "null": None}, None) if root == "a" else None


def ask(control: socket.socket, *jobs: Job, times: int = 1) -> list[Answer]:
    async def run() -> Sequence[Answer]:
        evaluation = Evaluation(control.dup(), Documents())
        try:
            answers: list[Answer] = []
            for _ in range(times):
                answers += await evaluation.answer(jobs)
            return answers
        finally:
            evaluation.close()

    return list(asyncio.run(run()))


def test_answers_come_in_the_order_of_the_questions(control: socket.socket) -> None:
    found = ask(control, Job("a.n + 1"), Job("a.?none"), Job("a.n + 'x'"), Job("a.n"), Job("item * 2", {"item": 3}))
    assert [found[0].value, found[1].value, found[3].value, found[4].value] == [5, ABSENT, 4, 6]
    assert "`a.n` is an integer" in (found[2].message or "")


def test_an_expression_that_takes_too_long_is_named_and_the_others_have_their_answers(control: socket.socket) -> None:
    slow, quick = Job(LONG), Job("a.n")
    found = ask(control, quick, quick, slow, quick, slow, quick)
    assert [answer.value for answer in found] == [4, 4, None, 4, None, 4]
    assert {answer.message for answer in found if answer.value is None} == {"it takes more than 100 ms"}
    assert all("let a node do it" in answer.remedy for answer in found if answer.value is None)


def test_an_expression_that_takes_too_much_memory_ends_nobody_else(control: socket.socket) -> None:
    greedy = Job("[1,2,3,4,5,6,7,8,9].map(x, [" + ",".join(["a.big + a.big"] * 200) + "])")
    found = ask(control, Job("a.n"), greedy, Job("a.n"))
    assert [found[0].value, found[2].value] == [4, 4]
    assert found[1].message is not None


def test_what_cannot_be_compiled_is_an_answer_too(control: socket.socket) -> None:
    (found,) = ask(control, Job("a.n +"))
    assert found.message


def test_an_expression_that_ends_one_evaluator_after_the_other_is_not_tried_for_ever(control: socket.socket) -> None:
    begun = time.monotonic()
    found = ask(control, *[Job(LONG), Job("a.n")] * 100)
    assert time.monotonic() - begun < 8
    assert [answer.value for answer in found[1::2]] == [4] * 100
    assert {answer.message for answer in found[::2]} == {"it takes more than 100 ms"}
