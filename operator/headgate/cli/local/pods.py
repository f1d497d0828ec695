"""Runs the pods of a local Run: each a process under a folder of its own, by the protocol of operator/docs/protocol.md.

What a process leaves is collected as Argo would. Asked by `engine`.
"""

import asyncio
import contextlib
import itertools
import os
import shutil
import signal
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path

from headgate.cli.local.leg import Pod
from headgate.cli.local.podplan import Parameter, PodPlan
from headgate.cli.local.runtime import VARIABLES
from headgate.lifecycle.moments import parse, spell_exactly
from headgate_lang.documents import DocumentError, decode, encode
from headgate_lang.task import REPORT, VARIABLE

_ROOT = "HEADGATE_ROOT"
_GRACE = 30.0
"""Seconds that a process has after SIGTERM: what Kubernetes gives a pod."""
_LONGEST_LINE = 1 << 20
_LARGEST = 256 * 1024
"""Of one parameter, in bytes: as in Argo."""

Tell = Callable[[bytes], None]


class Pods:
    """`folder`: where pods have theirs. `tell`: is given each line that a process prints."""

    def __init__(self, folder: Path, environment: Mapping[str, str], tell: Tell) -> None:
        self._folder = folder
        self._environment = {name: environment[name] for name in VARIABLES if name in environment}
        self._tell = tell
        self._numbers = itertools.count(1)
        self._running: dict[object, asyncio.subprocess.Process] = {}

    def __len__(self) -> int:
        return len(self._running)

    async def run(self, key: object, plan: PodPlan, skipped: timedelta) -> Pod:
        """To its end. `key`: by which it can be stopped. `skipped`: how much later it is for the Run than outside."""
        root = self._folder / "pods" / str(next(self._numbers))
        try:
            self._lay_out(root, plan)
            phase, message = await self._carry_out(key, root, plan)
            kept = frozenset(self._store(root, plan))
            outputs = {one.name: _read(root, one) for one in plan.parameters}
        except OSError as error:
            return Pod("Error", message=f"this machine: {error}")
        finally:
            shutil.rmtree(root, ignore_errors=True)
        outputs[REPORT] = _later(outputs.get(REPORT, ""), skipped)
        return Pod(phase, message=message, outputs=outputs, artifacts=kept)

    def stop(self, key: object) -> None:
        """Ask it to end; what it was doing is told as far as it got."""
        process = self._running.get(key)
        if process is not None:
            _signal(process, signal.SIGTERM)
            asyncio.get_running_loop().call_later(_GRACE, _signal, process, signal.SIGKILL)

    def kill(self) -> None:
        """All of them, at once."""
        for process in self._running.values():
            _signal(process, signal.SIGKILL)

    def _lay_out(self, root: Path, plan: PodPlan) -> None:
        for folder in ("out", "tmp"):
            (root / folder).mkdir(parents=True)
        for path, text in plan.files.items():
            file = root / path.lstrip("/")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        for one in plan.fetched:
            source, file = self._in_store(one.key), root / one.path.lstrip("/")
            if source.exists():
                file.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, file)

    def _in_store(self, key: str) -> Path:
        return self._folder / key

    def _store(self, root: Path, plan: PodPlan) -> Iterator[str]:
        for one in plan.kept:
            file, target = root / one.path.lstrip("/"), self._in_store(one.key)
            if file.is_file():
                target.parent.mkdir(parents=True, exist_ok=True)
                file.rename(target)
                yield one.name

    async def _carry_out(self, key: object, root: Path, plan: PodPlan) -> tuple[str, str]:
        told = {VARIABLE: plan.task, _ROOT: str(root), "TMPDIR": str(root / "tmp")}
        try:
            process = await asyncio.create_subprocess_exec(
                *plan.command,
                env={**self._environment, **told},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                limit=_LONGEST_LINE,
                start_new_session=True,  # Ctrl-C is for us: what becomes of the pods is decided, not left to chance
            )
        except OSError as error:
            return "Error", f"{plan.command[0]} cannot be started: {error.strerror or error}"
        self._running[key] = process
        try:
            last, was_late = await self._wait(process, plan.deadline)
        finally:
            _signal(process, signal.SIGKILL)  # whatever it has left behind
            del self._running[key]
        if process.returncode == 0:
            return "Succeeded", ""
        if was_late:
            return "Failed", "DeadlineExceeded"
        return "Failed", f"{Path(plan.command[0]).name} ended with {_code(process.returncode)}{last and f': {last}'}"

    async def _wait(self, process: asyncio.subprocess.Process, deadline: float) -> tuple[str, bool]:
        """Its last words, and whether its time was over."""
        reading = asyncio.ensure_future(self._read_lines(process))
        was_late = False
        try:
            async with asyncio.timeout(deadline):
                await process.wait()
        except TimeoutError:
            was_late = True
            await _stop(process)
        except asyncio.CancelledError:
            await _stop(process)
            raise
        finally:
            # Who else holds the other end of the pipe is not waited for.
            await asyncio.wait([reading], timeout=1.0)
            reading.cancel()
        last = reading.result() if reading.done() and not reading.cancelled() else ""
        return last, was_late

    async def _read_lines(self, process: asyncio.subprocess.Process) -> str:
        assert process.stdout is not None
        last = ""
        while True:
            try:
                line = await process.stdout.readline()
            except ValueError:  # longer than a line may be: the rest of it is read on
                continue
            if not line:
                return last
            last = line.decode(errors="replace").strip()[-300:] or last
            self._tell(line)


async def _stop(process: asyncio.subprocess.Process) -> None:
    _signal(process, signal.SIGTERM)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_GRACE):
            await process.wait()
            return
    _signal(process, signal.SIGKILL)
    await process.wait()


def _signal(process: asyncio.subprocess.Process, number: signal.Signals) -> None:
    """SIGKILL is for all that it has started, too."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if number is signal.SIGKILL:
            os.killpg(process.pid, number)
        elif process.returncode is None:
            process.send_signal(number)


def _code(returncode: int | None) -> str:
    if returncode is not None and returncode < 0:
        return f"signal {-returncode}"
    return f"exit code {returncode}"


def _read(root: Path, parameter: Parameter) -> str:
    """As Argo reads a parameter: what is not there has its default."""
    try:
        with (root / parameter.path.lstrip("/")).open("rb") as file:
            return file.read(_LARGEST).decode()
    except (OSError, UnicodeDecodeError):
        return parameter.default


def _later(told: str, skipped: timedelta) -> str:
    """A report in the time of the Run. One that is none is left as it is: the decision says what is wrong with it."""
    if not skipped or not told:
        return told
    try:
        document = decode(told)
        for entry in document["instances"].values():
            moment = parse(entry.get("startedAt"))
            if moment is not None:
                entry["startedAt"] = spell_exactly(moment + skipped)
        return encode(document)
    except (DocumentError, KeyError, TypeError, AttributeError):
        return told
