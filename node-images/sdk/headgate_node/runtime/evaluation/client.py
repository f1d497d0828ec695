"""The worker's side: hands expressions to an evaluator in batches, and gets a new one where one was ended.

Which expression it was that ended it shows when the rest is asked for one by one.
"""

import asyncio
import re
import signal
import socket
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from headgate_lang.values import ABSENT
from headgate_node.runtime.evaluation import wire
from headgate_node.runtime.evaluation.answering import SECONDS
from headgate_node.runtime.evaluation.wire import Answer, Job

MOST_ENDED = 5
"""Evaluators that one expression of a batch may end. Of a loop, its other items are not tried then."""


class Documents(Protocol):
    """What expressions can read: see `scope.Roots`."""

    def find(self, root: str) -> tuple[Any, Any] | None:
        """Document and schema of a root; None if there is none."""


class Evaluation:
    def __init__(self, control: socket.socket | None, documents: Documents) -> None:
        self._control = control
        if control is not None:
            control.setblocking(False)
        self._documents = documents
        self._connection: socket.socket | None = None
        self._known: set[str] = set()
        self._lock = asyncio.Lock()

    async def answer(self, jobs: Sequence[Job]) -> list[Answer]:
        """The answer to each, in order."""
        if not jobs:
            return []
        async with self._lock:
            try:
                return await self._answer(jobs)
            except BaseException:
                self._drop()  # half an answer may be on its way
                raise

    def close(self) -> None:
        self._drop()
        if self._control is not None:
            self._control.close()

    async def _answer(self, jobs: Sequence[Job]) -> list[Answer]:
        answers: dict[int, Answer] = {}
        waiting = list(range(len(jobs)))
        ended: Counter[str] = Counter()
        while waiting:
            connection = self._connection or await self._connect()
            try:
                await self._ask(connection, [jobs[number] for number in waiting], one_by_one=bool(ended))
                while waiting:
                    found = [_read_answer(parts) for parts in await _receive(connection)]
                    answers.update(zip(waiting, found, strict=False))
                    del waiting[: len(found)]
            except (EOFError, ConnectionError):
                answer = _ended(await self._why_ended())
                source = jobs[waiting[0]].source if ended else ""
                ended[source] += 1
                over = waiting[:1] if source else []
                if ended[source] >= MOST_ENDED and source:
                    over = [number for number in waiting if jobs[number].source == source]
                answers.update(dict.fromkeys(over, answer))
                waiting = [number for number in waiting if number not in answers]
        return [answers[number] for number in range(len(jobs))]

    async def _ask(self, connection: socket.socket, jobs: Sequence[Job], *, one_by_one: bool) -> None:
        loop = asyncio.get_running_loop()
        new = {root: found for root in _names_in(jobs) - self._known if (found := self._documents.find(root))}
        if new:
            await loop.sock_sendall(connection, wire.pack(["know", new]))
            self._known |= new.keys()
        await loop.sock_sendall(connection, wire.pack(["ask", [tuple(job) for job in jobs], one_by_one]))

    async def _connect(self) -> socket.socket:
        await self._why_ended()
        assert self._connection is not None
        return self._connection

    async def _why_ended(self) -> int:
        """Get a new evaluator, and hear how the last one ended."""
        if self._control is None:
            raise RuntimeError("there is a computed expression, and nobody said so at the start")
        self._drop()
        await asyncio.get_running_loop().sock_sendall(self._control, wire.pack("next"))
        await _until_readable(self._control)
        status, self._connection = _take_connection(self._control)
        return status

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None
        self._known.clear()


def _take_connection(control: socket.socket) -> tuple[int, socket.socket]:
    data, files, _, _ = socket.recv_fds(control, 1024, 1)
    if not files:
        raise RuntimeError("the process that evaluates expressions has ended")
    connection = socket.socket(fileno=files[0])
    connection.setblocking(False)
    status: int = wire.unpack(data[wire.HEADER :])
    return status, connection


async def _until_readable(connection: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    readable = asyncio.Event()
    loop.add_reader(connection, readable.set)
    try:
        await readable.wait()
    finally:
        loop.remove_reader(connection)


async def _receive(connection: socket.socket) -> Any:
    return wire.unpack(await _exactly(connection, wire.length_of(await _exactly(connection, wire.HEADER))))


async def _exactly(connection: socket.socket, size: int) -> bytes:
    loop = asyncio.get_running_loop()
    data = bytearray()
    while len(data) < size:
        piece = await loop.sock_recv(connection, min(size - len(data), 1 << 20))
        if not piece:
            raise EOFError
        data += piece
    return bytes(data)


_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def _names_in(jobs: Iterable[Job]) -> set[str]:
    """Whatever may be a root in them: more than there are does no harm."""
    return {name for source in {job.source for job in jobs} for name in _NAME.findall(source)}


def _read_answer(parts: Sequence[Any]) -> Answer:
    match parts:
        case ():
            return Answer(ABSENT)
        case (value,):
            return Answer(value)
        case _:
            return Answer(message=parts[0], remedy=parts[1])


def _ended(status: int) -> Answer:
    remedy = "let it work on less at once, or let a node do it"
    if status == -signal.SIGPROF:
        return Answer(message=f"it takes more than {SECONDS * 1000:g} ms", remedy=remedy)
    return Answer(message="it takes more memory than an expression may", remedy=remedy)
