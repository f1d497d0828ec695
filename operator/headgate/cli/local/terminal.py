"""A person at a terminal: questions line by line, and an editor for longer texts. `conversation` knows what to ask."""

import asyncio
import json
import os
import shlex
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO, Protocol, TextIO

from headgate.cli.local.people import NobodyThereError

_LONGEST_LINE = 1 << 16


class Talk(Protocol):
    """What a conversation needs."""

    def say(self, text: str) -> None: ...

    async def ask(self, prompt: str) -> str:
        """One line, less its line break."""
        ...

    async def edit(self, values: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """The values as a person left them in an editor; None: there is none. Raises ValueError for what is no JSON."""
        ...


class Terminal:
    def __init__(self, stdin: BinaryIO, out: TextIO, environment: Mapping[str, str]) -> None:
        self._stdin = stdin.fileno()
        self._out = out
        self._editor = environment.get("VISUAL") or environment.get("EDITOR")

    def say(self, text: str) -> None:
        self._out.write(text)
        self._out.flush()

    async def ask(self, prompt: str) -> str:
        self.say(prompt)
        loop = asyncio.get_running_loop()
        ready = asyncio.Event()
        loop.add_reader(self._stdin, ready.set)
        try:
            await ready.wait()
        finally:
            loop.remove_reader(self._stdin)
        line = os.read(self._stdin, _LONGEST_LINE)  # a terminal gives whole lines
        if not line:
            self.say("\n")
            raise NobodyThereError("the terminal was closed before the question was answered")
        return line.decode(errors="replace").rstrip("\r\n")

    async def edit(self, values: Mapping[str, Any]) -> Mapping[str, Any] | None:
        if not self._editor:
            return None
        only = next(iter(values)) if len(values) == 1 and isinstance(next(iter(values.values())), str) else None
        before = values[only] if only is not None else json.dumps(values, ensure_ascii=False, indent=2) + "\n"
        with tempfile.TemporaryDirectory(prefix="headgate-edit-") as folder:
            file = Path(folder) / ("text.md" if only is not None else "values.json")
            file.write_text(before, encoding="utf-8")
            process = await asyncio.create_subprocess_exec(*shlex.split(self._editor), str(file))
            if await process.wait() != 0:
                return None
            after = file.read_text(encoding="utf-8")
        if only is not None:
            return {only: after if before.endswith("\n") else after.removesuffix("\n")}
        edited = json.loads(after)
        if not isinstance(edited, dict):
            raise ValueError("it is no JSON object")  # noqa: TRY004 - what a person wrote, as bad JSON is
        return edited
